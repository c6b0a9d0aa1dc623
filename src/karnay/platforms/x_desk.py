"""One account's X, asked by way of tweepy, and what its refusals mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlencode

import tweepy
from pydantic import BaseModel, ConfigDict, model_validator

from karnay.errors import NoAnswer, OutcomeUnknown, PublishingError, Rejected
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, ambiguous, epoch_moment, own_words
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.carrier import Carrier, Session
from karnay.platforms.wire import Wire, secret
from karnay.secrets import SecretRef

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

API = "https://api.x.com"
SITE = "https://x.com"

_TWEEPYS_HOST = "https://api.twitter.com"  # a literal in tweepy.Client.request

_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


class Details(BaseModel):
    """What karnay.toml says of an account: how we are let in, and what it may do.

    Either the app's two keys and the account's two tokens (OAuth 1.0a; they never end), or `token`,
    which a log-in gives (OAuth 2.0; it is renewed all the time) to the app named by `client_id`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    consumer_key: SecretRef | None = None
    consumer_secret: SecretRef | None = None
    access_token: SecretRef | None = None
    access_token_secret: SecretRef | None = None
    token: SecretRef | None = None
    client_id: str = ""
    client_secret: SecretRef | None = None
    api: Address = API
    username: str = ""  # only for links
    tier: Literal["standard", "premium"] = "standard"

    @model_validator(mode="after")
    def _lets_us_in(self) -> Details:
        given = [name for name in _KEYS if getattr(self, name)]
        if self.token and given:
            raise ValueError(f"either token or {', '.join(given)}, not both")
        if not self.token and len(given) < len(_KEYS):
            raise ValueError(f"wants {', '.join(_KEYS)}; or token, with client_id to log in")
        return self

    @property
    def site(self) -> str:
        """Where people see posts; a sandbox shows them itself."""
        return self.api if loopback(self.api) else SITE

    @property
    def authorization(self) -> str:
        """How the plan shows the header. What OAuth 1.0a signs is known only when it is sent."""
        return "Bearer {token}" if self.token else "OAuth {signature}"

    def client(self) -> tweepy.Client:
        """Tweepy's, with the secrets. Raises AccountError where one cannot be had."""
        if self.token:
            return tweepy.Client(bearer_token=secret(self.token))
        return tweepy.Client(**{name: secret(getattr(self, name)) for name in _KEYS})


def _words(answer: Answer) -> str:
    """X's `detail` only says that something is wrong; `errors` say what."""
    errors = answer.member("errors")
    listed = errors if isinstance(errors, list) else []
    said = [error.get("message") for error in listed if isinstance(error, dict)]
    return "; ".join(str(message) for message in said if message) or own_words(answer)


def _moment(answer: Answer, now: datetime) -> datetime | None:
    """When the exhausted window ends: the quarter of an hour's, or a day's."""
    if answer.status != 429:
        return None
    ends = {name: epoch_moment(answer, f"{name}-reset") for name in _WINDOWS}
    spent = [name for name in _WINDOWS if answer.headers.get(f"{name}-remaining") == "0"]
    moments = [moment for name in spent or _WINDOWS if (moment := ends[name])]
    return max(moments, default=_capped(answer, now))


def _capped(answer: Answer, now: datetime) -> datetime | None:
    """When to ask again where a cap of the project's plan is used up, which names no moment.

    The problem and its periods: https://api.x.com/2/openapi.json
    """
    is_capped = str(answer.member("type")).endswith("/usage-capped")
    wait = _CAPS.get(str(answer.member("period")).lower(), timedelta(hours=1))
    return now + wait if is_capped else None


_CAPS = {"daily": timedelta(hours=1), "monthly": timedelta(days=1)}


_WINDOWS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")

ERRORS = ErrorTable(
    rows=(
        Row(403, "duplicate content", OutcomeUnknown),  # perhaps our own, whose answer was lost
        Row(403, "you can only reply to or quote posts", Rejected),
        Row(403, "not-authorized-for-resource", Rejected),
        Row(403, "you are not permitted to perform this action", Rejected),
        Row(403, "too long", Rejected),
    ),
    words=_words,
    moment=_moment,
)
"""What a no means; any other 402 or 403 is about the account: credits, spend cap, permissions.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""


class Gone(Rejected):
    """There is no such post (any more)."""


_GONE_IS_FINE = replace(ERRORS, rows=(Row(404, "", Gone), *ERRORS.rows))


@dataclass(frozen=True, slots=True)
class Desk:
    """One account's X, by way of tweepy."""

    details: Details
    wire: Wire

    def ask(
        self, call: Call, *, effect: Effect, read: Callable[[Any], T], table: ErrorTable = ERRORS
    ) -> T:
        """Make the call as the account. Raises a PublishingError, and nothing else."""
        client = self.details.client()
        carrier = Carrier(self.wire, table, effect, call.body)
        client.session = Session(carrier, here=_TWEEPYS_HOST, there=self.details.api)
        try:
            route = call.url.removeprefix(self.details.api)
            response = client.request(call.method, route, user_auth=not self.details.token)
        except PublishingError:
            raise
        except Exception as error:  # noqa: BLE001 - of tweepy's, requests' or oauthlib's making
            said = f"{call.method} {call.url}: {type(error).__name__}"
            raise ambiguous(effect, said, kind=NoAnswer) from None
        content = response.content or b"null"  # as of old for a piece of a file
        answer = Answer(response.status_code, dict(response.headers), content)
        return self.wire.understood(answer, effect=effect, table=table, read=read)

    def look(self, path: str, read: Callable[[Any], T], **query: str) -> T:
        """Ask for something that changes nothing."""
        asked = f"?{urlencode(query)}" if query else ""
        call = Call("GET", f"{self.details.api}{path}{asked}")
        return self.ask(call, effect=Effect.SAFE, read=read)

    def me(self) -> Mapping[str, str]:
        """The account's `id` and `username`."""
        return self.look("/2/users/me", _user)

    def take_down(self, post: str) -> None:
        """Delete a post; raises Gone where there is none, or another PublishingError.

        https://docs.x.com/x-api/posts/delete-post
        """
        call = Call("DELETE", f"{self.details.api}/2/tweets/{post}")
        self.ask(call, effect=Effect.KEYED, read=_deleted, table=_GONE_IS_FINE)


def _user(body: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: str(body["data"][name]) for name in ("id", "username")}


def _deleted(body: Mapping[str, Any]) -> None:
    if not body["data"]["deleted"]:
        raise Gone("there is no such post")
