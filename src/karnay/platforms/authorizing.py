"""Performs what a platform's `OAuth` describes: sends to the browser, trades, renews.

https://www.rfc-editor.org/rfc/rfc6749 with PKCE, https://www.rfc-editor.org/rfc/rfc7636, and native
applications' loopback redirect, https://www.rfc-editor.org/rfc/rfc8252.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, quote_plus, urlencode

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from karnay.errors import AccountError, BadConfiguration, Transient
from karnay.platforms.address import loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, ambiguous
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.logins import Client, OAuth, Refresh, Tokens, Trade, place
from karnay.secrets import SecretRef, remember_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire

T = TypeVar("T")

CLIENT_NAME = "karnay"
"""What a client that is registered for one log-in calls itself."""

ERRORS = ErrorTable(
    rows=(
        Row(400, '"is_transient":true', Transient),  # Meta's
        Row(400, '"is_transient": true', Transient),
        Row(400, "", AccountError),  # invalid_grant, invalid_client, invalid_scope ...
        Row(422, "", AccountError),
    )
)
"""Token endpoints refuse the log-in, never a post:
https://www.rfc-editor.org/rfc/rfc6749#section-5.2"""

_VERIFIER_LENGTH = 64  # characters, of 43 to 128
_FORM = "application/x-www-form-urlencoded"


def _verifier() -> str:
    return str(WebApplicationClient("").create_code_verifier(_VERIFIER_LENGTH))


@dataclass(frozen=True, slots=True)
class Authorization:
    """One log-in on its way through a browser; good for one answer."""

    oauth: OAuth
    account: Account
    client: Client
    redirect_uri: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=_verifier, repr=False)

    def __post_init__(self) -> None:
        """Have every log and error hide what only we and the network may know."""
        remember_all((self.state, self.verifier))

    @property
    def address(self) -> str:
        """Where to send the person's browser."""
        client, asked = WebApplicationClient(self.client.id), dict(self.oauth.parameters)
        if self.oauth.pkce:
            challenge = client.create_code_challenge(self.verifier, "S256")
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return _plain(
            client.prepare_request_uri(
                _secure(place(self.oauth.authorize, self.account)),
                redirect_uri=self.redirect_uri,
                scope=self.oauth.separator.join(self.oauth.scopes),
                state=self.state,
                **asked,
            ),
            place(self.oauth.authorize, self.account),
        )

    def code(self, ended_on: str) -> str:
        """The code in the address that the browser ended on.

        Raises AccountError where the person or the network said no, and for an address of another
        log-in.
        """
        try:
            told = WebApplicationClient(self.client.id).parse_request_uri_response(
                _secure(ended_on.strip()), self.state
            )
        except OAuth2Error as error:
            raise AccountError(_in_words(error)) from None
        remember_all((told["code"],))
        return str(told["code"])


def _secure(address: str) -> str:
    """As oauthlib wants it: it knows no loopback, which RFC 8252 section 7.3 allows without TLS."""
    if address.startswith("http://") and loopback(address):
        return address.replace("http://", "https://", 1)
    return address


def _plain(address: str, like: str) -> str:
    return address.replace("https://", "http://", 1) if like.startswith("http://") else address


_REFUSALS = {
    "mismatching_state": "that address belongs to another log-in: begin again",
    "missing_code": "there is no code in that address: paste all of it",
    "insecure_transport": "that address is not one of this log-in: it begins with http://",
    "access_denied": "access was not granted",
}


def _in_words(error: OAuth2Error) -> str:
    said = _REFUSALS.get(error.error, f"the network refused the log-in: {error.error}")
    return f"{said} ({error.description})" if error.description else said


@dataclass(frozen=True, slots=True)
class Authorizing:
    """Makes the requests of one account's log-in over the wire. Raises PublishingError."""

    oauth: OAuth
    account: Account
    wire: Wire

    def begin(self, redirect_uri: str) -> Authorization:
        """A log-in that comes back to this address; the client is registered if it must be.

        Raises BadConfiguration where karnay.toml names no client.
        """
        client = self._registered(redirect_uri) if self.oauth.registers_at else self._client()
        return Authorization(self.oauth, self.account, client, redirect_uri)

    def finish(self, authorization: Authorization, ended_on: str) -> Tokens:
        """The tokens for the code in the address that the browser ended on."""
        given = {
            "code": authorization.code(ended_on),
            "redirect_uri": authorization.redirect_uri,
            "verifier": authorization.verifier if self.oauth.pkce else "",
        }
        tokens = self._traded(self.oauth.code, given, authorization.client)
        if self.oauth.registers_at:
            tokens = replace(tokens, client=authorization.client)
        return self._lengthened(tokens, authorization.client)

    def renewed(self, refresh: Refresh, tokens: Tokens) -> Tokens:
        """Tokens in place of these, which may be spent once this was called."""
        effect = Effect.ONCE if refresh.single_use else Effect.SAFE
        given = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
        client = tokens.client or self._client()
        fresh = self._traded(refresh.trade, given, client, effect)
        return _completed(fresh, tokens)

    def _lengthened(self, tokens: Tokens, client: Client) -> Tokens:
        if self.oauth.lengthens is None:
            return tokens
        given = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
        return _completed(self._traded(self.oauth.lengthens, given, client), tokens)

    def _client(self) -> Client:
        """The application that karnay.toml names."""
        id_, secret = (self._detail(key) for key in self.oauth.client)
        if not id_:
            key = f"accounts.{self.account.name}.{self.oauth.client[0]}"
            raise BadConfiguration.of("is missing: the application's id at the network", path=key)
        return Client(id_, secret)

    def _detail(self, key: str) -> str:
        value = getattr(self.account.details, key, None)
        return value.reveal() if isinstance(value, SecretRef) else str(value or "")

    def _registered(self, redirect_uri: str) -> Client:
        """A client of the account's own server: https://docs.joinmastodon.org/methods/apps/#create."""
        body = {
            "client_name": CLIENT_NAME,
            "redirect_uris": redirect_uri,
            "scopes": self.oauth.separator.join(self.oauth.scopes),
        }
        call = Call("POST", place(self.oauth.registers_at, self.account), body=body)
        return self._read(self.wire.send(call, effect=Effect.SAFE), _client_in, Effect.SAFE)

    def _traded(
        self,
        trade: Trade,
        given: Mapping[str, str],
        client: Client,
        effect: Effect = Effect.SAFE,
    ) -> Tokens:
        values = {**given, "client_id": client.id, "client_secret": client.secret}
        answer = _send(self.wire, place(trade.url, self.account), trade, values, effect)
        now = self.wire.clock.now()
        tokens = self._read(answer, lambda body: self.oauth.read(body, now), effect)
        if tokens.expires_at is None and self.oauth.lifetime is not None:
            return replace(tokens, expires_at=now + self.oauth.lifetime)
        return tokens

    def _read(self, answer: Answer, read: Callable[[Any], T], effect: Effect) -> T:
        """What the answer holds; one that is not understood is never quoted: it may hold tokens."""
        if not answer.ok:
            raise ERRORS.error(answer, effect, self.wire.clock.now())
        try:
            return read(answer.json())
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            said = f"{answer.status} with an answer that is not understood"
            raise ambiguous(effect, said) from None


def _send(wire: Wire, url: str, trade: Trade, values: Mapping[str, str], effect: Effect) -> Answer:
    """One request; secrets are put in at the last moment, so that no error can show them."""
    remember_all(value for name, value in values.items() if name not in _PUBLIC)
    in_header = trade.basic and bool(values["client_secret"])
    asked = {
        name: value
        for name, value in _filled(trade.parameters, values).items()
        if not (in_header and name == "client_secret")
    }
    headers = {"Authorization": "Basic {basic}"} if in_header else {}
    hidden = {"basic": _basic(values)}
    if trade.method == "GET":
        shown = "&".join(f"{quote(name)}={{{name}}}" for name in asked)
        hidden |= {name: quote(value, safe="") for name, value in asked.items()}
        return wire.send(Call("GET", f"{url}?{shown}", headers), effect=effect, secrets=hidden)
    call = Call("POST", url, {**headers, "Content-Type": _FORM})
    return wire.send(call, effect=effect, secrets=hidden, content=urlencode(asked).encode())


_PUBLIC = ("client_id", "redirect_uri")


def _filled(parameters: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    filled = {
        name: values.get(value[1:-1], "") if value.startswith("{") else value
        for name, value in parameters.items()
    }
    return {name: value for name, value in filled.items() if value}


def _basic(values: Mapping[str, str]) -> str:
    """https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1"""
    pair = ":".join(quote_plus(values[name]) for name in ("client_id", "client_secret"))
    written = base64.b64encode(pair.encode()).decode()
    remember_all((written,))
    return written


def _completed(fresh: Tokens, old: Tokens) -> Tokens:
    """What a renewal leaves out stays as it was: https://www.rfc-editor.org/rfc/rfc6749#section-6"""
    return replace(
        fresh,
        refresh_token=fresh.refresh_token or old.refresh_token,
        scopes=fresh.scopes or old.scopes,
        client=old.client,
    )


def _client_in(body: Any) -> Client:
    secret = body["client_secret"]
    remember_all((secret,))
    return Client(str(body["client_id"]), str(secret))
