"""Taking down what was published: part after part, the last one first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from karnay.engine.asking import asked, its_account
from karnay.errors import NotPossible, OutcomeUnknown, PublishingError, Rejected, Transient
from karnay.platforms.base import Deletes, Effect
from karnay.platforms.registry import platform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Platform
    from karnay.platforms.wire import Wire
    from karnay.store.takedowns import Standing, Takedowns

_MAY_BE_GONE = (OutcomeUnknown, Transient)


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a delivery that was to be taken down: what is gone now, and what stands.

    `refusals` say in the networks' words why parts stand; what stands and has none was not tried.
    """

    delivery: Delivery
    gone: tuple[Standing, ...]
    standing: tuple[Standing, ...]
    refusals: tuple[tuple[Standing, PublishingError], ...] = ()


@dataclass(frozen=True, slots=True)
class Remover:
    """Takes deliveries down over one wire; `networks` gives the platform of a name."""

    takedowns: Takedowns
    accounts: Mapping[str, Account]
    clock: Clock
    wire: Wire
    networks: Callable[[str], Platform] = field(default=platform)

    def require(self, delivery: Delivery) -> None:
        """Raise NotPossible, with what to do instead, for what cannot be taken down from here."""
        self.takedowns.require(delivery)
        standing = self.takedowns.standing(delivery)
        if not standing and not self.takedowns.of([delivery.id])[delivery.id]:
            raise NotPossible(f"nothing of delivery {delivery.id} is public")
        network = self.networks(delivery.platform)
        if not isinstance(network, Deletes):
            links = " ".join(filter(None, (part.receipt.link for part in standing)))
            said = f"{network.title} lets nothing be taken down from outside"
            raise NotPossible(f"delivery {delivery.id}: {said}: do it there: {links}".rstrip(": "))
        its_account(delivery, self.accounts)

    def take_down(self, delivery: Delivery) -> Removal:
        """Take down all that stands of it; what is gone already is fine, so it may be repeated.

        A part that the network lets stand (Rejected) keeps none of the others; after any other
        failure, the rest is left for the next time. Raises NotPossible.
        """
        self.require(delivery)
        gone: list[Standing] = []
        refusals: list[tuple[Standing, PublishingError]] = []
        standing = self.takedowns.standing(delivery)
        for part in reversed(standing):
            try:
                self._take_down(delivery, part)
                gone.append(part)
            except PublishingError as error:
                refusals.append((part, error))
                if not isinstance(error, Rejected):
                    break
        left = tuple(part for part in standing if part not in gone)
        return Removal(delivery, tuple(gone), left, tuple(refusals))

    def _take_down(self, delivery: Delivery, part: Standing) -> None:
        network = self.networks(delivery.platform)
        assert isinstance(network, Deletes)  # noqa: S101 - `require` found it so
        account = its_account(delivery, self.accounts)
        self.takedowns.begin(delivery, part, self.clock.now())
        try:
            asked(lambda: network.delete(part.step, part.receipt, account, self.wire), Effect.ONCE)
        except PublishingError as error:
            if not isinstance(error, _MAY_BE_GONE):
                self.takedowns.withdraw(delivery, part, self.clock.now(), str(error))
            raise
        self.takedowns.end(delivery, part, self.clock.now())
