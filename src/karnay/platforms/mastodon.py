"""Mastodon, and servers that speak its API, https://docs.joinmastodon.org/methods/statuses/."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from karnay.accounts import NOTHING, Budget
from karnay.errors import AccountError, RateLimited, Rejected, Transient
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
from karnay.platforms.calls import Call, Ref
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

_RESET = "x-ratelimit-reset"
_BEARER = {"Authorization": "Bearer {token}"}


class Details(BaseModel):
    """An account's table in karnay.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: Address
    token: SecretRef


class Options(BaseModel):
    """What a post may say under `platforms.mastodon`; `spoiler` is the content warning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visibility: Literal["public", "unlisted", "private", "direct"] = "public"
    spoiler: str = ""
    sensitive: bool = False

    def fields(self, index: int) -> dict[str, Any]:
        """The options of one part: later parts of a public thread are kept out of timelines."""
        later = index > 0 and self.visibility == "public"
        return {
            "visibility": "unlisted" if later else self.visibility,
            **({"spoiler_text": self.spoiler} if self.spoiler else {}),
            **({"sensitive": True} if self.sensitive else {}),
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
    names = ("max_characters", "characters_reserved_per_url", "max_media_attachments")
    return {name: statuses[name] for name in names if isinstance(statuses.get(name), int)}


def _language(tag: str) -> str:
    """The ISO 639 code of a language tag: `uz` for `uz-Cyrl`."""
    return re.split(r"[-_]", tag)[0].lower()


def _body(variant: Variant, index: int, options: Options) -> dict[str, Any]:
    reply = {"in_reply_to_id": Ref(f"create-{index}")} if index else {}
    return {
        "status": variant.parts[index].text.text,
        "language": _language(variant.language),
        **options.fields(index),
        **reply,
    }


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
        return self.wire.ask(
            Call("GET", self.details.server + path, _BEARER),
            effect=Effect.SAFE,
            table=ERRORS,
            read=read,
            secrets={"token": secret(self.details.token)},
        )

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
}
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
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A status for every part, each later one in reply to the one before it."""
        server = _details(account).server
        options = Options.model_validate(dict(variant.options))
        bodies = [_body(variant, index, options) for index in range(len(variant.parts))]
        return [_step(server, key, index, body) for index, body in enumerate(bodies)]

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Publish one status. Raises a PublishingError, and nothing else."""
        return wire.ask(
            step.call,
            effect=step.effect,
            table=ERRORS,
            read=_receipt,
            secrets={"token": secret(_details(account).token)},
        )

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
