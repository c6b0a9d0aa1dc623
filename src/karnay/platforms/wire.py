"""The wire: the one place that speaks HTTP, and that turns every end into one named error."""

from __future__ import annotations

import contextlib
import time
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from karnay import __version__
from karnay.accounts import NOTHING
from karnay.errors import (
    AccountError,
    BadConfiguration,
    NoAnswer,
    NotSent,
)
from karnay.platforms import logs
from karnay.platforms.answers import Answer, ambiguous, clipped
from karnay.platforms.bodies import NoFiles, content_type, prepared
from karnay.platforms.resolver import SHARED, Resolver, resolve_with
from karnay.platforms.told_time import clock_offset
from karnay.secrets import redact

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from karnay.clock import Clock
    from karnay.platforms.answers import ErrorTable
    from karnay.platforms.base import Effect
    from karnay.platforms.bodies import Files
    from karnay.platforms.calls import Call
    from karnay.secrets import SecretRef

T = TypeVar("T")

Transport = httpx.BaseTransport
"""What carries requests; tests hand in one of their own, and stand for the network with it."""

logs.guard()

Timeout = httpx.Timeout
"""How long each stage of an exchange may take."""

TIMEOUT = Timeout(10, read=60, write=60, pool=5)
"""Seconds: to connect, to wait for the answer, to hand over the body, to get a connection."""

DEADLINE = 120.0
"""Seconds that a whole exchange may take, however slowly the answer comes in."""

LARGEST_ANSWER = 4_000_000
"""Bytes of an answer that are read; no network's answer to us comes near."""

"""How long to leave a network alone that says "too many" without saying how long."""

_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # raised for the tunnel to the network, never for what goes through it
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)


def secret(reference: SecretRef) -> str:
    """The secret itself, for a call. Raises AccountError where it cannot be had."""
    try:
        return reference.reveal()
    except BadConfiguration as error:
        raise AccountError(str(error)) from None


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

    def __init__(  # noqa: PLR0913 - seams, each with what it is by default
        self,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
        sessions: Sessions | None = None,
        hears: Callable[[float], None] = lambda _: None,
        resolver: Resolver = SHARED,
        timeout: Timeout = TIMEOUT,
        files: Files | None = None,
    ) -> None:
        self.clock = clock
        self._hears = hears
        self.sessions = sessions or Sessions()
        self._leave_by: Timer | None = None
        self.files = files or NoFiles()
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

    def __enter__(self) -> Self:
        """Closes at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
        """The answer's JSON as `read` reads it, or the error that it is."""
        return self.heard(answer, effect=effect, table=table, read=lambda whole: read(whole.json()))

    def heard(
        self, answer: Answer, *, effect: Effect, table: ErrorTable, read: Callable[[Answer], T]
    ) -> T:
        """The same where the headers tell it, or the status alone: `read` gets the whole answer."""
        if not answer.ok:
            raise table.error(answer, effect, self.clock.now())
        try:
            return read(answer)
        except (ValueError, LookupError, TypeError, AttributeError):
            said = clipped(" ".join(answer.text.split()), 80)
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
        with self._request(call, secrets, content) as request:
            self._still_in_time()
            return self._answered(call, request, effect)

    def _answered(self, call: Call, request: httpx.Request, effect: Effect) -> Answer:
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

    @contextlib.contextmanager
    def _request(
        self, call: Call, secrets: Mapping[str, str], content: bytes | None
    ) -> Iterator[httpx.Request]:
        with contextlib.ExitStack() as files:
            try:
                ours = files.enter_context(prepared(call, self.files))
                body = {"content": content} if content else ours
                request = self._built(call, secrets, body)
            except Exception as error:  # noqa: BLE001 - whatever HTTP cannot carry, or is gone
                raise NotSent(_without_secrets(call, error)) from None
            yield request

    def _built(
        self, call: Call, secrets: Mapping[str, str], body: Mapping[str, Any]
    ) -> httpx.Request:
        headers = {name: revealed(value, secrets) for name, value in call.headers.items()}
        kind = content_type(call)
        if kind is not None:
            headers.setdefault("Content-Type", kind)
        return self._client.build_request(
            call.method,
            revealed(call.url, secrets),
            headers=headers,
            extensions={"trace": self._on_event},
            **body,
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


def _without_secrets(call: Call, error: Exception) -> str:
    said = redact(str(error)) or "no reason given"
    return f"{call.method} {call.url}: {type(error).__name__}: {said}"
