"""The wire: the one place that speaks HTTP, and that turns every answer into one named error."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from karnay import __version__
from karnay.accounts import NOTHING
from karnay.errors import (
    AccountError,
    BadConfiguration,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms import logs
from karnay.platforms.base import Call, Effect
from karnay.platforms.resolver import SHARED, Resolver, resolve_with
from karnay.platforms.told_time import clock_offset
from karnay.secrets import redact

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from karnay.clock import Clock
    from karnay.secrets import SecretRef

T = TypeVar("T")

Transport = httpx.BaseTransport
"""What carries requests; tests hand in one of their own, and stand for the network with it."""

logs.guard()

Timeout = httpx.Timeout
"""How long each stage of an exchange may take."""

TIMEOUT = Timeout(10, read=60, write=60, pool=5)
"""Seconds: to connect, to wait for the answer, to hand over the body, to get a connection."""

LONGEST_PAUSE = timedelta(hours=24)
"""However long a network says to wait: after that it is asked again."""

DEADLINE = 120.0
"""Seconds that a whole exchange may take, however slowly the answer comes in."""

LARGEST_ANSWER = 4_000_000
"""Bytes of an answer that are read; no network's answer to us comes near."""

PAUSE = timedelta(minutes=1)
"""How long to leave a network alone that says "too many" without saying how long."""

_LONGEST_WORDS = 500  # characters of the network's own words that an error keeps
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # raised for the tunnel to the network, never for what goes through it
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deep") from None

    def member(self, name: str) -> Any:
        """That member of a JSON object, or None for any other body."""
        with contextlib.suppress(ValueError):
            body = self.json()
            return body.get(name) if isinstance(body, dict) else None
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a platform's error table: this status, with these words in the body, is that error.

    `says` is compared in lower case; empty means any body.
    """

    status: int
    says: str
    error: type[PublishingError]

    def matches(self, answer: Answer) -> bool:
        """Whether the answer is of this line."""
        return self.status == answer.status and self.says in answer.text.lower()


DEFAULTS = (
    *(Row(status, "", AccountError) for status in (401, 402, 403, 404)),
    Row(429, "", RateLimited),
    *(Row(status, "", Rejected) for status in (400, 405, 406, 410, 411, 413, 414, 415, 422)),
    *(Row(status, "", NoAnswer) for status in (502, 504)),  # whoever is behind works on
)
"""What a clear no means where a platform's own table is silent.

An unknown 403 or 404 is about the account or the address more often than about the text, and
holding an account loses nothing. Whatever is not listed (3xx, 5xx, 408, 409) is not a clear no.
"""


def own_words(answer: Answer) -> str:
    """What the network itself said, from the members that networks use for it."""
    for name in ("description", "detail", "message", "error_description", "error", "title"):
        said = answer.member(name)
        if isinstance(said, str) and said:
            return said
    return " ".join(answer.text.split())


def named_moment(answer: Answer, now: datetime) -> datetime | None:
    """The moment in `Retry-After` (seconds or a date, RFC 9110 section 10.2.3), or None."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return now + timedelta(seconds=int(value[:9]))
    with contextlib.suppress(ValueError, OverflowError):
        moment = parsedate_to_datetime(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def epoch_moment(answer: Answer, header: str) -> datetime | None:
    """The moment that this header gives in seconds since 1970, or None."""
    value = answer.headers.get(header, "").strip()
    return datetime.fromtimestamp(int(value[:10]), UTC) if value.isdecimal() else None


def secret(reference: SecretRef) -> str:
    """The secret itself, for a call. Raises AccountError where it cannot be had."""
    try:
        return reference.reveal()
    except BadConfiguration as error:
        raise AccountError(str(error)) from None


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """How one platform says no: its rows before the defaults, its words, its way to name a time."""

    rows: tuple[Row, ...] = ()
    words: Callable[[Answer], str] = own_words
    moment: Callable[[Answer, datetime], datetime | None] = named_moment

    def error(self, answer: Answer, effect: Effect, now: datetime) -> PublishingError:
        """The one error that this answer, which is no success, is called."""
        message = _clipped(f"{answer.status} {self.words(answer)}".strip(), _LONGEST_WORDS)
        row = next((row for row in (*self.rows, *DEFAULTS) if row.matches(answer)), None)
        until = self._until(answer, now)
        if row is None:
            return ambiguous(effect, message, until)
        if row.error is RateLimited:
            return RateLimited(message, until or now + PAUSE)
        if issubclass(row.error, OutcomeUnknown):
            return ambiguous(effect, message, until, kind=row.error)
        return row.error(message)

    def _until(self, answer: Answer, now: datetime) -> datetime | None:
        try:
            moment = self.moment(answer, now) or named_moment(answer, now)
            soonest, latest = now + timedelta(seconds=1), now + LONGEST_PAUSE
            return min(max(moment, soonest), latest) if moment else None
        except (ValueError, OverflowError):  # a year that no calendar knows
            return None


def ambiguous(
    effect: Effect,
    message: str,
    until: datetime | None = None,
    *,
    kind: type[OutcomeUnknown] = OutcomeUnknown,
) -> PublishingError:
    """What a lost or unclear answer means: harmless to repeat, or not to be guessed about.

    Where no answer came to the end, the `kind` is NoAnswer.
    """
    return (kind if effect is Effect.ONCE else Transient)(message, until)


class Sessions:
    """What log-ins gave us, by account; lives in memory and is shared by all wires."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, Mapping[str, str]] = {}

    def get(self, account: str) -> Mapping[str, str] | None:
        """The account's session, or None."""
        with self._lock:
            return self._kept.get(account)

    def put(self, account: str, session: Mapping[str, str] | None) -> None:
        """Keep the session, or forget it."""
        with self._lock:
            self._kept.pop(account, None)
            if session is not None:
                self._kept[account] = session


class Timer:
    """Starts when it is made, and runs out by whichever clock says so first.

    The wall clock may be set, the machine's own may sleep with us.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._began, self._ticked = clock.now(), time.monotonic()

    def has_run_out(self) -> bool:
        """Whether that many seconds are over."""
        by_the_wall = (self._clock.now() - self._began).total_seconds()
        return max(by_the_wall, time.monotonic() - self._ticked) > self._seconds


class Wire:
    """Sends calls over one HTTP client; made for one thread.

    It never retries, follows no redirect, and sets a timeout on everything. `hears` is told by how
    many seconds our clock is ahead of a network's, whenever one tells the time; it must not raise.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
        sessions: Sessions | None = None,
        hears: Callable[[float], None] = lambda _: None,
        resolver: Resolver = SHARED,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        self.clock = clock
        self._hears = hears
        self.sessions = sessions or Sessions()
        self._leave_by: Timer | None = None
        self._client = httpx.Client(
            transport=transport,
            verify=trust(),
            timeout=timeout,
            follow_redirects=False,
            trust_env=transport is None,
            headers={
                "User-Agent": f"karnay/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        )
        resolve_with(self._client, resolver)

    @contextlib.contextmanager
    def leaving_before(self, timer: Timer) -> Iterator[None]:
        """Within this block, a request is sent before the timer runs out, or not at all (NotSent).

        A process that was stopped between writing an attempt down and sending its request thus
        sends nothing when it wakes up: somebody else may have settled the delivery meanwhile.
        """
        self._leave_by = timer
        try:
            yield
        finally:
            self._leave_by = None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(
        self,
        call: Call,
        *,
        effect: Effect,
        table: ErrorTable,
        read: Callable[[Any], T],
        secrets: Mapping[str, str] = NOTHING,
    ) -> T:
        """Send the call and read its JSON answer; raises one PublishingError for all else.

        A success that `read` cannot read is as unclear as a lost answer.
        """
        answer = self.send(call, effect=effect, secrets=secrets)
        return self.understood(answer, effect=effect, table=table, read=read)

    def understood(
        self, answer: Answer, *, effect: Effect, table: ErrorTable, read: Callable[[Any], T]
    ) -> T:
        """The answer as `read` reads it, or the error that it is."""
        if not answer.ok:
            raise table.error(answer, effect, self.clock.now())
        try:
            return read(answer.json())
        except (ValueError, LookupError, TypeError, AttributeError):
            said = _clipped(" ".join(answer.text.split()), 80)
            raise ambiguous(
                effect, f"{answer.status} with an answer that is not understood: {said}"
            ) from None

    def send(
        self,
        call: Call,
        *,
        effect: Effect,
        secrets: Mapping[str, str] = NOTHING,
        content: bytes | None = None,
    ) -> Answer:
        """Send the call; whatever answer comes is returned. Raises NotSent, or what is unclear.

        `content` stands in for the call's body where a library has made (and signed) the bytes.
        """
        self._client.cookies.clear()  # one client speaks for many accounts
        request = self._request(call, secrets, content)
        self._still_in_time()
        try:
            return self._exchanged(request)
        except _BEFORE_SENDING as error:
            raise NotSent(_without_secrets(call, error)) from None
        except NotSent:
            raise
        except Exception as error:  # noqa: BLE001 - after sending, anything unforeseen is unclear
            raise ambiguous(effect, _without_secrets(call, error), kind=NoAnswer) from None

    def _exchanged(self, request: httpx.Request) -> Answer:
        sent = self.clock.now()
        response = self._client.send(request, stream=True)
        offset = clock_offset(response.headers.get("date", ""), sent, self.clock.now())
        if offset is not None:
            self._hears(offset)
        return _received(response)

    def _request(
        self, call: Call, secrets: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        try:
            return self._built(call, secrets, content)
        except Exception as error:  # noqa: BLE001 - an address or a secret that HTTP cannot carry
            raise NotSent(_without_secrets(call, error)) from None

    def _built(
        self, call: Call, secrets: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        headers = {name: revealed(value, secrets) for name, value in call.headers.items()}
        if call.body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self._client.build_request(
            call.method,
            revealed(call.url, secrets),
            headers=headers,
            content=content or call.content() or None,
            extensions={"trace": self._on_event},
        )

    def _on_event(self, name: str, _info: Mapping[str, Any]) -> None:
        # The last moment before the first byte leaves, after connecting and shaking hands.
        if name.endswith("send_request_headers.started"):
            self._still_in_time()

    def _still_in_time(self) -> None:
        if self._leave_by is not None and self._leave_by.has_run_out():
            raise NotSent("the request did not leave in time: the claim may be another's by now")


@cache
def trust() -> ssl.SSLContext:
    """Whom we believe to be who they say; one for all wires, as it takes long to make."""
    return httpx.create_ssl_context()


def _received(response: httpx.Response) -> Answer:
    """The whole answer; raises for one that is too large or takes too long."""
    content, end = bytearray(), time.monotonic() + DEADLINE
    with contextlib.closing(response):
        for piece in response.iter_bytes():
            content += piece
            if len(content) > LARGEST_ANSWER or time.monotonic() > end:
                raise httpx.ReadError("the answer is too large, or does not end")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(content))


def revealed(template: str, secrets: Mapping[str, str]) -> str:
    """The text with `{name}` replaced by that secret."""
    for name, value in secrets.items():
        template = template.replace("{" + name + "}", value)
    return template


def _clipped(text: str, longest: int) -> str:
    # Masked before it is cut: half a secret would no longer be known for one.
    return redact(text)[:longest]


def _without_secrets(call: Call, error: Exception) -> str:
    said = redact(str(error)) or "no reason given"
    return f"{call.method} {call.url}: {type(error).__name__}: {said}"
