"""The AT Protocol: addresses, record keys, errors, and the way into an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import SecretStr

from karnay.errors import AccountError
from karnay.platforms.answers import Answer, ErrorTable, Row, epoch_moment, named_moment
from karnay.platforms.atproto_identity import ENTRYWAY, data_server, entrance
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.wire import secret
from karnay.secrets import SecretRef, remember

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from karnay.platforms.wire import Wire

T = TypeVar("T")

BEARER: Mapping[str, str] = {"Authorization": "Bearer {access}"}
"""The headers of a call that is made as the account."""

REFRESH: Mapping[str, str] = {"Authorization": "Bearer {refresh}"}

_SERVICE_TOKEN_LIVES = timedelta(minutes=30)
"""The longest that a server gives: a video may be worked on for as long."""

_TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def address(server: str, method: str, **query: str) -> str:
    """The address of a `com.atproto` method on that server."""
    asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return f"{server}/xrpc/com.atproto.{method}{asked}"


def record_key(microseconds: int, clock_id: int) -> str:
    """The TID of that moment since 1970 and that clock of 10 bits: https://atproto.com/specs/tid."""
    value = microseconds << 10 | clock_id
    return "".join(_TID_ALPHABET[value >> shift & 31] for shift in range(60, -1, -5))


def _named(answer: Answer, now: datetime) -> datetime | None:
    # Servers name the end of the current window in every answer, and a 429 may name nothing else.
    if answer.status != 429:
        return None
    return named_moment(answer, now) or epoch_moment(answer, "ratelimit-reset")


ERRORS = ErrorTable(
    rows=(Row(400, "expiredtoken", AccountError), Row(400, "invalidtoken", AccountError)),
    moment=_named,
)
"""What a no means here; else it is as everywhere: 401 and 403 the account, 400 and 413 the content.

https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/auth-verifier.ts
"""

_LOG_IN_ERRORS = replace(ERRORS, rows=(Row(400, "", AccountError),))


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to log in."""

    account: str  # the name under which the session is kept
    handle: str
    password: SecretRef
    server: str


@dataclass(frozen=True, slots=True)
class Door:
    """The way into one account: opened when first needed, and once more when it has closed."""

    credentials: Credentials
    wire: Wire

    def ask(self, call: Call, *, effect: Effect, read: Callable[[Any], T]) -> T:
        """Make the call, which has the `BEARER` headers, as the account.

        A call that the server refused for its token did nothing, so it is repeated once with a new
        one. Raises a PublishingError.
        """
        answer = self._send(call, self._session() or self._log_in(), effect)
        if _logged_out(answer):
            answer = self._send(call, self._renewed(), effect)
        if _logged_out(answer):
            self.wire.sessions.put(self.credentials.account, None)
        return self.wire.understood(answer, effect=effect, table=ERRORS, read=read)

    def serve(self, call: Call, lxm: str) -> Answer:
        """The answer of another service to a call with the headers `{service}`.

        It acts for the account, by that method on its server: the server gives a token for it,
        which is renewed once where the service refuses it. Raises a PublishingError.
        """
        kept = f"{self.credentials.account}: {lxm}"
        token = self.wire.sessions.get(kept) or self._introduced(kept, lxm)
        answer = self.wire.send(call, effect=Effect.SAFE, secrets=token)
        if _logged_out(answer):
            token = self._introduced(kept, lxm)
            answer = self.wire.send(call, effect=Effect.SAFE, secrets=token)
        return answer

    def _introduced(self, kept: str, lxm: str) -> Mapping[str, str]:
        """https://docs.bsky.app/docs/api/com-atproto-server-get-service-auth"""
        home = (self._session() or self._log_in())["server"]
        asked = {
            "aud": f"did:web:{urlsplit(home).hostname}",  # as servers name themselves: no port
            "lxm": lxm,
            "exp": f"{(self.wire.clock.now() + _SERVICE_TOKEN_LIVES).timestamp():.0f}",
        }
        url = address(self.credentials.server, "server.getServiceAuth", **asked)
        token = self.ask(Call("GET", url, BEARER), effect=Effect.SAFE, read=_service_token)
        self.wire.sessions.put(kept, token)
        return token

    def home(self) -> str:
        """Where the account's records are. Raises a PublishingError where that cannot be had."""
        session = self._session()
        return session["server"] if session else self._entrance()

    def _session(self) -> Mapping[str, str] | None:
        return self.wire.sessions.get(self.credentials.account)

    def _send(self, call: Call, session: Mapping[str, str], effect: Effect) -> Answer:
        url = session["server"] + call.url.removeprefix(self.credentials.server)
        return self.wire.send(replace(call, url=url), effect=effect, secrets=session)

    def _renewed(self) -> Mapping[str, str]:
        """A session by the refresh token, or else by the password."""
        session = self._session()
        door = (session or {}).get("door", self.credentials.server)
        call = Call("POST", address(door, "server.refreshSession"), REFRESH)
        answer = self.wire.send(call, effect=Effect.SAFE, secrets=session or {})
        return self._log_in() if answer.status in (400, 401, 403) else self._kept(answer, door)

    def _log_in(self) -> Mapping[str, str]:
        password = secret(self.credentials.password)
        said = {"identifier": self.credentials.handle, "password": password}
        door = self._entrance()
        call = Call("POST", address(door, "server.createSession"), body=said)
        return self._kept(self.wire.send(call, effect=Effect.SAFE), door)

    def _entrance(self) -> str:
        # Bluesky's own door is what karnay.toml says when it says nothing.
        named = self.credentials.server
        return entrance(self.credentials.handle, self.wire) if named == ENTRYWAY else named

    def _kept(self, answer: Answer, door: str) -> Mapping[str, str]:
        session = self.wire.understood(
            answer, effect=Effect.SAFE, table=_LOG_IN_ERRORS, read=lambda body: _read(body, door)
        )
        self.wire.sessions.put(self.credentials.account, session)
        return session


def _read(body: Mapping[str, Any], door: str) -> Mapping[str, str]:
    tokens = {"access": body["accessJwt"], "refresh": body["refreshJwt"]}
    for token in tokens.values():
        remember(SecretStr(token))
    # Only the entryway is another server than the one that holds the records.
    behind = data_server(body.get("didDoc") or {}) if door == ENTRYWAY else None
    return {**tokens, "server": behind or door, "door": door}


def _service_token(body: Mapping[str, Any]) -> Mapping[str, str]:
    token = str(body["token"])
    remember(SecretStr(token))
    return {"service": token}


def _logged_out(answer: Answer) -> bool:
    named = answer.member("error") in ("ExpiredToken", "InvalidToken")
    return answer.status == 401 or (answer.status == 400 and named)
