"""LinkedIn: posts of a member or an organization,
https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING, Budget, Counts
from karnay.errors import AccountError, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import MEGABYTE, DocumentLimits, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address
from karnay.platforms.base import CannotTell, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call
from karnay.platforms.linkedin_answers import (
    ERRORS,
    SITE,
    UPLOAD_ERRORS,
    commented,
    counted,
    finished,
    made,
    moment,
    permalink,
    started,
    text_of,
    uploaded,
    worked_on,
)
from karnay.platforms.linkedin_sample import SAMPLE
from karnay.platforms.linkedin_steps import BEARER, FINDER, Desk, Options, Steps
from karnay.platforms.logins import OAuth, Refresh, by_refresh_token, for_code
from karnay.platforms.sightings import Seen, Unsure, Wanted, essence, look
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text.linkedin import detect, measure, parsed
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.accounts import Account
    from karnay.platforms.answers import Answer, ErrorTable
    from karnay.rendering.variant import Variant

T = TypeVar("T")

API = "https://api.linkedin.com"

VERSION = "202604"
"""Each lives for a year at least: https://learn.microsoft.com/linkedin/marketing/versioning"""

CHARACTERS = 3_000
"""Of the escaped text. The posts API names none; the older one refuses more:
https://learn.microsoft.com/linkedin/compliance/integrations/shares/ugc-post-api"""

PICTURES = 20
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/multiimage-post-api"""

ALT = 4_086
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api"""

IMAGES = ImageLimits(
    formats=("image/jpeg", "image/png", "image/gif"),
    max_bytes=20 * MEGABYTE,  # no document names any; enough for all that the pixels allow
    max_pixels=36_152_319,
    animated=True,
    max_frames=250,
)
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api"""

VIDEOS = VideoLimits(
    formats=("video/mp4",),
    min_bytes=75_000,
    max_bytes=500 * MEGABYTE,
    min_seconds=3,
    max_seconds=30 * 60,
)
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/videos-api"""

DOCUMENTS = DocumentLimits(
    formats=("application/pdf",),  # and those of Word and PowerPoint, whose pages we cannot count
    max_bytes=100 * MEGABYTE,
    max_pages=300,
)
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/documents-api"""

PAGE, PAGES = 20, 5
"""Posts in an answer, and answers that are looked through."""


class Details(BaseModel):
    """An account's table in karnay.toml: who posts, and the token of a member who may.

    `author` is the URN of an organization or a member; without it, it is the member whose token it
    is, as `identify` learns. `client_id` and `client_secret` are those of the app that logs in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretRef
    author: str = Field("", pattern=r"^(urn:li:(organization:\d+|person:[\w-]+))?$")
    version: str = Field(VERSION, pattern=r"^20\d{4}$")
    client_id: str = ""
    client_secret: SecretRef | None = None
    api: Address = API
    site: Address = SITE


@dataclass(frozen=True, slots=True)
class _Line:
    """One account's way to LinkedIn."""

    account: Account
    wire: Wire

    @property
    def details(self) -> Details:
        return cast("Details", self.account.details)

    @property
    def desk(self) -> Desk:
        return _desk(self.account)

    def link(self, urn: str) -> str:
        """Where people see the post of that URN."""
        return permalink(self.details.site, urn)

    def ask(
        self,
        call: Call,
        effect: Effect,
        read: Callable[[Answer], T],
        *,
        table: ErrorTable = ERRORS,
    ) -> T:
        """Make the call as the account. Raises a PublishingError, and nothing else."""
        answer = self.send(call, effect)
        return self.wire.heard(answer, effect=effect, table=table, read=read)

    def send(self, call: Call, effect: Effect) -> Answer:
        """The answer, whatever it says. Raises a PublishingError where there is none."""
        secrets = {"token": secret(self.details.token)}
        return self.wire.send(call, effect=effect, secrets=secrets)

    def get(self, path: str, read: Callable[[Any], T], /, **query: str) -> T:
        """What is there; changes nothing. Raises a PublishingError."""
        asked = f"?{urlencode(query, safe='(),')}" if query else ""
        desk, finds = _desk(self.account), FINDER if "q" in query else NOTHING
        call = desk.call("GET", f"{path}{asked}", headers=finds)
        return self.ask(call, Effect.SAFE, lambda answer: read(answer.json()))


def _desk(account: Account) -> Desk:
    details = cast("Details", account.details)
    author = details.author or str(account.facts.get("author", ""))
    return Desk(details.api, details.version, author)


def _quoted(urn: str) -> str:
    return quote(urn, safe="")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What LinkedIn shows of the author's posts, or of the comments on one, newest first."""

    line: _Line
    wanted: Wanted

    def posts(self) -> Iterator[Seen]:
        """Those since what is wanted was tried. Raises Unsure, or a PublishingError."""
        asked = {"author": self.line.desk.author, "count": str(PAGE), "sortBy": "LAST_MODIFIED"}
        for page in range(PAGES):
            start = str(page * PAGE)
            seen, oldest = self.line.get("posts", self._page, q="author", start=start, **asked)
            yield from seen
            if len(seen) < PAGE or oldest < self.wanted.earliest:
                return
        too_many = f"{PAGE * PAGES} posts or more are newer than what we look for"
        raise Unsure(too_many, for_good=True)

    def _page(self, body: Mapping[str, Any]) -> tuple[list[Seen], datetime]:
        """The posts of an answer, and when the last of them was changed."""
        listed = _elements(body)
        changed = [moment(one["lastModifiedAt"]) for one in listed]
        return [self._post(one) for one in listed], min(changed, default=self.wanted.earliest)

    def _post(self, one: Mapping[str, Any]) -> Seen:
        """A post; doubtful where it was edited, or where LinkedIn may have cut ours off."""
        urn, words = text_of(one["id"]), essence(parsed(one.get("commentary") or "").text)
        edited = (one.get("lifecycleStateInfo") or {}).get("isEditedByAuthor")
        cut = words and self.wanted.essence.startswith(words)
        receipt = Receipt(urn, self.line.link(urn))
        return Seen(receipt, moment(one["createdAt"]), words, doubtful=bool(edited or cut))

    def comments(self, call: Call) -> list[Seen]:
        """The author's own on the post that the call comments on. Raises a PublishingError."""
        link, path = self.line.link(call.body["object"]), call.url.partition("/rest/")[2]

        def read(body: Mapping[str, Any]) -> list[Seen]:
            ours = (one for one in _elements(body) if one["actor"] == self.line.desk.author)
            return [_comment_seen(one, link) for one in ours]

        return self.line.get(path, read, count="100")


def _comment_seen(one: Mapping[str, Any], link: str) -> Seen:
    made_at, words = moment(one["created"]["time"]), essence(one["message"]["text"])
    return Seen(Receipt(text_of(str(one["id"])), link), made_at, words)


def _elements(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = body["elements"]
    if not isinstance(listed, list):
        raise TypeError("no list")
    return listed


_READS: Mapping[str, Callable[[Step, Answer], Receipt]] = {
    "start": started,
    "upload": uploaded,
    "finish": finished,
    "await": worked_on,
}
"""How the answer to each invisible step is read, by the first word of its name."""

_LOGIN = OAuth(
    authorize="{site}/oauth/v2/authorization",
    code=for_code("{site}/oauth/v2/accessToken"),
    scopes=("openid", "profile", "w_member_social"),
    refresh=Refresh(by_refresh_token("{site}/oauth/v2/accessToken"), ahead=timedelta(days=7)),
    lifetime=timedelta(days=60),
    pkce=False,
)
"""Apps that LinkedIn has not approved get no refresh token: people log in again every 60 days.
https://learn.microsoft.com/linkedin/shared/authentication/programmatic-refresh-tokens"""

_PAGES_LOGIN = replace(
    _LOGIN, scopes=("r_organization_social", "w_organization_social", "rw_organization_admin")
)

_MAY_POST = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"})
"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#permissions"""


class LinkedIn:
    """One post; an organization's is looked for when its answer was lost, a member's cannot be."""

    name = "linkedin"
    title = "LinkedIn"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=2)
    # Requests of one member: https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/
    # share-on-linkedin#rate-limits
    budgets = (Budget(150, timedelta(days=1), Counts.REQUESTS),)
    sample = SAMPLE

    def login(self, account: Account) -> OAuth:
        """Pages want an app that LinkedIn has reviewed, and other permissions than members."""
        return _PAGES_LOGIN if _desk(account).is_organization else _LOGIN

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """3,000 characters of escaped text; there are no threads, and karnay describes the card.

        Twenty pictures, or one video, or one document; each stands in the card's place.
        """
        return Limits(
            counters=(Counter("characters", CHARACTERS, measure),),
            dialect=Dialect(detect=detect),
            card=not media,
            card_images=IMAGES,
            media=MediaLimits(
                most=PICTURES,
                images=IMAGES,
                videos=VIDEOS,
                documents=DOCUMENTS,
                alt=ALT,
                described=frozenset({Kind.IMAGE}),
            ),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Its files, out of sight; the post; its first comment.

        Raises ValueError where nobody knows yet who the author is.
        """
        desk = _desk(account)
        if not desk.author:
            raise ValueError(f"who posts is not known: `karnay accounts check {account.name}`")
        [part] = variant.parts
        return Steps(desk, Options.model_validate(dict(variant.options)), key).of(part)

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make one call. Raises a PublishingError, and nothing else."""
        line, kind = _Line(account, wire), step.name.partition("-")[0]
        if kind == "comment":
            return _comment(line, step)
        if kind == "create":
            urn = line.ask(step.call, step.effect, made)
            return Receipt(urn, line.link(urn))
        table = UPLOAD_ERRORS if kind == "upload" else ERRORS
        read = _READS[kind]
        return line.ask(step.call, step.effect, lambda answer: read(step, answer), table=table)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look through the organization's posts, or the comments on its post, for a text.

        What LinkedIn calls a duplicate is our own only if it is found here.
        """
        line = _Line(account, wire)
        if not line.desk.is_organization:
            why = "LinkedIn shows no app what a member has posted: look at the member's profile"
            return CannotTell(why, for_good=True)
        body, is_post = step.call.body, step.part is not None
        words = parsed(body["commentary"]).text if is_post else body["message"]["text"]
        wanted = Wanted(essence(words), None, since)
        shown = _Shown(line, wanted)
        return look(shown.posts() if is_post else shown.comments(step.call), wanted)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The member that the token is of, or the organization that this member posts for.

        Raises AccountError where they are not those of karnay.toml.
        """
        line = _Line(account, wire)
        return _organization(line) if line.desk.is_organization else _member(line)

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take the post down; what is gone already is no error. Raises a PublishingError.

        Its comments go with it.
        """
        if step.part is None:
            return
        line = _Line(account, wire)
        gone = line.desk.call(
            "DELETE", f"posts/{_quoted(receipt.id)}", headers={"X-RestLi-Method": "DELETE"}
        )
        answer = line.send(gone, Effect.SAFE)
        if answer.status != 404:
            wire.heard(answer, effect=Effect.SAFE, table=ERRORS, read=_done)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change the post's text, which is all that can be changed. Raises a PublishingError.

        https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#update-posts
        """
        line = _Line(account, wire)
        changed = {"patch": {"$set": {"commentary": step.call.body["commentary"]}}}
        partial = {"X-RestLi-Method": "PARTIAL_UPDATE"}
        path = f"posts/{_quoted(receipt.id)}"
        line.ask(line.desk.call("POST", path, changed, headers=partial), Effect.SAFE, _done)
        return receipt

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Those of an organization's post. Raises a PublishingError.

        A member's are told only to apps with a permission that LinkedIn seldom gives: none.
        """
        line = _Line(account, wire)
        if step.part is None or not line.desk.is_organization:
            return {}
        kind = "shares" if receipt.id.startswith("urn:li:share:") else "ugcPosts"
        query = {"q": "organizationalEntity", "organizationalEntity": line.desk.author}
        posts = f"{kind}=List({_quoted(receipt.id)})"
        path = f"organizationalEntityShareStatistics?{urlencode(query)}&{posts}"
        return line.get(path, counted)


def _comment(line: _Line, step: Step) -> Receipt:
    """The post is out: that it may not be commented on is told, and changes nothing of it."""
    try:
        number = line.ask(step.call, step.effect, commented)
    except (AccountError, Rejected) as error:
        return Receipt("", data={"not commented": str(error)})
    return Receipt(number, line.link(step.call.body["object"]))


def _done(answer: Answer) -> None:
    """Nothing in the body: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/methods"""
    if answer.status != 204:
        raise ValueError("not done")


def _member(line: _Line) -> Identity:
    """https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/
    sign-in-with-linkedin-v2#api-request-to-retreive-member-details"""
    call = Call("GET", f"{line.details.api}/v2/userinfo", BEARER)
    sub, name = line.ask(call, Effect.SAFE, _userinfo)
    author = f"urn:li:person:{sub}"
    if line.details.author not in ("", author):
        raise AccountError(f"the token is of {name} ({author}), not of {line.details.author}")
    return Identity(name, "", {"author": author})


def _userinfo(answer: Answer) -> tuple[str, str]:
    body = answer.json()
    return text_of(body["sub"]), text_of(body["name"])


def _organization(line: _Line) -> Identity:
    """https://learn.microsoft.com/linkedin/marketing/community-management/organizations/
    organization-access-control-by-role"""
    author = line.desk.author
    roles = line.get("organizationAcls", _roles, q="roleAssignee", state="APPROVED", count="100")
    if not any((author, role) in roles for role in _MAY_POST):
        raise AccountError(f"the token's member has no role that may post for {author}")
    number = author.rpartition(":")[2]
    name, vanity = _called(line, number)
    return Identity(name, f"{line.details.site}/company/{vanity}", {"author": author})


def _called(line: _Line, number: str) -> tuple[str, str]:
    """The organization's name and address, or its number where only administrators may ask."""
    try:
        return line.get(f"organizations/{number}", _names)
    except (AccountError, Rejected):
        return number, number


def _roles(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {
        (one.get("organization") or one["organizationTarget"], one["role"])
        for one in _elements(body)
    }


def _names(body: Mapping[str, Any]) -> tuple[str, str]:
    return text_of(body["localizedName"]), str(body.get("vanityName") or body["id"])


PLATFORM = LinkedIn()
