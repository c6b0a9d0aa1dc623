"""X, through tweepy: https://docs.x.com/x-api/posts/create-post."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, ConfigDict

from karnay.accounts import NOTHING, Budget
from karnay.accounts import Counts as Counted
from karnay.platforms.base import Absent, Cost, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, Json, Ref
from karnay.platforms.logins import (
    Asked,
    Login,
    Loopback,
    OAuth,
    Question,
    Refresh,
    by_refresh_token,
    for_code,
)
from karnay.platforms.sightings import Wanted, look
from karnay.platforms.x_desk import Desk, Details, Gone
from karnay.platforms.x_media import LIMITS, attached, carrying, reading
from karnay.platforms.x_sample import SAMPLE
from karnay.platforms.x_timeline import Timeline, essence
from karnay.rendering.limits import Doubt, Limits
from karnay.text.measure import Additive, Counter, Dialect
from karnay.text.richtext import Kind
from karnay.text.x import detect, measure
from karnay.text.x_emoji import surplus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Part, Variant
    from karnay.text.richtext import RichText

CHARACTERS = 280
"""Weighted: https://docs.x.com/fundamentals/counting-characters"""

PREMIUM = 25_000
"""For accounts with X Premium, by the same endpoint: https://docs.x.com/changelog"""

CASHTAGS = 1
"""In one post, below the enterprise tiers: https://docs.x.com/changelog"""

THREAD = 25
"""Parts: X sets no limit, but bills each one; and an announcement is no book."""

POST, POST_WITH_LINK, DESCRIPTION = Decimal("0.015"), Decimal("0.200"), Decimal("0.005")
"""US dollars a request, where use is paid for: https://docs.x.com/pricing"""

EMOJI = Doubt(
    Counter("characters", 0, surplus),
    "counted with {used} more than X's documents say, for emoji newer than the table of X's own "
    "published counter",
)

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
"""Of `POST /2/tweets` and the uploads: https://api.x.com/2/openapi.json"""

_KEPT_AT_X = "from https://console.x.com: your app, Keys and tokens"
_ASKED = Asked(
    (
        Question("consumer_key", "API key", _KEPT_AT_X),
        Question("consumer_secret", "API key secret"),
        Question("access_token", "access token, made with the permission to read and write"),
        Question("access_token_secret", "access token secret"),
    )
)


class Options(BaseModel):
    """What a post may say under `platforms.x`; without `reply_settings` everybody may reply.

    `made_with_ai` and `paid_partnership` are disclosures, which every part of a thread bears.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None
    made_with_ai: bool = False
    paid_partnership: bool = False

    def fields(self, index: int) -> dict[str, Json]:
        """A reply bears no settings of its own: those of the first post hold for all."""
        settings = self.reply_settings
        return {
            **({"reply_settings": settings} if settings and not index else {}),
            **({"made_with_ai": True} if self.made_with_ai else {}),
            **({"paid_partnership": True} if self.paid_partnership else {}),
        }


def _bodies(variant: Variant) -> Iterator[Json]:
    options = Options.model_validate(dict(variant.options))
    counts = accumulate((len(part.media) for part in variant.parts), initial=1)
    for index, (part, (first, end)) in enumerate(zip(variant.parts, pairwise(counts), strict=True)):
        reply = {"reply": {"in_reply_to_tweet_id": Ref(f"create-{index}")}} if index else {}
        media = attached(range(first, end)) if part.media else {}
        yield {"text": part.text.text, **media, **reply, **options.fields(index)}


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


def _link(account: Account, number: str) -> str:
    details = _details(account)
    name = details.username or account.facts.get("username") or "i/web"
    return f"{details.site}/{name}/status/{number}"


def _has_link(part: Part) -> bool:
    return any(span.kind is Kind.LINK for span in detect(part.text.text))


_COUNTS = {
    "like_count": "likes",
    "retweet_count": "reposts",
    "repost_count": "reposts",  # as X calls it by and by
    "reply_count": "replies",
    "quote_count": "quotes",
    "bookmark_count": "bookmarks",
    "impression_count": "views",
}


def _counts(body: Mapping[str, Any]) -> dict[str, int]:
    """https://docs.x.com/x-api/fundamentals/metrics; X says 200 also where there is no post."""
    if "data" not in body and body["errors"]:
        raise Gone("there is no such post")
    told = body["data"]["public_metrics"]
    return {ours: int(told[theirs]) for theirs, ours in _COUNTS.items() if theirs in told}


class X:
    """One post per part, each a visible call of its own that must not be repeated."""

    name = "x"
    title = "X"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    # POST /2/tweets for one user: https://docs.x.com/x-api/fundamentals/rate-limits
    # An app's 10,000 a day are out of one account's reach at that pace; where many accounts share
    # an app, `[platforms.x]` of karnay.toml says so.
    budgets = (Budget(100, timedelta(minutes=15), Counted.REQUESTS),)
    sample = SAMPLE

    def login(self, account: Account) -> Login:
        """The four keys are asked for; a `token` is given in the browser, and renewed.

        A browser is sent back to http://127.0.0.1 where that is registered to the letter:
        https://docs.x.com/fundamentals/developer-apps#callback-urls and
        https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
        """
        details = _details(account)
        if not details.token:
            return _ASKED
        url = f"{details.api}/2/oauth2/token"
        renewed = by_refresh_token(url, basic=True)
        asked = (Question("client_secret", "client secret", _KEPT_AT_X),)
        return OAuth(
            authorize=f"{details.site}/i/oauth2/authorize",
            code=for_code(url, basic=True),
            scopes=SCOPES,
            # A token lives for two hours.
            refresh=Refresh(renewed, timedelta(minutes=30), single_use=True),
            loopback=Loopback.AS_REGISTERED,
            questions=asked if details.client_secret else (),
        )

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
            media=LIMITS,
        )

    def cost(self, variant: Variant, account: Account) -> Cost | None:
        """A post costs 13 times as much when there is a link in it."""
        links = sum(map(_has_link, variant.parts))
        plain = len(variant.parts) - links
        described = sum(
            bool(asset.alt) and asset.kind in LIMITS.described
            for part in variant.parts
            for asset in part.media
        )
        items = (
            (plain, POST, "without a link"),
            (links, POST_WITH_LINK, "with a link"),
            (described, DESCRIPTION, "for a description"),
        )
        why = ", ".join(f"{count} x {price} {what}" for count, price, what in items if count)
        amount = sum((count * price for count, price, _ in items), Decimal())
        return Cost(amount, "USD", f"{why}, where use is paid for")

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """The files of all parts; then a post for each, a later one in reply to that before it."""
        details = _details(account)
        files = [asset for part in variant.parts for asset in part.media]
        posts = (self._step(details, key, *numbered) for numbered in enumerate(_bodies(variant)))
        return [*carrying(files, details, key), *posts]

    def _step(self, details: Details, key: Key, index: int, body: Json) -> Step:
        name = f"create-{index + 1}"
        signed = {"Authorization": details.authorization}
        call = Call("POST", f"{details.api}/2/tweets", signed, body)
        return Step(name, Effect.ONCE, key.step(name), call, part=index)

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Carry a file, or publish one post. Raises a PublishingError, and nothing else."""
        desk = Desk(_details(account), wire)
        read = reading(step, wire.clock.now())
        if read:
            return desk.ask(step.call, effect=step.effect, read=read)
        number = desk.ask(step.call, effect=step.effect, read=lambda body: str(body["data"]["id"]))
        return Receipt(number, _link(account, number))

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look through the account's posts since then for that text in reply to that post.

        Where it is not among them but an older post says the same, X would refuse it for ever as a
        duplicate: that is for a person to know.
        """
        reply_to = step.call.body.get("reply", {}).get("in_reply_to_tweet_id")
        wanted = Wanted(essence(step.call.body["text"]), reply_to, since)
        desk = Desk(_details(account), wire)
        user = account.facts.get("id") or desk.me()["id"]
        timeline = Timeline(user, desk.look, lambda number: _link(account, number))
        sighting = look(timeline.since(wanted.earliest), wanted)
        return timeline.without_older(wanted) if sighting == Absent() else sighting

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a post down; the replies to it stay."""
        with contextlib.suppress(Gone):
            Desk(_details(account), wire).take_down(receipt.id)

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """The public ones; each look is billed as a post that is read."""
        query = {"tweet.fields": "public_metrics"}
        return Desk(_details(account), wire).look(f"/2/tweets/{receipt.id}", _counts, **query)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The account that the tokens are of."""
        details = _details(account)
        me = Desk(details, wire).me()
        return Identity(me["username"], f"{details.site}/{me['username']}", me)


PLATFORM = X()
