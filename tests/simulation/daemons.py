"""Simulated daemons: the real Publisher over the real Journal, one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, TypeVar

from karnay.accounts import Account
from karnay.delivery.delivery import Delivery
from karnay.engine.publisher import LEASE, Publisher
from karnay.engine.vitals import Vitals
from karnay.errors import StoreError
from karnay.store.budgets import Budgets
from karnay.store.journal import Journal
from karnay.store.writer import Alone
from simulation.database import CheapDatabase
from simulation.networks import Line, Remote
from simulation.times import Times
from simulation.turns import Thread, in_hand, turn

if TYPE_CHECKING:
    from karnay.store.writer import Work

T = TypeVar("T")

VITALS = Vitals()  # nobody looks at them here


@dataclass
class Trouble:
    """How often, of a thousand times, the database refuses: before it has committed, or after."""

    luck: Random
    before: int = 0
    after: int = 0

    def may_refuse(self, often: int) -> None:
        """Raise StoreError, so often."""
        if often and self.luck.randrange(1000) < often:
            raise StoreError("the disk is full")


class Written:
    """Writes in the thread that asks, as `Alone` does; others may be faster, before and after.

    `landed` is told of every write of a thread with the delivery as the thread knew it, and the
    fence that the delivery had in the database just before.
    """

    def __init__(
        self, database: CheapDatabase, trouble: Trouble, landed: Callable[[Delivery, int], None]
    ) -> None:
        self._database = database
        self._alone = Alone(database)
        self._trouble = trouble
        self._landed = landed

    def write(self, work: Work[T]) -> T:
        """Do the work and commit it; afterwards, the answer to the commit may be lost."""
        turn("before a write")
        self._trouble.may_refuse(self._trouble.before)
        delivery = in_hand()
        fence = self._fence(delivery) if delivery else 0
        value = self._alone.write(work)
        if delivery:
            self._landed(delivery, fence)
        self._trouble.may_refuse(self._trouble.after)
        turn("after a write")
        return value

    def _fence(self, delivery: Delivery) -> int:
        [[fence]] = self._database.ask("SELECT fence FROM deliveries WHERE id = ?", delivery.id)
        return int(fence)


@dataclass(frozen=True)
class Office:
    """What all daemons share: one store, the networks, the time, and luck.

    The classes may be others: with a bug in them.
    """

    database: CheapDatabase
    remote: Remote
    times: Times
    luck: Random
    accounts: Mapping[str, Account]
    written: Written
    publisher: type[Publisher] = Publisher
    journal: type[Journal] = Journal
    line: type[Line] = Line


@dataclass
class Daemon:
    """One process: what it does regularly, and its threads. `claimed` is told of every claim."""

    office: Office
    name: str
    claimed: Callable[[list[Delivery]], None]
    alone: bool
    hands: int = 256
    threads: list[Thread] = field(default_factory=list)
    stopping: bool = False
    asleep: bool = False

    def __post_init__(self) -> None:
        """Start: settle what another process has left."""
        office = self.office
        self.journal = office.journal(office.database, self.name, office.written)
        self._budgets = Budgets(office.database)
        self._recovery = self._starting = self._recovering(all_others=self.alone)

    @property
    def is_up(self) -> bool:
        """Whether it has started, and goes on."""
        return not self.stopping and self._starting.ended

    def claim(self) -> None:
        """Take what is due."""
        free = self.hands - len(self.threads)
        found = self.journal.claim(self.office.times.now(), LEASE, most=free)
        self.claimed(found)
        for delivery in found:
            self.begin(self.made().publish, delivery)

    def look(self) -> None:
        """Take what is to be looked for."""
        for delivery in self.journal.claim_looks(self.office.times.now(), LEASE):
            self.begin(self.made().look, delivery)

    def recover(self) -> None:
        """Take over what has run out, unless that is being done."""
        if self._recovery.ended:
            self._recovery = self._recovering(all_others=False)

    def renew(self) -> None:
        """Show that it is alive."""
        self.journal.renew(self._in_hand(), self.office.times.now() + LEASE)

    def die(self) -> int:
        """Be killed: every thread ends where it stands. How many had a delivery in hand."""
        self.tidy()
        died = sum(thread.delivery is not None for thread in self.threads)
        for thread in self.threads:
            thread.die()
        self.threads = []
        return died

    def tidy(self) -> None:
        """Forget the threads that have ended."""
        self.threads = [thread for thread in self.threads if not thread.ended]

    def _in_hand(self) -> list[int]:
        return [thread.delivery.id for thread in self.threads if thread.delivery and thread.holds]

    def begin(self, work: Callable[[Delivery], object], delivery: Delivery) -> None:
        """Have a thread do it."""
        self.threads.append(Thread(lambda: work(delivery), delivery))

    def _recovering(self, *, all_others: bool) -> Thread:
        thread = Thread(lambda: self._recover(thread, all_others=all_others))
        self.threads.append(thread)
        return thread

    def _recover(self, thread: Thread, *, all_others: bool) -> None:
        now, mine = self.office.times.now(), self._in_hand()
        lost = self.journal.claim_lost(now, LEASE, all_others=all_others, in_hand=mine)
        publisher = self.made()
        for delivery in lost:
            thread.delivery = delivery
            publisher.recover(delivery)

    def made(self) -> Publisher:
        """A publisher for one thread."""
        office = self.office
        return office.publisher(
            self.journal,
            office.accounts,
            office.times,
            office.line(office.times, office.remote),
            self._budgets,
            stopping=lambda: self.stopping,
            networks=office.remote.named,
            luck=office.luck.random,
            passing=turn,
            vitals=VITALS,
        )
