"""From a claim to a worker: at once on one machine, through PgQueuer on several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from karnay.engine.publisher import LEASE

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.store.journal import Journal


class Handover(Protocol):
    """Claims what is due, and sees to it that somebody publishes it."""

    def start(self) -> None:
        """Be ready. Raises StoreError."""
        ...

    def claimed(self, now: datetime, free: int) -> list[Delivery]:
        """Claim what is due; what is given back is the caller's, who has so many `free` hands."""
        ...

    def stop(self) -> None:
        """Take no more, and return when what was taken is done."""
        ...


@dataclass(frozen=True, slots=True)
class Direct:
    """Whoever claims also publishes; with `only`, no other deliveries than these."""

    journal: Journal
    only: Collection[int] | None = None

    def start(self) -> None:
        """Nothing is needed."""

    def claimed(self, now: datetime, free: int) -> list[Delivery]:
        """Claim as much as there are hands."""
        if free <= 0:
            return []
        return self.journal.claim(now, LEASE, most=free, only=self.only)

    def stop(self) -> None:
        """Nothing was begun."""
