"""What a platform is to karnay: a pure plan of steps, one call at a time, a look back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from karnay.accounts import NOTHING, Account
from karnay.platforms.calls import Call, Ref, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal

    from pydantic import BaseModel

    from karnay.accounts import Budget
    from karnay.errors import PublishingError
    from karnay.platforms.calls import Json
    from karnay.platforms.wire import Wire
    from karnay.rendering.limits import Limits
    from karnay.rendering.variant import Variant


class Effect(StrEnum):
    """What repeating a step would do."""

    SAFE = "safe"  # invisible: uploads, containers, look-ups; repeat at will
    KEYED = "keyed"  # repeating with the same key is a no-op
    ONCE = "once"  # visible, and must not be repeated


@dataclass(frozen=True, slots=True)
class Step:
    """One remote call of a delivery. `part` is the index of the part that it publishes, if any."""

    name: str
    effect: Effect
    key: str
    call: Call
    part: int | None = None

    def filled(self, receipts: Mapping[str, Receipt]) -> Step:
        """The step ready to be performed, given the receipts of those before it."""
        return replace(self, call=self.call.filled(receipts))

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold and `step_from_json` reads back."""
        return {
            "name": self.name,
            "effect": self.effect.value,
            "key": self.key,
            "part": self.part,
            "method": self.call.method,
            "url": self.call.url,
            "headers": dict(self.call.headers),
            "body": packed(self.call.body),
            **({"refs": _names(self.call)} if self.call.refs else {}),
        }


def step_from_json(value: Mapping[str, Any]) -> Step:
    """The inverse of `Step.as_json`."""
    refs = {name: Ref(step, member) for name, (step, member) in value.get("refs", {}).items()}
    body = unpacked(value["body"])
    call = Call(value["method"], value["url"], value["headers"], body, refs)
    return Step(value["name"], Effect(value["effect"]), value["key"], call, value["part"])


def _names(call: Call) -> dict[str, list[str]]:
    return {name: [ref.step, ref.name] for name, ref in call.refs.items()}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the network gave back: its id for the thing, a link for people, and what else we need.

    An empty `id` is the receipt of a look-up that found nothing.
    """

    id: str
    link: str = ""
    data: Mapping[str, str] = field(default_factory=dict, hash=False)

    def get(self, name: str) -> str:
        """`id`, `link`, or one of `data`."""
        known = {"id": self.id, "link": self.link, **self.data}
        return known[name]


@dataclass(frozen=True, slots=True)
class Absent:
    """The network was asked and does not hold it (so far: see `Platform.settling`)."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The network did not say; `why` is for the person who may have to decide.

    `for_good`: no later look will tell more, so that a person is asked at once.
    """

    why: str
    for_good: bool = field(default=False, kw_only=True)


Sighting = Receipt | Absent | CannotTell


@dataclass(frozen=True, slots=True)
class Key:
    """What identifies a delivery for ever: a seed, and the moment that its content bears.

    Everything in a request that must be unique or dated comes from here, never from the clock, so
    that the preview, the first attempt and every later one send the same bytes.
    """

    seed: str
    moment: datetime  # aware UTC: the due time as planned, whenever the request leaves

    @classmethod
    def of(cls, post: str, variant: Variant, moment: datetime) -> Key:
        """The key of that variant of that post, due at that moment."""
        seed = "\n".join((post, variant.account, variant.hash, moment.isoformat()))
        return cls(hashlib.sha256(seed.encode()).hexdigest(), moment)

    def step(self, name: str) -> str:
        """The key of one step: 32 hexadecimal digits, the same over all its attempts."""
        return hashlib.sha256(f"{self.seed}\n{name}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a network says we are, and the facts about account and server worth keeping."""

    name: str
    link: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that the network may get, by method and end of path, and its answer."""

    method: str
    path: str
    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A documented answer that is a clear no, and the error that it must become."""

    status: int
    body: Json
    error: type[PublishingError]
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the conformance kit needs to exercise a platform without its network.

    `account` is a table of karnay.toml whose secrets are `env:` references; `network` answers as
    the documents say; `refusals` lists documented answers to a publishing call. `reads` is how the
    network reads a text of a request, where it wants one escaped; `marks` the pieces of text that
    an object in a request formats by signs in the text itself (HTML).
    """

    account: Mapping[str, Any]
    secrets: Mapping[str, str]
    network: Sequence[Exchange]
    refusals: Sequence[Refusal]
    reads: Callable[[str], str] = str
    marks: Callable[[Mapping[str, Json]], Sequence[str]] = lambda _: ()


class Platform(Protocol):
    """One network: facts, limits, credentials, the plan of steps, the calls, and how to look back.

    A module of `karnay.platforms` with a `PLATFORM` of this shape is all that a platform needs.
    `settling` is how long a published thing may stay out of the network's own listings.
    `budgets` are the documented limits on publishing for one account, where karnay.toml says
    nothing else; what a network does not publish is left to its own answer.
    """

    name: str
    title: str
    details: type[BaseModel]
    options: type[BaseModel]
    settling: timedelta
    budgets: tuple[Budget, ...]
    sample: Sample

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """What the account accepts in one part, with or without media, given the post's options."""
        ...

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """The steps in order; pure, the same bytes for the same input."""
        ...

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make the one call of a filled step. Raises a PublishingError, and nothing else."""
        ...

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look for what a filled step, first tried at `since`, may have made; changes nothing."""
        ...

    def identify(self, account: Account, wire: Wire) -> Identity:
        """Ask who we are, what we may do, and the server's limits. Raises PublishingError."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """A platform that can take down what it published."""

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take down what the filled step made; what is gone already is no error.

        Raises a PublishingError: Rejected where the network lets it stand (too old, say).
        """
        ...


@runtime_checkable
class Edits(Protocol):
    """A platform that can change what it published, in its place."""

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Have what is public at `receipt` say what this newly planned, filled step says.

        Repeating it changes nothing more. Raises a PublishingError: Rejected where the network
        lets nothing be changed (any more).
        """
        ...


@runtime_checkable
class Counts(Protocol):
    """A platform that tells how a post is received."""

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """How often, by name: `views`, `likes`, `reposts`, `replies`, `quotes`, `clicks` ...

        Only what the network told. Raises PublishingError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cost:
    """What the network will bill: an amount in a currency (ISO 4217), and what for, in a clause."""

    amount: Decimal
    currency: str
    why: str

    def __str__(self) -> str:
        """How a preview shows it."""
        return f"{self.amount.normalize():f} {self.currency}: {self.why}"

    def as_json(self) -> dict[str, str]:
        """For `--json`; the amount is a string, so that nobody reads it as a binary fraction."""
        return {
            "amount": f"{self.amount.normalize():f}",
            "currency": self.currency,
            "why": self.why,
        }


@runtime_checkable
class Prices(Protocol):
    """A platform that bills what is published."""

    def cost(self, variant: Variant, account: Account) -> Cost | None:
        """What publishing the variant costs by the published prices; None: nothing is known."""
        ...


def cost_of(platform: Platform, variant: Variant, account: Account) -> Cost | None:
    """What publishing the variant costs; None where the platform bills nothing, or says nothing."""
    return platform.cost(variant, account) if isinstance(platform, Prices) else None
