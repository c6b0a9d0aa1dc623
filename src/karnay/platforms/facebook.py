"""Facebook: posts of a Page, https://developers.facebook.com/docs/pages-api/posts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING, Budget
from karnay.errors import AccountError, OutcomeUnknown, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import MEGABYTE, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address, loopback
from karnay.platforms.base import Absent, CannotTell, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, File, Form, Json, Ref
from karnay.platforms.facebook_login import LOGIN
from karnay.platforms.facebook_sample import SAMPLE
from karnay.platforms.graph import (
    BEARER,
    CODES,
    VERSION,
    Graph,
    GraphErrors,
    done,
    insights,
    moment,
    number,
)
from karnay.platforms.sightings import Seen, Wanted, essence, look
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text.facebook import detect, measure
from karnay.text.measure import Counter, Dialect
from karnay.text.richtext import Kind as Mark
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Variant

API, SITE = "https://graph.facebook.com", "https://www.facebook.com"

CHARACTERS = 63_206
"""On no official page; Postiz, BrightBean and letmepost agree on it:
https://github.com/gitroomhq/postiz-app"""

PICTURES = 10
"""On no official page either; BrightBean, Mixpost and letmepost send no more."""

IMAGES = ImageLimits(
    formats=("image/jpeg", "image/png", "image/gif"),
    max_bytes=4 * MEGABYTE,
)
"""The guide says 4 MB, the reference less than 10 MB; neither takes pictures that move:
https://developers.facebook.com/docs/graph-api/reference/page/photos"""

VIDEOS = VideoLimits(formats=("video/mp4", "video/quicktime"), max_bytes=1000 * MEGABYTE)
"""In one request: https://developers.facebook.com/docs/graph-api/reference/page/videos"""

ALT = 1_000
"""No document gives a limit to `alt_text_custom`; Instagram's is taken."""

PAGE, PAGES = 100, 3
"""Posts in an answer, the most there are, and answers that are looked through:
https://developers.facebook.com/docs/graph-api/reference/page/feed"""

ERRORS = GraphErrors(
    # A repetition: perhaps of our own post, whose answer was lost. It comes without an id.
    codes={**CODES, 506: OutcomeUnknown, 1366051: OutcomeUnknown},
)

_PAGE_NAMED = re.compile(r"@\[\d+\]")


class Details(BaseModel):
    """An account's table in karnay.toml: the Page's id, and its own token.

    `app` is the id of the app that the token is of: then no post of another app is taken for ours.
    Only a log-in needs `app_secret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str = Field(pattern=r"^\d+$")
    token: SecretRef
    app: str = Field("", pattern=r"^\d*$")
    app_secret: SecretRef | None = None
    version: str = Field("v25.0", pattern=VERSION)
    api: Address = API

    @property
    def base(self) -> str:
        """The API's address, with its version."""
        return f"{self.api}/{self.version}"


class Options(BaseModel):
    """What a post may say under `platforms.facebook`.

    `first_comment` is put under the post, as the Page. Without `link_preview`, a link stays text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_comment: str = ""
    link_preview: bool = True


def _step(name: str, effect: Effect, key: Key, call: Call, part: int | None = None) -> Step:
    return Step(name, effect, key.step(name), call, part)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post."""

    details: Details
    options: Options
    key: Key

    def steps(self, text: RichText, media: tuple[Asset, ...]) -> Iterator[Step]:
        """Pictures first, out of sight; then the post; then its comment."""
        films = [asset for asset in media if asset.kind is Kind.VIDEO]
        pictures = [asset for asset in media if asset.kind is not Kind.VIDEO]
        uploads = [self._picture(n, asset) for n, asset in enumerate(pictures, start=1)]
        yield from uploads
        call = self._film(text, films[0]) if films else self._post(text, uploads)
        yield _step("create-1", Effect.ONCE, self.key, call, part=0)
        if self.options.first_comment:
            yield self._comment()

    def _picture(self, n: int, asset: Asset) -> Step:
        alt = {"alt_text_custom": asset.alt} if asset.alt else {}
        form = Form({"published": False, **alt, "source": File(asset)})
        return _step(f"photo-{n}", Effect.SAFE, self.key, self._call("photos", form))

    def _post(self, text: RichText, uploads: list[Step]) -> Call:
        """A post of words and perhaps a link, or of pictures; a link beside them stays text."""
        photos = [{"media_fbid": Ref(step.name)} for step in uploads]
        link = None if photos or not self.options.link_preview else _first_link(text)
        more = {"attached_media": photos} if photos else {"link": link} if link else {}
        return self._call("feed", {"message": text.text, **more})

    def _film(self, text: RichText, asset: Asset) -> Call:
        return self._call("videos", Form({"description": text.text, "source": File(asset)}))

    def _comment(self) -> Step:
        url = f"{self.details.base}/{{post}}/comments"
        body = {"message": self.options.first_comment}
        call = Call("POST", url, BEARER, body, {"post": Ref("create-1")})
        return _step("comment-1", Effect.ONCE, self.key, call)

    def _call(self, edge: str, body: Json) -> Call:
        return Call("POST", f"{self.details.base}/{self.details.page}/{edge}", BEARER, body)


def _first_link(text: RichText) -> str | None:
    """The address that Facebook is to show; a bare one is no address to it."""
    found = (span.value for span in detect(text.text) if span.kind is Mark.LINK)
    return next((link for link in found if link.startswith(("https://", "http://"))), None)


@dataclass(frozen=True, slots=True)
class _Edge:
    """What a Page shows of one kind, newest first: its posts, its videos, or a post's comments."""

    path: str
    words: str  # the field that holds them
    fields: str
    query: Mapping[str, str] = field(default_factory=dict, hash=False)

    def seen(self, graph: Graph, details: Details) -> Iterator[Seen]:
        """As far back as is looked. Raises a PublishingError."""
        asked = {"fields": f"id,{self.words},created_time,{self.fields}", "limit": str(PAGE)}
        for page in graph.pages(self.path, PAGES, **asked, **self.query):
            for item in page:
                if not _anothers(item, details):
                    yield self._read(item, details)

    def _read(self, item: Mapping[str, Any], details: Details) -> Seen:
        name = number(item)
        link = item.get("permalink_url") or _link(details, name)
        words = essence(item.get(self.words) or "")
        return Seen(Receipt(name, link), moment(item["created_time"]), words)


def _anothers(item: Mapping[str, Any], details: Details) -> bool:
    """Whether it was surely made by another app, or by somebody else than the Page."""
    told = {name: (item.get(name) or {}).get("id") for name in ("application", "from")}
    ours = {"application": details.app, "from": details.page}
    return any(told[name] and own and told[name] != own for name, own in ours.items())


def _link(details: Details, name: str) -> str:
    """Facebook leads from any id to the post itself; a sandbox shows it on a page of its own."""
    return f"{details.api if loopback(details.api) else SITE}/{name}"


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _graph(account: Account, wire: Wire) -> Graph:
    details = _details(account)
    return Graph(details.base, details.token, wire, ERRORS)


def _words(step: Step) -> str:
    fields = step.call.fields
    return str(fields.get("message") or fields.get("description") or "")


def _edge(step: Step, details: Details) -> _Edge:
    """Where to look for what the filled step made."""
    match step.call.url.rpartition("/")[2]:
        case "comments":
            path = step.call.url.removeprefix(details.base)
            return _Edge(path, "message", "from", {"order": "reverse_chronological"})
        case "videos":
            return _Edge(f"/{details.page}/videos", "description", "permalink_url")
        case _:
            path = f"/{details.page}/published_posts"
            return _Edge(path, "message", "permalink_url,application")


def _without_older(seen: list[Seen], wanted: Wanted) -> Sighting:
    """Absent, unless an older post says the same: Facebook takes no words twice in a row."""
    older = next((one for one in seen if one.essence == wanted.essence), None)
    if older is None:
        return Absent()
    why = f"Facebook has these words already, of {older.made:%Y-%m-%d}: {older.receipt.link}"
    return CannotTell(why, for_good=True)


class Facebook:
    """One post of a Page; looked for among the newest of them when its answer was lost."""

    name = "facebook"
    title = "Facebook"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=5)
    budgets: tuple[Budget, ...] = ()  # calls are counted by the Page's readers, not posts
    sample = SAMPLE
    login = LOGIN

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """63,206 characters, with or without media; there are no threads, Facebook makes the card.

        Ten pictures, or one video.
        """
        return Limits(
            counters=(Counter("characters", CHARACTERS, measure),),
            dialect=Dialect(detect=detect),
            media=MediaLimits(
                most=PICTURES,
                images=IMAGES,
                videos=VIDEOS,
                alt=ALT,
                described=frozenset({Kind.IMAGE}),
            ),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Its pictures, out of sight; the post; and its first comment."""
        options = Options.model_validate(dict(variant.options))
        [part] = variant.parts
        return list(_Plan(_details(account), options, key).steps(part.text, part.media))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make one call. Raises a PublishingError, and nothing else."""
        name = _graph(account, wire).ask(step.call, effect=step.effect, read=number)
        return Receipt(name, "" if step.part is None else _link(_details(account), name))

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look for the words of a filled step, of our app, among what the Page shows.

        A video is listed only when it is ready, and a Page's name stands where it is mentioned:
        there, what is not seen may be there all the same.
        """
        details, wanted = _details(account), Wanted(essence(_words(step)), None, since)
        seen = list(_edge(step, details).seen(_graph(account, wire), details))
        sighting = look(seen, wanted)
        if sighting != Absent():
            return sighting
        if step.call.url.endswith("/videos"):
            return CannotTell("the Page does not show the video; it may still be made ready")
        if _PAGE_NAMED.search(_words(step)):
            return CannotTell("the post mentions a Page, so that its words cannot be compared")
        return _without_older(seen, wanted)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The Page that the token is of. Raises AccountError where it is of another, or a user's.

        https://developers.facebook.com/docs/facebook-login/guides/access-tokens#pagetokens
        """
        details = _details(account)
        me = _graph(account, wire).get("/me", _who, fields="id,name,link")
        if me["id"] != details.page:
            of = f"the token is of {me['name']} ({me['id']}), not of the Page {details.page}"
            raise AccountError(f"{of}: take the Page's own, which GET /me/accounts gives")
        return Identity(me["name"], me["link"] or _link(details, me["id"]), {"name": me["name"]})

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take it down; what is gone already is no error. Raises a PublishingError.

        https://developers.facebook.com/docs/graph-api/reference/page-post#Deleting
        """
        _graph(account, wire).delete(f"/{receipt.id}")

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change the words; its pictures stay. Raises a PublishingError.

        https://developers.facebook.com/docs/graph-api/reference/page-post#Updating
        """
        name = "description" if "description" in step.call.fields else "message"
        url = f"{_details(account).base}/{receipt.id}"
        call = Call("POST", url, BEARER, {name: _words(step)})
        _graph(account, wire).ask(call, effect=Effect.SAFE, read=done)
        return receipt

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Reactions, comments and shares; views and clicks where the token may read insights.

        https://developers.facebook.com/docs/graph-api/reference/insights
        """
        graph = _graph(account, wire)
        fields = "shares,comments.limit(0).summary(true),reactions.limit(0).summary(true)"
        counted = graph.get(f"/{receipt.id}", _counted, fields=fields)
        try:
            told = graph.get(
                f"/{receipt.id}/insights",
                insights(_INSIGHTS),
                metric=",".join(_INSIGHTS),
                period="lifetime",
            )
        except (AccountError, Rejected):
            return counted
        return {**counted, **told}


def _who(body: Mapping[str, Any]) -> Mapping[str, str]:
    return {"id": number(body), "name": number(body, "name"), "link": body.get("link") or ""}


def _counted(body: Mapping[str, Any]) -> dict[str, int]:
    number(body)
    summaries = {"likes": "reactions", "replies": "comments"}
    counts = {
        name: int(body[field]["summary"]["total_count"])
        for name, field in summaries.items()
        if field in body
    }
    return {**counts, "reposts": int((body.get("shares") or {}).get("count", 0))}


_INSIGHTS = {
    "post_media_view": "views",
    "post_total_media_view_unique": "reach",
    "post_clicks": "clicks",
}


PLATFORM = Facebook()
