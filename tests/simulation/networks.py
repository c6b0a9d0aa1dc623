"""Networks in memory: four kinds of platform, and an outcome of every kind for every request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from pydantic import BaseModel

from karnay.accounts import Account
from karnay.errors import (
    AccountError,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.answers import ambiguous
from karnay.platforms.base import Absent, CannotTell, Effect, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, Ref
from karnay.platforms.wire import DEADLINE, Wire
from karnay.rendering.variant import Variant
from simulation.times import Times
from simulation.turns import turn

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Network:
    """A kind of platform: the effect of its publishing step, and what a look-up can tell.

    `uploads`: a safe step comes first. `sees`: a look-up tells what is there, once it is settled.
    """

    name: str
    effect: Effect
    uploads: bool = False
    sees: bool = True
    settling: timedelta = timedelta()

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A step for each part, each in reply to the one before."""
        upload = Step("upload-1", Effect.SAFE, key.step("upload-1"), Call("POST", "media", {}, {}))
        return [*([upload] if self.uploads else []), *self._parts(variant, key)]

    def perform(self, step: Step, account: Account, wire: Line) -> Receipt:
        """Ask the network for it."""
        return wire.exchanged(step, account)

    def find(self, step: Step, account: Account, wire: Line, since: datetime) -> Sighting:
        """Look whether it is there."""
        if not self.sees:
            return CannotTell("nobody can look there", for_good=True)
        return wire.looked_up(step, account)

    def _parts(self, variant: Variant, key: Key) -> list[Step]:
        return [self._part(variant, key, number) for number in range(len(variant.parts))]

    def _part(self, variant: Variant, key: Key, number: int) -> Step:
        name = f"create-{number + 1}"
        body: dict[str, object] = {"text": variant.parts[number].text.text}
        if number:
            body["reply_to"] = Ref(f"create-{number}")
        return Step(name, self.effect, key.step(name), Call("POST", "posts", {}, body), number)


NETWORKS = {
    network.name: network
    for network in (
        Network("keyed", Effect.KEYED),
        Network("once", Effect.ONCE, settling=60 * SECOND),
        Network("uploads", Effect.ONCE, uploads=True, settling=300 * SECOND),
        Network("blind", Effect.ONCE, sees=False),
    )
}


class Nothing(BaseModel):
    """These accounts have no details."""


def an_account(name: str, network: str, least_gap: timedelta) -> Account:
    """An account there."""
    return Account(name, network, "en", Nothing(), least_gap=least_gap)


@dataclass
class Post:
    """What is public from `at` on, and in the listings from `seen_at` on."""

    id: str
    text: str
    key: str
    reply_to: str
    at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Mood:
    """How the networks behave: the weights of the answers to a request, and to a look."""

    answers: Mapping[str, int] = field(hash=False)
    looks: Mapping[str, int] = field(hash=False)


GOOD = Mood({"made": 1}, {"told": 1})

BAD = Mood(
    {
        "made": 12,
        "made, cut": 4,
        "made later, cut": 4,
        "made, 500": 2,
        "cut": 4,
        "500": 2,
        "not sent": 4,
        "limited": 2,
        "paused": 1,
        "refused": 1,
    },
    {"told": 8, "no route": 1, "cut": 1, "limited": 1, "a log-in page": 1},
)


@dataclass
class Remote:
    """All networks together: what is public where, and what every request brings."""

    times: Times
    luck: Random
    mood: Mood = GOOD
    moods: dict[str, Mood] = field(default_factory=dict)  # of accounts that have their own
    asked: Callable[[Step, Account], None] = lambda _step, _account: None
    posts: defaultdict[str, list[Post]] = field(default_factory=lambda: defaultdict(list))

    def named(self, name: str) -> Network:
        """The network of that name."""
        return NETWORKS[name]

    def answer(self, step: Step, account: Account) -> Receipt | PublishingError:
        """What the request does, and what would come back."""
        self.asked(step, account)
        what = self._chosen(self._mood_at(account).answers)
        receipt = self._made(step, account, what) if what.startswith("made") else None
        return receipt if what == "made" and receipt else self._error(what, step)

    def sighting(self, step: Step, account: Account) -> Sighting | PublishingError:
        """What a look would bring."""
        what = self._chosen(self._mood_at(account).looks)
        trouble: dict[str, Sighting | PublishingError] = {
            "no route": NotSent("no route"),
            "cut": Transient("cut"),
            "limited": RateLimited("429", self.times.now() + self._span(600)),
            "a log-in page": CannotTell("a log-in page"),
        }
        return trouble[what] if what in trouble else self._listed(step, account)

    def made(self, account: str, text: str) -> list[Post]:
        """What is public with that text, or will be."""
        return [post for post in self.posts[account] if post.text == text]

    def is_public(self, post: Post) -> bool:
        """Whether it is so by now."""
        return post.at <= self.times.true

    def _mood_at(self, account: Account) -> Mood:
        return self.moods.get(account.name, self.mood)

    def _chosen(self, weights: Mapping[str, int]) -> str:
        return self.luck.choices(list(weights), list(weights.values()))[0]

    def _made(self, step: Step, account: Account, what: str) -> Receipt:
        if step.effect is Effect.SAFE:
            return Receipt(f"media-{self.luck.randrange(10**6)}")
        at = self.times.true + (self._span(DEADLINE) if "later" in what else timedelta())
        post = self._there_already(step, account) or self._new(step, account, at)
        post.at = min(post.at, at)
        return _receipt(account, post)

    def _there_already(self, step: Step, account: Account) -> Post | None:
        if step.effect is not Effect.KEYED:
            return None
        return next((post for post in self.posts[account.name] if post.key == step.key), None)

    def _new(self, step: Step, account: Account, at: datetime) -> Post:
        there = self.posts[account.name]
        body, settling = step.call.body, NETWORKS[account.platform].settling
        seen_at = at + self._span(settling.total_seconds())
        made = (body["text"], step.key, body.get("reply_to", ""), at, seen_at)
        there.append(Post(f"{account.name}-{len(there) + 1}", *made))
        return there[-1]

    def _listed(self, step: Step, account: Account) -> Sighting:
        seen = (
            post
            for post in self.made(account.name, step.call.body["text"])
            if post.seen_at <= self.times.true
        )
        return next((_receipt(account, post) for post in seen), Absent())

    def _error(self, what: str, step: Step) -> PublishingError:
        now = self.times.now()
        return {
            "not sent": NotSent("no route"),
            "limited": RateLimited("429", now + self._span(600)),
            "paused": AccountError("401"),
            "refused": Rejected("too long"),
        }.get(what) or ambiguous(
            step.effect, what, kind=NoAnswer if what.endswith("cut") else OutcomeUnknown
        )

    def _span(self, most: float) -> timedelta:
        return timedelta(seconds=1 + self.luck.random() * max(most - 1, 0))


def _receipt(account: Account, post: Post) -> Receipt:
    return Receipt(post.id, f"https://{account.platform}.example/{account.name}/{post.id}")


class Line(Wire):
    """The wire of one thread into the networks in memory; it keeps the wire's own deadlines."""

    def __init__(self, times: Times, remote: Remote) -> None:
        self.clock = times
        self._leave_by = None
        self._remote = remote

    def exchanged(self, step: Step, account: Account) -> Receipt:
        """What the network gives back. Raises a PublishingError."""
        turn("connecting")
        self._still_in_time()
        came = self._remote.answer(step, account)
        turn("waiting for the answer")
        if isinstance(came, PublishingError):
            raise came
        return came

    def looked_up(self, step: Step, account: Account) -> Sighting:
        """What the network shows. Raises a PublishingError."""
        turn("connecting for a look")
        came = self._remote.sighting(step, account)
        turn("waiting for what is seen")
        if isinstance(came, PublishingError):
            raise came
        return came
