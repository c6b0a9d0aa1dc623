"""Instagram: pictures, carousels and reels of a professional account,
https://developers.facebook.com/docs/instagram-platform/content-publishing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING, Budget
from karnay.errors import (
    AccountError,
    Rejected,
)
from karnay.media.asset import Kind
from karnay.media.limits import MediaLimits
from karnay.platforms import hosting
from karnay.platforms.address import Address
from karnay.platforms.base import Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, File, Json, Ref
from karnay.platforms.containers import Desk
from karnay.platforms.graph import BEARER, VERSION, Graph, GraphErrors, insights, number
from karnay.platforms.instagram_login import BY_PAGE, OWN
from karnay.platforms.instagram_look import CONTAINERS, Look, mark_of
from karnay.platforms.instagram_rules import (
    ALT,
    CHARACTERS,
    ERRORS,
    FEW_HASHTAGS,
    HASHTAGS,
    IMAGES,
    ITEMS,
    MENTIONS,
    READING,
    VIDEOS,
)
from karnay.platforms.instagram_sample import SAMPLE
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text.instagram import detect, hashtags_in, measure, mentions_in
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.logins import Login
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Variant

T = TypeVar("T")

SITE = "https://www.instagram.com"
APIS = {"instagram": "https://graph.instagram.com", "facebook": "https://graph.facebook.com"}
UPLOADS = "https://rupload.facebook.com"

POLL = timedelta(seconds=5)
"""After which an item that is still being made is asked for again, ever more seldom."""


class Details(BaseModel):
    """An account's table in karnay.toml: its id, and a token.

    `through` says whose log-in gave the token: `instagram`, or `facebook` for an account that
    belongs to a Page; then videos go as bytes, and need no public address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str = Field(pattern=r"^\d+$")
    token: SecretRef
    through: Literal["instagram", "facebook"] = "instagram"
    app: str = Field("", pattern=r"^\d*$")  # with its secret, only for a log-in
    app_secret: SecretRef | None = None
    version: str = Field("v25.0", pattern=VERSION)
    api: Address | None = None
    uploads: Address = UPLOADS

    @property
    def address(self) -> str:
        """The API's address: the log-in's own, unless karnay.toml names another."""
        return self.api or APIS[self.through]

    @property
    def base(self) -> str:
        """The API's address, with its version."""
        return f"{self.address}/{self.version}"


class Options(BaseModel):
    """What a post may say under `platforms.instagram`.

    `first_comment` is put under the post; `collaborators` are invited; without `share_to_feed` a
    reel is shown among reels only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_comment: str = ""
    collaborators: Annotated[list[str], Field(max_length=3)] = []
    share_to_feed: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post: files and containers, out of sight; then the post; then the rest."""

    account: Account
    options: Options
    key: Key

    def steps(self, caption: str, media: tuple[Asset, ...]) -> Iterator[Step]:
        """All of them, in order. Raises ValueError where there is no file, or no address for it."""
        if not media:
            raise ValueError("Instagram publishes nothing without a picture or a video")
        whole = {"caption": caption, **self._invited()}
        several = len(media) > 1
        yield from self._carousel(media, whole) if several else self._contained(media, whole)
        yield self._create(len(media) + several, caption)
        yield self._get("link-1", Ref("create-1"), "id,permalink")
        if self.options.first_comment:
            yield self._comment()

    def _carousel(self, media: tuple[Asset, ...], whole: Mapping[str, Json]) -> Iterator[Step]:
        """A container for each file, and when all are ready, one that holds them."""
        yield from self._contained(media, {"is_carousel_item": True})
        children = [Ref(f"container-{n}") for n in range(1, len(media) + 1)]
        last = len(media) + 1
        yield self._container(last, {"media_type": "CAROUSEL", "children": children, **whole})
        yield self._await(last)

    def _contained(self, media: tuple[Asset, ...], own: Mapping[str, Json]) -> Iterator[Step]:
        for n, asset in enumerate(media, start=1):
            yield from self._item(n, asset, own)
        yield from (self._await(n) for n in range(1, len(media) + 1))

    def _item(self, n: int, asset: Asset, own: Mapping[str, Json]) -> Iterator[Step]:
        """What makes a container of one file."""
        film = asset.kind is Kind.VIDEO
        told = self._film(own) if film else {"alt_text": asset.alt} if asset.alt else {}
        if film and self._details.through == "facebook":
            yield self._container(n, {**told, "upload_type": "resumable", **own})
            yield self._upload(n, asset)
            return
        yield hosting.host_step(asset, self.account, self.key, n)
        address = hosting.public_url(asset, self.account, self.key, n)
        yield self._container(n, {"video_url" if film else "image_url": address, **told, **own})

    def _film(self, own: Mapping[str, Json]) -> Mapping[str, Json]:
        if "is_carousel_item" in own:
            return {"media_type": "VIDEO"}
        return {"media_type": "REELS", "share_to_feed": self.options.share_to_feed}

    def _invited(self) -> Mapping[str, Json]:
        names = self.options.collaborators
        return {"collaborators": names} if names else {}

    def _container(self, n: int, body: Json) -> Step:
        return self._step(f"container-{n}", Effect.SAFE, self._call("/media", body))

    def _upload(self, n: int, asset: Asset) -> Step:
        """The bytes in one piece.

        https://developers.facebook.com/docs/instagram-platform/content-publishing/resumable-uploads
        """
        details = self._details
        url = f"{details.uploads}/ig-api-upload/{details.version}/{{container}}"
        headers = {"Authorization": "OAuth {token}", "offset": "0", "file_size": str(asset.size)}
        refs = {"container": Ref(f"container-{n}")}
        call = Call("POST", url, headers, File(asset), refs)
        return self._step(f"upload-{n}", Effect.SAFE, call)

    def _await(self, n: int) -> Step:
        return self._get(f"await-{n}", Ref(f"container-{n}"), CONTAINERS.fields)

    def _get(self, name: str, of: Ref, fields: str) -> Step:
        call = Call("GET", f"{self._details.base}/{{of}}?fields={fields}", BEARER, refs={"of": of})
        return self._step(name, Effect.SAFE, call)

    def _create(self, n: int, caption: str) -> Step:
        """Publish a container. A fragment is never sent: it is for us, to know the post again."""
        body = {"creation_id": Ref(f"container-{n}")}
        call = self._call(f"/media_publish#{mark_of(caption)}", body)
        return self._step("create-1", Effect.ONCE, call, part=0)

    def _comment(self) -> Step:
        url = f"{self._details.base}/{{post}}/comments"
        body = {"message": self.options.first_comment}
        call = Call("POST", url, BEARER, body, {"post": Ref("create-1")})
        return self._step("comment-1", Effect.ONCE, call)

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


class Instagram:
    """Containers, which nobody sees and which say later whether they were published; then one post.

    A container is what an answer that was lost is settled by.
    """

    name = "instagram"
    title = "Instagram"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media_publish
    budgets = (Budget(50, timedelta(days=1)),)
    sample = SAMPLE

    def login(self, account: Account) -> Login:
        """By Instagram's own log-in, or by the token of the account's Page."""
        return BY_PAGE if _details(account).through == "facebook" else OWN

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """2,200 characters, 30 hashtags and 20 mentions; there are no threads and no links.

        One to ten pictures and videos; a single video is a reel.
        """
        by_bytes = getattr(account.details, "through", "") == "facebook"
        return Limits(
            counters=(
                Counter("characters", CHARACTERS, measure),
                Counter("hashtags", HASHTAGS, hashtags_in),
                Counter("mentions", MENTIONS, mentions_in),
            ),
            dialect=Dialect(detect=detect),
            doubts=(FEW_HASHTAGS,),
            media=MediaLimits(
                most=ITEMS,
                least=1,
                images=IMAGES,
                videos=VIDEOS,
                most_videos=ITEMS,
                mixed=True,
                alt=ALT,
                described=frozenset({Kind.IMAGE}),
                fetched=frozenset({Kind.IMAGE} if by_bytes else {Kind.IMAGE, Kind.VIDEO}),
            ),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Files to their public addresses, a container for each, the post, its link and comment."""
        options = Options.model_validate(dict(variant.options))
        [part] = variant.parts
        return list(_Plan(account, options, key).steps(part.text.text, part.media))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make one call, or copy. Raises a PublishingError, and nothing else."""
        return _desk(account, wire).perform(step)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Ask the container of a filled step, or look among the post's comments."""
        look = Look(_graph(account, wire, READING), _details(account).user, since)
        return look.comment(step) if step.part is None else look.post(step)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The account, and how much it may publish in a day, of which how much is used.

        https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
        """
        graph, user = _graph(account, wire), _details(account).user
        name = graph.get(f"/{user}", lambda body: number(body, "username"), fields="id,username")
        quota = graph.get(f"/{user}/content_publishing_limit", _quota, fields="quota_usage,config")
        return Identity(f"@{name}", f"{SITE}/{name}/", {"username": name, **quota})

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Likes and comments; views, reach, saves and shares where the token may read insights.

        https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/insights
        """
        graph = _graph(account, wire)
        counted = graph.get(f"/{receipt.id}", _counted, fields="like_count,comments_count")
        try:
            metric = ",".join(_INSIGHTS)
            return {
                **counted,
                **graph.get(f"/{receipt.id}/insights", insights(_INSIGHTS), metric=metric),
            }
        except (AccountError, Rejected):
            return counted


def _quota(body: Mapping[str, Any]) -> Mapping[str, int]:
    [told] = body["data"]
    quota = {"posts_per_day": told["config"]["quota_total"], "posts_today": told["quota_usage"]}
    return {name: int(value) for name, value in quota.items()}


def _counted(body: Mapping[str, Any]) -> dict[str, int]:
    names = {"like_count": "likes", "comments_count": "replies"}
    return {name: int(body[field]) for field, name in names.items() if field in body}


_INSIGHTS = {"views": "views", "reach": "reach", "saved": "saves", "shares": "reposts"}


PLATFORM = Instagram()
