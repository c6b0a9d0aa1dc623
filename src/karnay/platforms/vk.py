"""VK: posts on the wall of a community, https://dev.vk.com/method/wall.post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING, Budget
from karnay.errors import AccountError, OutcomeUnknown, PublishingError, RateLimited, Rejected
from karnay.media.limits import MEGABYTE, ImageLimits, MediaLimits
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, ambiguous, clipped, own_words
from karnay.platforms.base import (
    Effect,
    Exchange,
    Identity,
    Key,
    Receipt,
    Refusal,
    Sample,
    Sighting,
    Step,
)
from karnay.platforms.calls import Call, File, Form, Joined, Json, Ref
from karnay.platforms.logins import Asked, Question
from karnay.platforms.sightings import Seen, Unsure, Wanted, essence, look
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Doubt, Limits
from karnay.secrets import SecretRef
from karnay.text.measure import Counter, Dialect
from karnay.text.meta import hashtags, links
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind, RichText
from karnay.text.sizes import utf16_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.rendering.variant import Variant
    from karnay.text.richtext import Span

T = TypeVar("T")

API, SITE = "https://api.vk.com", "https://vk.com"

TEXT, DOUBTED = 15_895, 2_048
"""On no official page: the first is what people found out, the second what Postiz sends:
https://github.com/gitroomhq/postiz-app"""

DOUBT = Doubt(
    Counter("characters", DOUBTED, utf16_units),
    "VK states no limit; others send it no more than {limit} characters, these are {used}",
)

MEDIA = MediaLimits(
    most=10,
    images=ImageLimits(
        formats=("image/jpeg", "image/png"),
        max_bytes=10 * MEGABYTE,
        max_sides=10_000,
        min_ratio=1 / 20,
        max_ratio=20,
    ),
)
"""Attachments of a post; VK names no limits to pictures where it tells of
https://dev.vk.com/method/photos.getWallUploadServer, so that these are safe ones."""

PAGE = 100
"""The most posts in one answer: https://dev.vk.com/method/wall.get"""


class Details(BaseModel):
    """An account's table in karnay.toml: whose wall, and a user's token.

    `owner` is negative for a community, in whose name is posted then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    owner: str = Field(pattern=r"^-?[1-9]\d*$")
    token: SecretRef
    version: str = Field("5.199", pattern=r"^5\.\d+$")
    api: Address = API

    @property
    def group(self) -> dict[str, Json]:
        """The community's number, where it is one's wall."""
        return {"group_id": self.owner[1:]} if self.owner.startswith("-") else {}

    def method(self, name: str) -> str:
        """The address of a method; the wire puts the token in."""
        return f"{self.api}/method/{name}?access_token={{token}}&v={self.version}"


class Options(BaseModel):
    """What a post may say under `platforms.vk`.

    `copyright` is the address of the source. VK has no field for what a picture shows:
    `append_alt` adds it to the text. Without `link_preview`, a link is not attached.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    signed: bool = False
    close_comments: bool = False
    mute_notifications: bool = False
    mark_as_ads: bool = False
    copyright: str = ""
    link_preview: bool = True
    append_alt: bool = False

    def fields(self) -> dict[str, Json]:
        """The options as VK names them; what is not asked for is left out."""
        switches = {
            "signed": self.signed,
            "close_comments": self.close_comments,
            "mute_notifications": self.mute_notifications,
            "mark_as_ads": self.mark_as_ads,
        }
        on = {name: "1" for name, value in switches.items() if value}
        return {**on, **({"copyright": self.copyright} if self.copyright else {})}


def detect(text: str) -> tuple[Span, ...]:
    """Links and hashtags, as VK finds them in a post."""
    return without_overlaps((*links(text), *hashtags(text)))


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post: its pictures, out of sight; then the post."""

    details: Details
    options: Options
    key: Key

    def steps(self, text: RichText, assets: Sequence[Asset]) -> Iterator[Step]:
        """All of them, in order: https://dev.vk.com/api/upload/wall-photo"""
        if assets:
            call = self._call("photos.getWallUploadServer", self.details.group)
            yield self._step("server-1", Effect.SAFE, call)
        for number, asset in enumerate(assets, start=1):
            yield self._upload(number, asset)
            yield self._save(number)
        call = self._call("wall.post", self._post(text, assets))
        yield self._step("create-1", Effect.ONCE, call, part=0)

    def _upload(self, number: int, asset: Asset) -> Step:
        form, refs = Form({"photo": File(asset)}), {"server": Ref("server-1")}
        call = Call("POST", "{server}", body=form, refs=refs)
        return self._step(f"upload-{number}", Effect.SAFE, call)

    def _save(self, number: int) -> Step:
        """https://dev.vk.com/method/photos.saveWallPhoto"""
        told = {name: Ref(f"upload-{number}", name) for name in ("server", "photo", "hash")}
        call = self._call("photos.saveWallPhoto", {**self.details.group, **told})
        return self._step(f"save-{number}", Effect.SAFE, call)

    def _post(self, text: RichText, assets: Sequence[Asset]) -> dict[str, Json]:
        """https://dev.vk.com/method/wall.post; what `guid` does there, no document says."""
        attached = _photos(len(assets)) if assets else self._link(text)
        return {
            "owner_id": self.details.owner,
            **({"from_group": "1"} if self.details.group else {}),
            "message": text.text,
            **({"attachments": attached} if attached else {}),
            **self.options.fields(),
            "guid": self.key.step("create-1"),
        }

    def _link(self, text: RichText) -> str:
        """The address that VK is to show: the first one, as long as it is a whole one."""
        found = (span.value for span in detect(text.text) if span.kind is Kind.LINK)
        whole = (link for link in found if link.startswith(("https://", "http://")))
        return next(whole, "") if self.options.link_preview else ""

    def _call(self, method: str, fields: Mapping[str, Json]) -> Call:
        return Call("POST", self.details.method(method), body=Form(fields))

    def _step(self, name: str, effect: Effect, call: Call, part: int | None = None) -> Step:
        return Step(name, effect, self.key.step(name), call, part)


def _photos(count: int) -> Joined:
    """All pictures, with commas between them."""
    pieces = [piece for n in range(1, count + 1) for piece in (",", Ref(f"save-{n}"))]
    return Joined(tuple(pieces[1:]))


CODES: Mapping[int, type[PublishingError]] = MappingProxyType(
    {
        **dict.fromkeys((5, 7, 14, 15), AccountError),  # 14: it wants a person to read letters
        **dict.fromkeys((6, 9, 29), RateLimited),
        **dict.fromkeys((100, 214, 219, 220, 222, 224), Rejected),
        10: OutcomeUnknown,  # an error of theirs: it may have been done
    }
)
"""https://dev.vk.com/reference/errors"""

PAUSES: Mapping[int, timedelta] = MappingProxyType({6: timedelta(seconds=2)})
"""How long to leave VK alone, where that is not an hour."""

_REFUSED, _PER_DAY = 214, "day"


@dataclass(frozen=True, slots=True)
class _Fault:
    code: int
    said: str

    @property
    def kind(self) -> type[PublishingError] | None:
        """What it is called. That there were too many posts in a day is told as a refusal."""
        if self.code == _REFUSED and _PER_DAY in self.said.lower():
            return RateLimited
        return CODES.get(self.code)


def _fault_in(answer: Answer) -> _Fault | None:
    """What went wrong, which VK tells with the status of success."""
    error = answer.member("error")
    if not isinstance(error, dict) or not isinstance(error.get("error_code"), int):
        return None
    return _Fault(error["error_code"], str(error.get("error_msg", "")))


def _words(answer: Answer) -> str:
    fault = _fault_in(answer)
    return f"{fault.said} (code {fault.code})" if fault else own_words(answer)


@dataclass(frozen=True, slots=True)
class _Errors(ErrorTable):
    """How VK says no: by a number in the body, whatever the status."""

    words: Callable[[Answer], str] = _words

    def error(self, answer: Answer, effect: Effect, now: datetime) -> PublishingError:
        """The one error that this answer, which is no success, is called."""
        fault = _fault_in(answer)
        if fault is None:
            return ErrorTable.error(self, answer, effect, now)
        kind, message = fault.kind or OutcomeUnknown, clipped(_words(answer), 500)
        if kind is RateLimited:
            return RateLimited(message, now + PAUSES.get(fault.code, timedelta(hours=1)))
        return ambiguous(effect, message) if kind is OutcomeUnknown else kind(message)


ERRORS = _Errors()


@dataclass(frozen=True, slots=True)
class _Wall:
    """An account's wall."""

    details: Details
    wire: Wire

    def ask(self, call: Call, effect: Effect, read: Callable[[Any], T]) -> T:
        """The whole answer to that call as `read` reads it. Raises PublishingError."""
        secrets = {"token": secret(self.details.token)}
        answer = self.wire.send(call, effect=effect, secrets=secrets)
        if answer.ok and _fault_in(answer):
            raise ERRORS.error(answer, effect, self.wire.clock.now())
        return self.wire.understood(answer, effect=effect, table=ERRORS, read=read)

    def change(self, method: str, post: str, **fields: Json) -> None:
        """Change a post; the same change again changes nothing more. Raises PublishingError."""
        form = Form({"owner_id": self.details.owner, "post_id": post, **fields})
        self.ask(Call("POST", self.details.method(method), body=form), Effect.KEYED, _done)

    def newest(self, count: int = PAGE) -> list[Mapping[str, Any]]:
        """The newest posts, a pinned one before them. Raises PublishingError."""
        query = urlencode({"owner_id": self.details.owner, "count": count})
        return self.ask(
            Call("GET", f"{self.details.method('wall.get')}&{query}"), Effect.SAFE, _listed
        )

    def post(self, number: str) -> Mapping[str, Any] | None:
        """That one of the newest posts, or None."""
        return next((post for post in self.newest() if str(post["id"]) == number), None)

    def lacks(self, number: str) -> bool:
        """Whether the wall surely holds no such post (any more): numbers grow."""
        posts = self.newest()
        in_turn = [int(post["id"]) for post in posts if not post.get("is_pinned")]
        whole = len(in_turn) < PAGE - 1 or min(in_turn) < int(number)
        return whole and int(number) not in {int(post["id"]) for post in posts}

    def since(self, earliest: datetime) -> Iterator[Seen]:
        """What the owner posted since then. Raises Unsure, or a PublishingError."""
        posts = self.newest()
        new = [post for post in posts if _made(post) >= earliest]
        for post in new:
            if str(post["from_id"]) == self.details.owner:
                yield Seen(self.receipt(post["id"]), _made(post), essence(post["text"]))
        if len(new) >= PAGE - 1:
            raise Unsure(f"{PAGE} posts or more are newer than what we look for", for_good=True)

    def receipt(self, number: int) -> Receipt:
        """What identifies a post, and where people see it."""
        if not isinstance(number, int) or number < 1:
            raise ValueError("no number")
        return Receipt(str(number), f"{_home(self.details)}_{number}")


def _home(details: Details) -> str:
    site = details.api if loopback(details.api) else SITE
    return f"{site}/wall{details.owner}"


def _listed(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    posts = body["response"]["items"]
    if not isinstance(posts, list):
        raise TypeError("no list")
    return posts


def _made(post: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(post["date"]), UTC)


def _server(body: Mapping[str, Any]) -> Receipt:
    return Receipt(str(body["response"]["upload_url"]))


def _uploaded(body: Mapping[str, Any]) -> Receipt:
    """What saving it asks for, as the server that has it told it."""
    told = {name: str(body[name]) for name in ("server", "photo", "hash")}
    return Receipt(told["hash"], data=told)


def _saved(body: Mapping[str, Any]) -> Receipt:
    (photo,) = body["response"]
    return Receipt(f"photo{int(photo['owner_id'])}_{int(photo['id'])}")


def _done(body: Mapping[str, Any]) -> None:
    if not body["response"]:
        raise ValueError("not done")


_READ: Mapping[str, Callable[[Mapping[str, Any]], Receipt]] = {
    "server": _server,
    "upload": _uploaded,
    "save": _saved,
}


def _details(account: Account) -> Details:
    return cast("Details", account.details)


_COUNTS = {"views": "views", "likes": "likes", "reposts": "reposts", "replies": "comments"}

_POST = {
    "id": 214,
    "owner_id": -22822305,
    "from_id": -22822305,
    "date": 1_795_000_000,
    "text": "Words",
}


def _no(code: int, said: str, error: type[PublishingError]) -> Refusal:
    return Refusal(200, {"error": {"error_code": code, "error_msg": said}}, error)


def _photo(number: int) -> Exchange:
    told = {"response": [{"id": number, "owner_id": -22822305, "album_id": -14}]}
    return Exchange("POST", "/method/photos.saveWallPhoto", 200, told)


SAMPLE = Sample(
    account={"platform": "vk", "owner": "-22822305", "token": "env:VK_TOKEN"},
    secrets={"VK_TOKEN": "vk1.a.madeUpForTests-0123456789abcdef"},
    network=(
        Exchange(
            "POST",
            "/method/photos.getWallUploadServer",
            200,
            {"response": {"upload_url": "https://pu.vk.example/c1/upload.php?act=do_add&mid=1"}},
        ),
        Exchange(
            "POST", "/upload.php", 200, {"server": 626627, "photo": '[{"photo":"a1"}]', "hash": "5"}
        ),
        *map(_photo, (457_239_017, 457_239_018, 457_239_019)),
        Exchange("POST", "/method/wall.post", 200, {"response": {"post_id": 214}}),
        Exchange("GET", "/method/wall.get", 200, {"response": {"count": 1, "items": [_POST]}}),
    ),
    refusals=(
        _no(5, "User authorization failed: invalid access_token", AccountError),
        _no(7, "Permission to perform this action is denied", AccountError),
        _no(14, "Captcha needed", AccountError),
        _no(15, "Access denied", AccountError),
        _no(6, "Too many requests per second", RateLimited),
        _no(9, "Flood control", RateLimited),
        _no(29, "Rate limit reached", RateLimited),
        _no(214, "Access to adding post denied: you can only add 50 posts a day", RateLimited),
        _no(10, "Internal server error", OutcomeUnknown),
        _no(1, "Unknown error occurred", OutcomeUnknown),
        _no(100, "One of the parameters specified was missing or invalid", Rejected),
        _no(214, "Access to adding post denied", Rejected),
        _no(219, "Advertisement post was recently added", Rejected),
        _no(220, "Too many recipients", Rejected),
        _no(222, "Hyperlinks are forbidden", Rejected),
        _no(224, "Too many ads posts", Rejected),
    ),
)
"""Answers as https://dev.vk.com/method/wall.post and https://dev.vk.com/reference/errors do."""


class VK:
    """One post on a wall; looked for among its newest when the answer was lost."""

    name = "vk"
    title = "VK"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    budgets = (Budget(50, timedelta(days=1)),)  # as its own refusal says
    sample = SAMPLE
    login = Asked((Question("token", "access token", "https://dev.vk.com/api/access-token"),))

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """15,895 characters, or fewer: no document says; ten pictures; there are no threads."""
        return Limits(
            counters=(Counter("characters", TEXT, utf16_units),),
            dialect=Dialect(detect=detect),
            media=MEDIA,
            alt_in_text=bool(options.get("append_alt")),
            doubts=(DOUBT,),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Its pictures, uploaded and saved; then the post."""
        options = Options.model_validate(dict(variant.options))
        [part] = variant.parts
        return list(_Plan(_details(account), options, key).steps(part.text, part.media))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Upload or save a picture, or post. Raises a PublishingError, and nothing else."""
        wall = _Wall(_details(account), wire)

        def posted(body: Mapping[str, Any]) -> Receipt:
            return wall.receipt(body["response"]["post_id"])

        read = _READ.get(step.name.partition("-")[0], posted)
        return wall.ask(step.call, step.effect, read)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change a post's words, and what is attached to it: https://dev.vk.com/method/wall.edit"""
        said = ("message", "attachments", "signed", "close_comments", "copyright", "mark_as_ads")
        fields = {name: value for name, value in step.call.fields.items() if name in said}
        _Wall(_details(account), wire).change("wall.edit", receipt.id, **fields)
        return receipt

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a post down: https://dev.vk.com/method/wall.delete

        No document says how VK refuses one that is gone: then the wall itself is asked.
        """
        wall = _Wall(_details(account), wire)
        try:
            wall.change("wall.delete", receipt.id)
        except (AccountError, Rejected):
            if not wall.lacks(receipt.id):
                raise

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Those of one of the wall's hundred newest posts: https://dev.vk.com/reference/objects/post

        Of older ones, nothing.
        """
        post = _Wall(_details(account), wire).post(receipt.id) or {}
        return {
            name: int(post[theirs]["count"]) for name, theirs in _COUNTS.items() if theirs in post
        }

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look for the words of a filled step among the newest posts of the wall's owner."""
        wanted = Wanted(essence(step.call.fields["message"]), None, since)
        return look(_Wall(_details(account), wire).since(wanted.earliest), wanted)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The wall, which the token must be able to read. Raises PublishingError."""
        details = _details(account)
        _Wall(details, wire).newest(1)
        return Identity(f"wall{details.owner}", _home(details))


PLATFORM = VK()
