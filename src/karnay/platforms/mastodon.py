"""Mastodon, and servers that speak its API, https://docs.joinmastodon.org/methods/statuses/."""

from __future__ import annotations

import contextlib
import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from karnay.accounts import NOTHING, Budget
from karnay.content.durations import parse as duration
from karnay.errors import AccountError, NotReady, RateLimited, Rejected, Transient
from karnay.media.asset import Kind
from karnay.media.limits import ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address
from karnay.platforms.answers import Answer, ErrorTable, Row, epoch_moment
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
from karnay.platforms.calls import Call, File, Form, Ref
from karnay.platforms.sightings import Seen, Unsure, Wanted, essence, look
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text import graphemes, mastodon
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.accounts import Account
    from karnay.errors import PublishingError
    from karnay.media.asset import Asset
    from karnay.rendering.variant import Variant

T = TypeVar("T")

LIMIT, URL_WEIGHT = 500, 23
"""Where a server names none: https://docs.joinmastodon.org/user/posting/#text"""

THREAD = 50
"""A server takes 300 statuses in three hours: https://docs.joinmastodon.org/api/rate-limits/"""

PAGE = 40
"""The most statuses in one answer: https://docs.joinmastodon.org/methods/accounts/#statuses"""

PAGES = 5
"""Pages that are looked through: each status may ask for one request more, of 300 in 5 minutes."""

FILES, DESCRIPTION = 4, 1_500
"""Files of a status and code points of a description, where a server names none: those of the
versions before 4.6, https://docs.joinmastodon.org/user/posting/#attachments"""

IMAGES = ImageLimits(
    formats=("image/jpeg", "image/png", "image/gif", "image/webp"),
    max_bytes=16_777_216,
    max_pixels=33_177_600,
    animated=True,
    max_animated_bytes=16_777_216,
)
VIDEOS = VideoLimits(
    formats=("video/mp4", "video/webm", "video/quicktime"), max_bytes=103_809_024, max_fps=120
)
"""https://docs.joinmastodon.org/user/posting/#media; a server may say otherwise of the bytes."""

LOOK_AGAIN = timedelta(seconds=3)
"""How long a video is left alone that the server is still working on."""

_RESET = "x-ratelimit-reset"
_BEARER = {"Authorization": "Bearer {token}"}


class Details(BaseModel):
    """An account's table in karnay.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: Address
    token: SecretRef


def _as_duration(value: object) -> object:
    return duration(value) if isinstance(value, str) else value


class Poll(BaseModel):
    """A question's answers; `open_for` is how long it can be answered: `1 day`, `6 hours`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    options: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=2)]
    open_for: Annotated[timedelta, BeforeValidator(_as_duration)] = timedelta(days=1)
    multiple: bool = False
    hide_totals: bool = False

    def fields(self) -> dict[str, Any]:
        """https://docs.joinmastodon.org/methods/statuses/#create"""
        return {
            "options": list(self.options),
            "expires_in": int(self.open_for.total_seconds()),
            "multiple": self.multiple,
            "hide_totals": self.hide_totals,
        }


class Options(BaseModel):
    """What a post may say under `platforms.mastodon`; `spoiler` is the content warning.

    A `poll` goes with the first part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    visibility: Literal["public", "unlisted", "private", "direct"] = "public"
    spoiler: str = ""
    sensitive: bool = False
    poll: Poll | None = None

    def fields(self, index: int) -> dict[str, Any]:
        """The options of one part: later parts of a public thread are kept out of timelines."""
        later = index > 0 and self.visibility == "public"
        return {
            "visibility": "unlisted" if later else self.visibility,
            **({"spoiler_text": self.spoiler} if self.spoiler else {}),
            **({"sensitive": True} if self.sensitive else {}),
            **({"poll": self.poll.fields()} if self.poll and index == 0 else {}),
        }


def _moment(answer: Answer, _now: datetime) -> datetime | None:
    """Seconds since 1970 on GoToSocial, ISO 8601 on Mastodon."""
    return epoch_moment(answer, _RESET) or _iso_moment(answer.headers.get(_RESET, ""))


def _iso_moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# Texts of Mastodon's config/locales/en.yml, https://github.com/mastodon/mastodon
ERRORS = ErrorTable(
    rows=(
        Row(404, "record not found", Rejected),  # what it replies to, or its media, is gone
        Row(404, "does not appear to exist", Rejected),
        Row(422, "not finished processing", Transient),
        Row(422, "requires an authenticated user", AccountError),
        Row(500, "error processing thumbnail", Rejected),  # of a file that it cannot read
    ),
    moment=_moment,
)


@dataclass(frozen=True, slots=True)
class _Status:
    """A published status, as far as telling it from another needs."""

    receipt: Receipt
    made: datetime
    reply_to: str | None
    content: str  # HTML
    edited: bool

    @classmethod
    def read(cls, status: Mapping[str, Any]) -> _Status:
        made = datetime.fromisoformat(status["created_at"]).astimezone(UTC)
        reply_to, edited = status.get("in_reply_to_id"), bool(status.get("edited_at"))
        return cls(_receipt(status), made, reply_to, status["content"], edited)

    @property
    def text(self) -> str:
        """The words of the HTML; white space is lost."""
        return html.unescape(re.sub(r"<[^>]*>", "", self.content))

    def as_seen(self, text: str) -> Seen:
        """The status as one that was written like that."""
        return Seen(self.receipt, self.made, _essence(text), self.reply_to, self.edited)


def _receipt(status: Mapping[str, Any]) -> Receipt:
    number = status["id"]
    if not isinstance(number, str) or not number:
        raise ValueError("no id")
    return Receipt(number, status.get("url") or "")


class _Gone(Rejected):
    """There is no such status (any more)."""


_GONE_IS_FINE = replace(ERRORS, rows=(Row(404, "", _Gone), *ERRORS.rows))
_COUNTS = {
    "likes": "favourites_count",
    "reposts": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",
}


def _counts(status: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(status[theirs]) for name, theirs in _COUNTS.items() if theirs in status}


def _uploaded(media: Mapping[str, Any]) -> Receipt:
    number = media["id"]
    if not isinstance(number, str) or not number:
        raise ValueError("no id")
    return Receipt(number)


def _worked_on(wire: Wire) -> Callable[[Any], Receipt]:
    """Reads what a server says of a file: it has no address until it is done."""

    def read(media: Mapping[str, Any]) -> Receipt:
        if media["url"] is None:
            raise NotReady("the server is still working on the file", wire.clock.now() + LOOK_AGAIN)
        return _uploaded(media)

    return read


def _statuses(answer: list[Mapping[str, Any]]) -> list[_Status]:
    if not isinstance(answer, list):
        raise TypeError("no list")
    return [_Status.read(status) for status in answer]


def _essence(text: str) -> str:
    """What survives a server's HTML, which leaves the hosts of mentions out."""
    return essence(re.sub(r"(@\w+)@[\w.-]+\w", r"\1", text))


def _facts(instance: Mapping[str, Any]) -> dict[str, int]:
    """The limits that a server names, in either version of its own description."""
    configured = instance.get("configuration") or {}
    statuses = {
        "max_characters": instance.get("max_toot_chars"),  # Pleroma and Akkoma
        **(configured.get("statuses") or {}),
    }
    told = {**statuses, **(configured.get("media_attachments") or {})}
    return {name: told[name] for name in _TOLD if isinstance(told.get(name), int)}


_TOLD = (
    "max_characters",
    "characters_reserved_per_url",
    "max_media_attachments",
    "description_limit",
    "image_size_limit",
    "image_matrix_limit",
    "video_size_limit",
)


def _media(facts: Mapping[str, Any]) -> MediaLimits:
    """What the server told of files, else what Mastodon itself takes."""
    images = replace(
        IMAGES,
        max_bytes=facts.get("image_size_limit", IMAGES.max_bytes),
        max_pixels=facts.get("image_matrix_limit", IMAGES.max_pixels),
        max_animated_bytes=facts.get("image_size_limit", IMAGES.max_bytes),
    )
    return MediaLimits(
        most=facts.get("max_media_attachments", FILES),
        images=images,
        videos=replace(VIDEOS, max_bytes=facts.get("video_size_limit", VIDEOS.max_bytes)),
        alt=facts.get("description_limit", DESCRIPTION),
    )


def _language(tag: str) -> str:
    """The ISO 639 code of a language tag: `uz` for `uz-Cyrl`."""
    return re.split(r"[-_]", tag)[0].lower()


def _body(variant: Variant, index: int, options: Options) -> dict[str, Any]:
    reply = {"in_reply_to_id": Ref(f"create-{index}")} if index else {}
    part = variant.parts[index]
    files = [Ref(f"upload-{number}") for number, _ in enumerate(part.media, start=1)]
    return {
        "status": part.text.text,
        "language": _language(variant.language),
        **options.fields(index),
        **({"media_ids": files} if files else {}),
        **reply,
    }


def _carry(server: str, key: Key, number: int, asset: Asset) -> Iterator[Step]:
    """Upload a file; of one that takes a while to be worked on, ask until it is done.

    https://docs.joinmastodon.org/methods/media/
    """
    upload, wait = f"upload-{number}", f"await-{number}"
    described = {"description": asset.alt} if asset.alt else {}
    form = Form({**described, "file": File(asset)})
    call = Call("POST", f"{server}/api/v2/media", _BEARER, form)
    yield Step(upload, Effect.SAFE, key.step(upload), call)
    if asset.kind is Kind.VIDEO or asset.animated:
        refs = {"media": Ref(upload)}
        call = Call("GET", f"{server}/api/v1/media/{{media}}", _BEARER, refs=refs)
        yield Step(wait, Effect.SAFE, key.step(wait), call)


def _step(server: str, key: Key, index: int, body: dict[str, Any]) -> Step:
    name = f"create-{index + 1}"
    headers = {**_BEARER, "Idempotency-Key": key.step(name)}
    call = Call("POST", f"{server}/api/v1/statuses", headers, body)
    return Step(name, Effect.ONCE, key.step(name), call, part=index)


@dataclass(frozen=True, slots=True)
class _Server:
    """Asks an account's server; nothing that is asked changes anything there."""

    details: Details
    wire: Wire

    def get(self, path: str, read: Callable[[Any], T]) -> T:
        """The answer as `read` reads it. Raises PublishingError."""
        return self.ask(Call("GET", self.details.server + path, _BEARER), Effect.SAFE, read)

    def ask(
        self,
        call: Call,
        effect: Effect,
        read: Callable[[Any], T],
        *,
        table: ErrorTable = ERRORS,
    ) -> T:
        """The answer to that call as `read` reads it. Raises PublishingError."""
        token = secret(self.details.token)
        return self.wire.ask(call, effect=effect, table=table, read=read, secrets={"token": token})

    def who(self) -> dict[str, Any]:
        """The account that the token is of: https://docs.joinmastodon.org/entities/Account/."""
        return self.get(
            "/api/v1/accounts/verify_credentials",
            lambda answer: {
                **{name: answer[name] for name in ("id", "acct", "url")},
                "statuses_count": int(answer.get("statuses_count") or 0),
            },
        )

    def posts(self, wanted: Wanted) -> Iterator[Seen]:
        """The account's statuses since then, newest first. Raises Unsure, or a PublishingError."""
        for status in self._since(wanted.earliest):
            shown = status.as_seen(status.text)
            # A source is a request of its own: it is asked for only where the HTML does not tell.
            yield shown if wanted.fits(shown) else status.as_seen(self._source(status))

    def _since(self, earliest: datetime) -> Iterator[_Status]:
        who = self.who()
        listing = f"/api/v1/accounts/{who['id']}/statuses"
        query = f"?limit={PAGE}&exclude_reblogs=true"
        before = ""
        for _ in range(PAGES):
            page = self.get(listing + query + before, _statuses)
            if not page and not before and who["statuses_count"]:
                raise Unsure("the server lists nothing of the account, though it counts posts")
            yield from (status for status in page if status.made >= earliest)
            if not page or page[-1].made < earliest:
                return
            before = f"&max_id={page[-1].receipt.id}"
        too_many = f"{PAGES * PAGE} statuses or more are newer than what we look for"
        raise Unsure(too_many, for_good=True)

    def _source(self, status: _Status) -> str:
        """A status as it was written, or the words of its HTML where that is not kept."""
        try:
            path = f"/api/v1/statuses/{status.receipt.id}/source"
            return self.get(path, lambda answer: str(answer["text"]))
        except (AccountError, Rejected):
            return status.text

    def facts(self) -> dict[str, int]:
        """The server's limits, from whichever of its descriptions names them."""
        try:
            return self.get("/api/v2/instance", _facts)
        except (AccountError, Rejected):
            return self.get("/api/v1/instance", _facts)


_SITE = "https://mastodon.example"
_STATUS = {
    "url": f"{_SITE}/@tict/103254962155278888",
    "created_at": "2026-11-24T04:00:00.000Z",
    "in_reply_to_id": None,
    "content": "<p>On 3 December the rector received a delegation.</p>",
    "favourites_count": 12,
    "reblogs_count": 3,
    "replies_count": 1,
}
_ONE = {"id": "103254962155278881", **_STATUS}
_FILE = {"id": "22348641", "type": "image", "url": f"{_SITE}/media/22348641.jpg"}
_STATUSES = {"max_characters": 500, "characters_reserved_per_url": 23, "max_media_attachments": 4}
_ME = {"id": "14715", "acct": "tict", "url": f"{_SITE}/@tict"}


def _made(number: str) -> Exchange:
    return Exchange("POST", "/api/v1/statuses", 200, {"id": number, **_STATUS})


def _no(status: int, said: str, error: type[PublishingError], **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status, {"error": said}, error, named)


SAMPLE = Sample(
    account={"platform": "mastodon", "server": _SITE, "token": "env:MASTODON_TOKEN"},
    secrets={"MASTODON_TOKEN": "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0"},
    network=(
        *(_made(f"10325496215527888{digit}") for digit in (1, 2, 3)),
        *(Exchange("POST", "/api/v2/media", 200, {**_FILE, "id": f"2234864{n}"}) for n in range(9)),
        *(Exchange("GET", f"/api/v1/media/2234864{n}", 200, _FILE) for n in range(9)),
        *(
            Exchange(method, f"/api/v1/statuses/10325496215527888{digit}", 200, _ONE)
            for method in ("GET", "PUT", "DELETE")
            for digit in (1, 2, 3)
        ),
        Exchange("GET", "/api/v1/accounts/verify_credentials", 200, _ME),
        Exchange("GET", "/api/v1/accounts/14715/statuses", 200, [{"id": "1032", **_STATUS}]),
        Exchange("GET", "/api/v1/statuses/1032/source", 200, {"id": "1032", "text": "Hello"}),
        Exchange("GET", "/api/v2/instance", 200, {"configuration": {"statuses": _STATUSES}}),
    ),
    refusals=(
        _no(401, "The access token is invalid", AccountError),
        _no(401, "The access token was revoked", AccountError),
        _no(403, "This action is outside the authorized scopes", AccountError),
        _no(403, "Your login is currently disabled", AccountError),
        _no(404, "Record not found", Rejected),
        _no(422, "Validation failed: Text character limit of 500 exceeded", Rejected),
        _no(422, "Validation failed: Text can't be blank", Rejected),
        _no(422, "Cannot attach files that have not finished processing.", Transient),
        _no(422, "This method requires an authenticated user", AccountError),
        _no(
            429,
            "Too many requests",
            RateLimited,
            X_RateLimit_Reset="2026-11-24T12:00:00.123456Z",
        ),
    ),
)
"""Answers as https://docs.joinmastodon.org/methods/statuses/ and Mastodon's en.yml give them."""


class Mastodon:
    """One status per part; looked for after an unknown outcome, then sent again by the same key.

    The `Idempotency-Key` makes no step keyed: GoToSocial ignores it, and Mastodon 4.6.0 to 4.6.5
    answers a repeat with 500 (https://github.com/mastodon/mastodon/issues/40399).
    """

    name = "mastodon"
    title = "Mastodon"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    # Statuses of one account, as Mastodon itself has it:
    # https://github.com/mastodon/mastodon/blob/main/app/lib/rate_limiter.rb
    budgets = (Budget(300, timedelta(hours=3)),)
    sample = SAMPLE

    def limits(
        self,
        account: Account,
        *,
        media: bool = False,
        options: Mapping[str, Any] = NOTHING,
    ) -> Limits:
        """What the server told `identify`, else Mastodon's defaults; a warning takes of it, too."""
        facts, warning = account.facts, str(options.get("spoiler", ""))
        limit = facts.get("max_characters", LIMIT) - graphemes.count(warning)
        measure = mastodon.measuring(facts.get("characters_reserved_per_url", URL_WEIGHT))
        return Limits(
            counters=(Counter("characters", limit, measure),),
            dialect=Dialect(detect=mastodon.detect),
            parts=THREAD,
            media=_media(facts),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A status for every part, each later one in reply to the one before it.

        The files of the first are uploaded before it.
        """
        server = _details(account).server
        options = Options.model_validate(dict(variant.options))
        bodies = [_body(variant, index, options) for index in range(len(variant.parts))]
        media = enumerate(variant.parts[0].media, start=1)
        return [
            *(step for number, asset in media for step in _carry(server, key, number, asset)),
            *(_step(server, key, index, body) for index, body in enumerate(bodies)),
        ]

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Upload a file, ask after it, or publish one status. Raises a PublishingError."""
        read = {"upload": _uploaded, "await": _worked_on(wire)}
        return _Server(_details(account), wire).ask(
            step.call, step.effect, read.get(step.name.partition("-")[0], _receipt)
        )

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change a status in its place; who sees it and what it replies to stays.

        https://docs.joinmastodon.org/methods/statuses/#edit
        """
        fixed = ("visibility", "in_reply_to_id", "poll")
        body = {name: value for name, value in step.call.fields.items() if name not in fixed}
        url = f"{_details(account).server}/api/v1/statuses/{receipt.id}"
        call = Call("PUT", url, _BEARER, body)
        return _Server(_details(account), wire).ask(call, Effect.KEYED, _receipt)

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a status down: https://docs.joinmastodon.org/methods/statuses/#delete"""
        url = f"{_details(account).server}/api/v1/statuses/{receipt.id}"
        with contextlib.suppress(_Gone):
            _Server(_details(account), wire).ask(
                Call("DELETE", url, _BEARER), Effect.KEYED, _receipt, table=_GONE_IS_FINE
            )

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """Those of the account's own server, which counts no views:
        https://docs.joinmastodon.org/entities/Status/.
        """
        return _Server(_details(account), wire).get(f"/api/v1/statuses/{receipt.id}", _counts)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look through the account's newest statuses for the text of a filled step."""
        asked = step.call.body
        wanted = Wanted(_essence(asked["status"]), asked.get("in_reply_to_id"), since)
        return look(_Server(_details(account), wire).posts(wanted), wanted)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The token's account, and the server's limits as facts."""
        server = _Server(_details(account), wire)
        who = server.who()
        host = server.details.server.partition("//")[2]
        return Identity(f"@{who['acct']}@{host}", who["url"], server.facts())


def _details(account: Account) -> Details:
    return cast("Details", account.details)


PLATFORM = Mastodon()
