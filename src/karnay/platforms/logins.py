"""How one logs in to a network: by secrets that are asked for, or by OAuth in a browser.

A platform says so in its attribute `login`, as data; it is performed by `authorizing`. What the
log-in gives goes into the vault, and the account's table refers to it: `token = "vault:NAME"`.

    login = Asked((Question("token", "bot token", "from https://t.me/BotFather: /newbot"),))

    login = OAuth(
        authorize="https://x.example/authorize",
        code=for_code("{api}/oauth2/token"),
        scopes=("write",),
        refresh=Refresh(by_refresh_token("{api}/oauth2/token"), ahead=timedelta(minutes=30)),
    )
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from karnay.accounts import NOTHING, Account
from karnay.secrets import SecretRef, remember_all

if TYPE_CHECKING:
    from karnay.platforms.base import Platform
    from karnay.platforms.wire import Wire

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Client:
    """The application that an account's owner lets in; one without a secret is public."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a log-in gave. Moments are aware UTC; `expires_at` is None where it does not end.

    `scopes` are those granted; empty where the network did not say. `client` is the application
    that was registered for this log-in alone (Mastodon's), else None.
    """

    access_token: str = field(repr=False)
    got_at: datetime
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    client: Client | None = None

    def __post_init__(self) -> None:
        """Have every log and error hide them from now on."""
        remember_all((self.access_token, self.refresh_token))


def read_tokens(body: Any, now: datetime) -> Tokens:
    """The tokens in a standard answer, https://www.rfc-editor.org/rfc/rfc6749#section-5.1.

    Raises LookupError, TypeError or ValueError for an answer of another shape.
    """
    token, refresh, seconds = (
        body["access_token"],
        body.get("refresh_token"),
        body.get("expires_in"),
    )
    if not isinstance(token, str) or not token:
        raise ValueError("no token")
    return Tokens(
        access_token=token,
        got_at=now,
        refresh_token=refresh if isinstance(refresh, str) else "",
        expires_at=now + timedelta(seconds=int(seconds)) if seconds else None,
        scopes=_scopes(body.get("scope")),
    )


def _scopes(value: Any) -> tuple[str, ...]:
    """Separated by blanks, as the standard says, or by commas, as LinkedIn does."""
    return tuple(re.split(r"[\s,]+", value.strip())) if isinstance(value, str) and value else ()


@dataclass(frozen=True, slots=True)
class Question:
    """A secret that is asked for without echo: the key of `details` that it fills, and in words.

    `hint` says where to get it, with its link.
    """

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Secrets that a person has: a bot token, an app password, a webhook's address."""

    questions: tuple[Question, ...]


class Loopback(StrEnum):
    """Whether the network sends the browser back to this machine, http://127.0.0.1:PORT."""

    ANY_PORT = "any port"  # RFC 8252 section 7.3, or the client is registered with the port
    AS_REGISTERED = "as registered"  # with the port that the application names at the network
    UNDOCUMENTED = "undocumented"  # an https address is registered, and what it gets is pasted


@dataclass(frozen=True, slots=True)
class Trade:
    """One request that trades something for a token.

    Values of `parameters` are literal or `{name}`: code, redirect_uri, verifier, client_id,
    client_secret, access_token, refresh_token; one whose value is not there is left out. They go
    into the address of a GET, into the form of a POST. With `basic`, a client that has a secret
    says who it is in a header instead (RFC 6749 section 2.3.1). `{key}` in `url` is that key of
    the account's details.
    """

    url: str
    parameters: Mapping[str, str] = field(hash=False)
    method: Literal["GET", "POST"] = "POST"
    basic: bool = field(default=False, kw_only=True)

    def needs(self, name: str) -> bool:
        """Whether it has that to give."""
        return "{" + name + "}" in self.parameters.values()


_CLIENT = {"client_id": "{client_id}", "client_secret": "{client_secret}"}


def for_code(url: str, *, method: Literal["GET", "POST"] = "POST", basic: bool = False) -> Trade:
    """The standard's trade of a code, https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3."""
    given = {name: "{" + name + "}" for name in ("code", "redirect_uri")}
    fixed = {"grant_type": "authorization_code", **given, "code_verifier": "{verifier}"}
    return Trade(url, {**fixed, **_CLIENT}, method, basic=basic)


def by_refresh_token(url: str, *, basic: bool = False) -> Trade:
    """The standard's refresh, https://www.rfc-editor.org/rfc/rfc6749#section-6."""
    fixed = {"grant_type": "refresh_token", "refresh_token": "{refresh_token}"}
    return Trade(url, {**fixed, **_CLIENT}, basic=basic)


def by_get(url: str, grant: str, **parameters: str) -> Trade:
    """One of Meta's trades: a GET with `grant_type` and these parameters (`ig_refresh_token`)."""
    return Trade(url, {"grant_type": grant, **parameters}, "GET")


@dataclass(frozen=True, slots=True)
class Refresh:
    """How a token is renewed before it ends.

    It is done `ahead` of the end, and not before the token is `least_age` old. A `single_use`
    refresh token must never be sent twice: what became of it is then a question for a person.
    """

    trade: Trade
    ahead: timedelta
    least_age: timedelta = timedelta()
    single_use: bool = field(default=False, kw_only=True)

    def due(self, tokens: Tokens) -> datetime | None:
        """When to renew these; None: they do not end, or cannot be renewed."""
        lacking = self.trade.needs("refresh_token") and not tokens.refresh_token
        if tokens.expires_at is None or lacking:
            return None
        return max(tokens.expires_at - self.ahead, tokens.got_at + self.least_age)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the places that a log-in opens (a Page, an organisation).

    `details` are the keys of karnay.toml that name it; `tokens`, where it has its own, are kept in
    place of the person's.
    """

    label: str
    details: Mapping[str, str] = field(hash=False)
    tokens: Tokens | None = None


Read = Callable[[Any, datetime], Tokens]
Choices = Callable[[Tokens, Account, "Wire"], Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class OAuth:
    """The authorization code grant, and what networks make of it.

    `{key}` in an address is that key of the account's details, so that a sandbox can stand in.
    `fills` and `client` name keys of details: where the token's reference is, and the application's
    id and secret; `questions` ask for the secret where it is to be kept in the vault.
    `registers_at` is where a client is registered first (Mastodon). `parameters` are extra ones of
    the authorization address. `lengthens` trades the first, short-lived token at once. `lifetime`
    is the documented one, for an answer that says none. `choices` asks for the places that the
    log-in opens; raises PublishingError.
    """

    authorize: str
    code: Trade
    scopes: tuple[str, ...]
    refresh: Refresh | None = None
    lengthens: Trade | None = None
    lifetime: timedelta | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: NOTHING, hash=False)
    separator: str = " "  # between scopes
    pkce: bool = True
    loopback: Loopback = Loopback.UNDOCUMENTED
    fills: str = "token"
    client: tuple[str, str] = ("client_id", "client_secret")
    registers_at: str = ""
    questions: tuple[Question, ...] = ()
    read: Read = read_tokens
    choices: Choices | None = None

    def kept_as(self, account: Account) -> str | None:
        """The name under which the vault keeps the account's token; None: it is elsewhere."""
        reference = getattr(account.details, self.fills, None)
        return reference.kept_as if isinstance(reference, SecretRef) else None

    def lacking(self, tokens: Tokens) -> list[str]:
        """The scopes that were not granted; none where the network did not say."""
        return [scope for scope in self.scopes if tokens.scopes and scope not in tokens.scopes]


Login = Asked | OAuth


def login_of(platform: Platform, account: Account) -> Login | None:
    """How to log in to the account; None where its platform knows no way but references.

    A platform with several ways has a method `login(account)` in the attribute's place.
    """
    login: Login | Callable[[Account], Login] | None = getattr(platform, "login", None)
    return login(account) if callable(login) else login


def place(address: str, account: Account) -> str:
    """The address with each `{key}` replaced by that key of the account's details."""
    return _PLACEHOLDER.sub(lambda found: str(getattr(account.details, found[1])), address)


def places(login: Login, account: str) -> dict[str, str]:
    """Where the vault keeps what the log-in gives: key of details -> name; the first is plain."""
    first = (login.fills,) if isinstance(login, OAuth) else ()
    keys = dict.fromkeys((*first, *(question.key for question in login.questions)))
    return {key: f"{account}/{key}" if number else account for number, key in enumerate(keys)}


def kept_by_login(platform: Platform, account: str) -> dict[str, str]:
    """The references of a new account's table that a log-in will fill: `{"token": "vault:NAME"}`.

    None where the platform has no log-in, or several.
    """
    login = getattr(platform, "login", None)
    if not isinstance(login, Asked | OAuth):
        return {}
    return {key: f"vault:{name}" for key, name in places(login, account).items()}
