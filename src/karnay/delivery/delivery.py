"""A delivery: one variant on its way to one account, as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.content.post import Late
from karnay.platforms.base import Key

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.delivery.states import State
    from karnay.platforms.base import Receipt, Step
    from karnay.rendering.variant import Variant


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for: that variant of that post, at that moment, on those terms.

    All moments are aware UTC. `occurrence` tells repeated postings of one post apart. `bears_at`
    is the moment that the content bears where that is no longer the planned one: something of it
    is on the network already, or may be, under the keys that go with that moment.
    """

    post: str
    variant: Variant
    planned_at: datetime
    expires_at: datetime | None = None
    late: Late = Late.HOLD
    max_late: timedelta = timedelta(hours=1)
    occurrence: str = ""
    bears_at: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The moment that the content bears, whenever it goes out."""
        return self.bears_at or self.planned_at

    @property
    def key(self) -> Key:
        """What identifies the delivery to the network, in preview and attempt alike."""
        return Key.of(self.post, self.variant, self.moment)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The row we track.

    `order.planned_at` is the moment for which it is meant; `due_at` the one from which the next
    attempt may go out (later than planned after a failure). `held` is the reason for which it does
    not go out, `fence` grows at every claim: a write with an older one is refused. While it is
    unknown, `looks` counts the looks that did not see it, `blind_looks` those that could not tell.
    What was attempted up to `clear_fence` is proven not to be on the network.
    """

    id: int
    order: Order
    state: State
    due_at: datetime
    tries: int = 0
    fence: int = 0
    held: str = ""
    error: str = ""
    looks: int = 0
    blind_looks: int = 0
    clear_fence: int = 0
    look_at: datetime | None = None
    claimed_by: str = ""
    updated_at: datetime | None = None

    @property
    def account(self) -> str:
        """The account's name."""
        return self.order.variant.account

    @property
    def platform(self) -> str:
        """The platform's name."""
        return self.order.variant.platform


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step: journalled before its request leaves, and again after it ended.

    `fence` is that of the claim under which it was made.
    """

    delivery: int
    step: str
    began_at: datetime
    number: int = 1
    fence: int = 0
    ended_at: datetime | None = None
    outcome: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a delivery has come: its steps in order, and the receipts so far by step name.

    Steps that are not `frozen` were planned just now, and are kept with the first attempt.
    """

    steps: tuple[Step, ...]
    receipts: dict[str, Receipt]
    frozen: bool = True

    @property
    def remaining(self) -> tuple[Step, ...]:
        """The steps without a receipt, in order."""
        return tuple(step for step in self.steps if step.name not in self.receipts)

    @property
    def published(self) -> tuple[Receipt, ...]:
        """The receipts of the parts that are public, in order."""
        return tuple(
            self.receipts[step.name]
            for step in self.steps
            if step.part is not None and step.name in self.receipts
        )
