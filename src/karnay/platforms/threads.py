"""Threads: words, pictures, carousels, videos, and chains of replies,
https://developers.facebook.com/docs/threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING, Budget
from karnay.media.asset import Kind
from karnay.platforms import hosting
from karnay.platforms.address import Address
from karnay.platforms.base import Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, Json, Ref
from karnay.platforms.containers import Desk
from karnay.platforms.graph import BEARER, VERSION, Graph, GraphErrors, insights, number
from karnay.platforms.threads_login import LOGIN
from karnay.platforms.threads_look import CONTAINERS, Clue, Look, mark_of
from karnay.platforms.threads_rules import (
    BYTES,
    CHARACTERS,
    ERRORS,
    LINKS,
    MEDIA,
    NO_CARD,
    READING,
    THREAD,
)
from karnay.platforms.threads_sample import SAMPLE
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text.measure import Counter, Dialect
from karnay.text.threads import detect, links_in, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Part, Variant

T = TypeVar("T")

SITE = "https://www.threads.com"

POLL = timedelta(seconds=3)
"""After which a container that is still being made is asked for again, ever more seldom."""


class Details(BaseModel):
    """An account's table in karnay.toml: a token, and whose it is.

    `user` is the profile's id; `me` is whoever the token is of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str = Field("me", pattern=r"^(me|\d+)$")
    token: SecretRef
    app: str = Field("", pattern=r"^\d*$")  # the Threads app's id, only for a log-in
    app_secret: SecretRef | None = None
    version: str = Field("v1.0", pattern=VERSION)
    api: Address = "https://graph.threads.net"

    @property
    def base(self) -> str:
        """The API's address, with its version."""
        return f"{self.api}/{self.version}"


class Options(BaseModel):
    """What a post may say under `platforms.threads`.

    `topic` is shown above the post; else its first hashtag becomes the topic. `link_attachment` is
    shown as a card under words without files, in place of their first link. `reply_control` says
    who may answer. In a thread, all of them are of its first part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # https://developers.facebook.com/docs/threads/create-posts#topic-tags
    topic: Annotated[str, Field(max_length=50, pattern=r"^[^.&]*$")] = ""
    link_attachment: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    reply_control: Literal[
        "everyone",
        "accounts_you_follow",
        "mentioned_only",
        "parent_post_author_only",
        "followers_only",
    ] = "everyone"

    def fields(self, *, files: bool) -> Mapping[str, Json]:
        """Those of them that a container is told, with or without files."""
        told = {
            "topic_tag": self.topic,
            "link_attachment": "" if files else self.link_attachment,
            "reply_control": "" if self.reply_control == "everyone" else self.reply_control,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post: files, out of sight; container by container a thread; then its links.

    A reply is made as any post, and names the one that it answers:
    https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/create-replies

    `auto_publish_text` would spare a request, and with it the container: all that can say later
    whether a post was published whose answer was lost.
    """

    account: Account
    options: Options
    key: Key

    def steps(self, parts: Sequence[Part]) -> Iterator[Step]:
        """All of them, in order. Raises ValueError where there is no address for a file."""
        numbers = count(1)
        numbered = [[(next(numbers), asset) for asset in part.media] for part in parts]
        for media in numbered:
            for n, asset in media:
                yield hosting.host_step(asset, self.account, self.key, n)
        for index, (part, media) in enumerate(zip(parts, numbered, strict=True)):
            yield from self._part(index, part.text.text, media)
        for index in range(len(parts)):
            post = Ref(f"create-{index + 1}")
            yield self._get(f"link-{index + 1}", post, "id,permalink")

    def _part(self, index: int, text: str, media: list[tuple[int, Asset]]) -> Iterator[Step]:
        n = index + 1
        if len(media) > 1:
            yield from self._items(media)
        words = {"text": text} if text else {}
        first = self.options.fields(files=bool(media))
        own = {"reply_to_id": Ref(f"create-{index}")} if index else first
        yield self._container(f"container-{n}", {**self._holding(media), **words, **own})
        yield self._await(f"container-{n}", f"await-{n}")
        yield self._create(index, text)

    def _items(self, media: list[tuple[int, Asset]]) -> Iterator[Step]:
        """The containers of a carousel's files, each of which has to be ready before."""
        for n, asset in media:
            body = {**self._fetched(n, asset), "is_carousel_item": True}
            yield self._container(f"item-{n}", body)
        for n, _asset in media:
            yield self._await(f"item-{n}", f"await-item-{n}")

    def _holding(self, media: list[tuple[int, Asset]]) -> Mapping[str, Json]:
        match media:
            case []:
                return {"media_type": "TEXT"}
            case [(n, asset)]:
                return self._fetched(n, asset)
            case _:
                children = [Ref(f"item-{n}") for n, _asset in media]
                return {"media_type": "CAROUSEL", "children": children}

    def _fetched(self, n: int, asset: Asset) -> Mapping[str, Json]:
        """https://developers.facebook.com/docs/threads/posts#step-1--create-a-threads-media-container"""
        kind = "VIDEO" if asset.kind is Kind.VIDEO else "IMAGE"
        address = hosting.public_url(asset, self.account, self.key, n)
        alt = {"alt_text": asset.alt} if asset.alt else {}
        return {"media_type": kind, f"{kind.lower()}_url": address, **alt}

    def _container(self, name: str, body: Json) -> Step:
        return self._step(name, Effect.SAFE, self._call("/threads", body))

    def _await(self, container: str, name: str) -> Step:
        return self._get(name, Ref(container), CONTAINERS.fields)

    def _get(self, name: str, of: Ref, fields: str) -> Step:
        call = Call("GET", f"{self._details.base}/{{of}}?fields={fields}", BEARER, refs={"of": of})
        return self._step(name, Effect.SAFE, call)

    def _create(self, index: int, text: str) -> Step:
        """Publish a container. A fragment is never sent: it is for us, to know the post again."""
        clue = Clue(mark_of(text), "{parent}" if index else "")
        call = self._call(
            f"/threads_publish#{clue}", {"creation_id": Ref(f"container-{index + 1}")}
        )
        refs = {"parent": Ref(f"create-{index}")} if index else {}
        name = f"create-{index + 1}"
        return self._step(name, Effect.ONCE, replace(call, refs=refs), part=index)

    def _call(self, edge: str, body: Json) -> Call:
        return Call("POST", f"{self._details.base}/{self._details.user}{edge}", BEARER, body)

    def _step(self, name: str, effect: Effect, call: Call, part: int | None = None) -> Step:
        return Step(name, effect, self.key.step(name), call, part)

    @property
    def _details(self) -> Details:
        return _details(self.account)


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _graph(account: Account, wire: Wire, table: GraphErrors = ERRORS) -> Graph:
    details = _details(account)
    return Graph(details.base, details.token, wire, table)


def _desk(account: Account, wire: Wire) -> Desk:
    reading = _graph(account, wire, READING)
    return Desk(CONTAINERS, account, _graph(account, wire), reading, POLL)


class Threads:
    """Containers, which nobody sees and which say later whether they were published; then posts.

    A container is what an answer that was lost is settled by.
    """

    name = "threads"
    title = "Threads"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    # https://developers.facebook.com/docs/threads/overview#rate-limiting: replies are more
    budgets = (Budget(250, timedelta(days=1)),)
    sample = SAMPLE
    login = LOGIN

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """500 characters, an emoji as its bytes, and five different links, with files or without.

        A link that is attached is one of the five; with files, it is left out.
        """
        attached = bool(options.get("link_attachment"))
        return Limits(
            counters=(
                Counter("characters", CHARACTERS, measure),
                Counter("links", LINKS - (attached and not media), links_in),
            ),
            dialect=Dialect(detect=detect),
            parts=THREAD,
            doubts=(BYTES, NO_CARD) if attached and media else (BYTES,),
            media=MEDIA,
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Files to their public addresses; for each part a container, and its post; the links."""
        options = Options.model_validate(dict(variant.options))
        return list(_Plan(account, options, key).steps(variant.parts))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make one call, or copy. Raises a PublishingError, and nothing else."""
        return _desk(account, wire).perform(step)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Ask the container of a filled step, then look among the profile's posts."""
        return Look(_graph(account, wire, READING), _details(account).user, since).post(step)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The profile, and how much it may publish in a day, of which how much is used.

        https://developers.facebook.com/docs/threads/troubleshooting#retrieve-quota-limits
        """
        graph, user = _graph(account, wire), _details(account).user
        name = graph.get(f"/{user}", lambda body: number(body, "username"), fields="id,username")
        quota = graph.get(f"/{user}/threads_publishing_limit", _quota, fields=_QUOTA)
        return Identity(f"@{name}", f"{SITE}/@{name}", {"username": name, **quota})

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """https://developers.facebook.com/docs/threads/posts/delete-posts: 100 a day."""
        _graph(account, wire).delete(f"/{receipt.id}")

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Views, likes, replies, reposts, quotes and shares; nothing nested.

        https://developers.facebook.com/docs/threads/insights#media-insights
        """
        path, metric = f"/{receipt.id}/insights", ",".join(_INSIGHTS)
        return _graph(account, wire).get(path, insights(_INSIGHTS), metric=metric)


_QUOTA = "quota_usage,config,reply_quota_usage,reply_config"


def _quota(body: Mapping[str, Any]) -> Mapping[str, int]:
    [told] = body["data"]
    quota = {
        "posts_per_day": told["config"]["quota_total"],
        "posts_today": told["quota_usage"],
        "replies_per_day": told["reply_config"]["quota_total"],
        "replies_today": told["reply_quota_usage"],
    }
    return {name: int(value) for name, value in quota.items()}


_INSIGHTS = {name: name for name in ("views", "likes", "replies", "reposts", "quotes", "shares")}


PLATFORM = Threads()
