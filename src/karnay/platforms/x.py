"""X, through tweepy and OAuth 1.0a: https://docs.x.com/x-api/posts/create-post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from urllib.parse import urlencode

import tweepy
from pydantic import BaseModel, ConfigDict

from karnay.accounts import NOTHING, Budget, Counts
from karnay.errors import (
    AccountError,
    NoAnswer,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
)
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, ambiguous, epoch_moment, own_words
from karnay.platforms.base import (
    Absent,
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
from karnay.platforms.calls import Call, Json, Ref
from karnay.platforms.carrier import Carrier, Session
from karnay.platforms.sightings import Wanted, look
from karnay.platforms.wire import Wire, secret
from karnay.platforms.x_timeline import Timeline, essence
from karnay.rendering.limits import Doubt, Limits
from karnay.secrets import SecretRef
from karnay.text.measure import Additive, Counter, Dialect
from karnay.text.richtext import Kind
from karnay.text.x import detect, measure
from karnay.text.x_emoji import surplus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from karnay.accounts import Account
    from karnay.rendering.variant import Variant
    from karnay.text.richtext import RichText

T = TypeVar("T")

API = "https://api.x.com"
SITE = "https://x.com"

CHARACTERS = 280
"""Weighted: https://docs.x.com/fundamentals/counting-characters"""

PREMIUM = 25_000
"""For accounts with X Premium, by the same endpoint: https://docs.x.com/changelog"""

CASHTAGS = 1
"""In one post, below the enterprise tiers: https://docs.x.com/changelog"""

THREAD = 25
"""Parts: X sets no limit, but bills each one; and an announcement is no book."""

_TWEEPYS_HOST = "https://api.twitter.com"  # a literal in tweepy.Client.request


EMOJI = Doubt(
    Counter("characters", 0, surplus),
    "counted with {used} more than X's documents say, for emoji newer than the table of X's own "
    "published counter",
)


class Details(BaseModel):
    """What karnay.toml says of an account: the app's two keys and the account's two tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    consumer_key: SecretRef
    consumer_secret: SecretRef
    access_token: SecretRef
    access_token_secret: SecretRef
    api: Address = API
    username: str = ""  # only for links
    tier: Literal["standard", "premium"] = "standard"


class Options(BaseModel):
    """What a post may say under `platforms.x`; without `reply_settings` everybody may reply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None


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


@dataclass(frozen=True, slots=True)
class _Desk:
    """One account's X, by way of tweepy."""

    details: Details
    wire: Wire

    def ask(self, call: Call, *, effect: Effect, read: Callable[[Any], T]) -> T:
        """Make the call as the account. Raises a PublishingError, and nothing else."""
        client = self._client(effect)
        try:
            response = client.request(
                call.method,
                call.url.removeprefix(self.details.api),
                json=call.body,
                user_auth=True,
            )
        except PublishingError:
            raise
        except Exception as error:  # noqa: BLE001 - of tweepy's, requests' or oauthlib's making
            said = f"{call.method} {call.url}: {type(error).__name__}"
            raise ambiguous(effect, said, kind=NoAnswer) from None
        answer = Answer(response.status_code, dict(response.headers), response.content)
        return self.wire.understood(answer, effect=effect, table=ERRORS, read=read)

    def look(self, path: str, read: Callable[[Any], T], **query: str) -> T:
        """Ask for something that changes nothing."""
        asked = f"?{urlencode(query)}" if query else ""
        call = Call("GET", f"{self.details.api}{path}{asked}")
        return self.ask(call, effect=Effect.SAFE, read=read)

    def me(self) -> Mapping[str, str]:
        """The account's `id` and `username`."""
        return self.look("/2/users/me", _user)

    def _client(self, effect: Effect) -> tweepy.Client:
        client = tweepy.Client(
            consumer_key=secret(self.details.consumer_key),
            consumer_secret=secret(self.details.consumer_secret),
            access_token=secret(self.details.access_token),
            access_token_secret=secret(self.details.access_token_secret),
        )
        carrier = Carrier(self.wire, ERRORS, effect)
        client.session = Session(carrier, here=_TWEEPYS_HOST, there=self.details.api)
        return client


def _user(body: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: str(body["data"][name]) for name in ("id", "username")}


def _body(text: str, index: int, options: Options) -> Json:
    """A reply bears no settings of its own: those of the first post hold for the conversation."""
    reply = {"in_reply_to_tweet_id": Ref(f"create-{index}")}
    settings = options.reply_settings
    first = {"reply_settings": settings} if settings else {}
    return {"text": text, **({"reply": reply} if index else first)}


def _cashtag_places(text: RichText) -> list[int]:
    if "$" not in text.text:
        return []
    return [span.start for span in detect(text.text) if span.kind is Kind.CASHTAG]


def _cashtag_weights(text: RichText) -> list[int]:
    weights = [0] * len(text.text)
    for place in _cashtag_places(text):
        weights[place] = 1
    return weights


_cashtags = Additive(lambda text: len(_cashtag_places(text)), _cashtag_weights)


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _site(details: Details) -> str:
    """Where people see posts; a sandbox shows them itself."""
    return details.api if loopback(details.api) else SITE


def _link(account: Account, number: str) -> str:
    details = _details(account)
    name = details.username or account.facts.get("username") or "i/web"
    return f"{_site(details)}/{name}/status/{number}"


def _problem(title: str, detail: str, kind: str = "about:blank", **more: Any) -> Json:
    address = kind if ":" in kind else f"https://api.x.com/2/problems/{kind}"
    return {"title": title, "detail": detail, "type": address, **more}


def _refusals() -> Iterable[Refusal]:
    invalid = _problem(
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
        errors=[{"message": "Your Tweet text is too long.", "parameters": {}}],
    )
    yield Refusal(400, invalid, Rejected)
    yield Refusal(401, _problem("Unauthorized", "Unauthorized", status=401), AccountError)
    spent = _problem("CreditsDepleted", "Your enrolled account has no credits.", "credits")
    yield Refusal(402, spent, AccountError)
    capped = _problem("SpendCapReached", "The spend cap is reached.", "credits")
    yield Refusal(403, {**capped, "reset_date": "2026-12-01"}, AccountError)
    permission = (
        "Your client app is not configured with the appropriate oauth1 app permissions"
        " for this endpoint."
    )
    yield Refusal(403, _problem("Forbidden", permission, "oauth1-permissions"), AccountError)
    enrolled = _problem("Client Forbidden", "Not enrolled.", "client-forbidden")
    yield Refusal(403, {**enrolled, "reason": "client-not-enrolled"}, AccountError)
    quoting = "You can only reply to or quote posts where you are mentioned or are the author."
    foreign = _problem("Forbidden", quoting, "not-authorized-for-resource")
    yield Refusal(403, foreign, Rejected)
    forbidden = "You are not permitted to perform this action."
    yield Refusal(403, _problem("Forbidden", forbidden, status=403), Rejected)
    many = _problem("Too Many Requests", "Too Many Requests", status=429)
    yield Refusal(429, many, RateLimited, {"x-rate-limit-reset": "1893456000"})
    daily = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1893499200"}
    yield Refusal(429, many, RateLimited, {"x-rate-limit-reset": "1893456000", **daily})


_ME = {"data": {"id": "2244994945", "name": "TICT", "username": "tict_uz"}}
_MADE = {"data": {"id": "1990000000000000002", "text": "...", "edit_history_post_ids": []}}

SAMPLE = Sample(
    account={
        "platform": "x",
        "consumer_key": "env:X_CONSUMER_KEY",
        "consumer_secret": "env:X_CONSUMER_SECRET",
        "access_token": "env:X_ACCESS_TOKEN",
        "access_token_secret": "env:X_ACCESS_TOKEN_SECRET",
    },
    secrets={
        "X_CONSUMER_KEY": "xvz1evFS4wEEPTGEFPHBog",
        "X_CONSUMER_SECRET": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "X_ACCESS_TOKEN": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "X_ACCESS_TOKEN_SECRET": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    },
    network=(
        Exchange("POST", "/2/tweets", 201, _MADE),
        Exchange("GET", "/2/users/me", 200, _ME),
        Exchange("GET", "/2/users/2244994945/tweets", 200, {"meta": {"result_count": 0}}),
    ),
    refusals=tuple(_refusals()),
)
"""Answers as X documents them or has been seen to give them."""


class X:
    """One post per part, each a visible call of its own that must not be repeated."""

    name = "x"
    title = "X"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    # POST /2/tweets for one user: https://docs.x.com/x-api/fundamentals/rate-limits
    budgets = (Budget(100, timedelta(minutes=15), Counts.REQUESTS),)
    sample = SAMPLE

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """280 weighted characters (Premium: 25,000) and one cashtag; media take nothing of it."""
        premium = getattr(account.details, "tier", "") == "premium"
        return Limits(
            counters=(
                Counter("characters", PREMIUM if premium else CHARACTERS, measure),
                Counter("cashtags", CASHTAGS, _cashtags),
            ),
            dialect=Dialect(detect=detect),
            parts=THREAD,
            doubts=(EMOJI,),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A post for every part, each later one in reply to the one before it."""
        options = Options.model_validate(dict(variant.options))
        texts = (part.text.text for part in variant.parts)
        bodies = [_body(text, index, options) for index, text in enumerate(texts)]
        return [self._step(account, key, index, body) for index, body in enumerate(bodies)]

    def _step(self, account: Account, key: Key, index: int, body: Json) -> Step:
        name = f"create-{index + 1}"
        url = f"{_details(account).api}/2/tweets"
        # What OAuth signs is known only when the request is made, so the plan just says that.
        call = Call("POST", url, {"Authorization": "OAuth {signature}"}, body)
        return Step(name, Effect.ONCE, key.step(name), call, part=index)

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Publish one post. Raises a PublishingError, and nothing else."""
        desk = _Desk(_details(account), wire)
        number = desk.ask(step.call, effect=step.effect, read=lambda body: str(body["data"]["id"]))
        return Receipt(number, _link(account, number))

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look through the account's posts since then for that text in reply to that post.

        Where it is not among them but an older post says the same, X would refuse it for ever as a
        duplicate: that is for a person to know.
        """
        reply_to = step.call.body.get("reply", {}).get("in_reply_to_tweet_id")
        wanted = Wanted(essence(step.call.body["text"]), reply_to, since)
        desk = _Desk(_details(account), wire)
        user = account.facts.get("id") or desk.me()["id"]
        timeline = Timeline(user, desk.look, lambda number: _link(account, number))
        sighting = look(timeline.since(wanted.earliest), wanted)
        return timeline.without_older(wanted) if sighting == Absent() else sighting

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The account that the tokens are of."""
        details = _details(account)
        me = _Desk(details, wire).me()
        return Identity(me["username"], f"{_site(details)}/{me['username']}", me)


PLATFORM = X()
