"""The people of an attack: one desk queues announcements, another answers what karnay asks."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from bench.chaos import accounts
from bench.chaos.announcements import ROUND, marks_of, orders
from karnay.delivery.states import SETTLED, Event, State
from karnay.errors import KarnayError, NotPossible, StoreError

if TYPE_CHECKING:
    from bench.chaos.clock import SharedClock
    from bench.chaos.witness import Public
    from karnay.delivery.delivery import Delivery, Order
    from karnay.store.queue import Queue

BACKLOG = 8
"""How many unsettled deliveries an account may have before no more are queued."""

_AHEAD = timedelta(seconds=8)  # from queueing to the first due moment


class Desk:
    """Queues round after round in a thread of its own, as long as the queue is not too long."""

    def __init__(self, queue: Queue, clock: SharedClock, seed: str) -> None:
        self.ordered: list[Order] = []
        """All that was queued, in the order of queueing."""
        self._queue = queue
        self._clock = clock
        self._random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._next = clock.true() + _AHEAD

    def open(self) -> None:
        """Queue the first round, then go on."""
        self._queue_round()
        self._thread.start()

    def close(self) -> None:
        """Queue no more."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(0.1):
            if self._clock.true() + _AHEAD >= self._next and self._has_room():
                self._queue_round()

    def _has_room(self) -> bool:
        try:
            counts = self._queue.counts()
        except StoreError:
            return False
        waiting = sum(count for state, count in counts.items() if state not in SETTLED)
        return waiting < BACKLOG * len(accounts.names())

    def _queue_round(self) -> None:
        begin = max(self._next, self._clock.true() + _AHEAD)
        made = list(orders(self._random, len(self.ordered) + 1, begin))
        while not self._added(made):
            time.sleep(0.2)
        self.ordered += made
        self._next = begin + ROUND

    def _added(self, made: list[Order]) -> bool:
        try:
            self._queue.add(made, self._clock.now())
        except StoreError:
            return False
        except NotPossible:  # it was added, though the database could not say so
            return True
        return True


@dataclass
class Office:
    """Resumes accounts and, asked, looks and tells; `asked` are the deliveries it was asked of."""

    queue: Queue
    clock: SharedClock
    asked: set[int] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        """Resume accounts from now on, in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="office", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Resume no more."""
        self._ended.set()
        self._thread.join()

    def settle(self, public: Public) -> None:
        """Say of every delivery that waits for a person whether its part in doubt is public."""
        for delivery in self.in_doubt():
            self.asked.add(delivery.id)
            with contextlib.suppress(KarnayError):
                self._settle(delivery, public)

    def in_doubt(self) -> list[Delivery]:
        """The deliveries that wait for a person's word."""
        unknown = self.queue.all(states=[State.UNKNOWN])
        return [delivery for delivery in unknown if delivery.look_at is None]

    def _settle(self, delivery: Delivery, public: Public) -> None:
        receipts = self.queue.history(delivery.id).receipts
        done = sum(name.startswith("create-") for name in receipts)
        found = public.of(marks_of(delivery.order)[done])
        event = Event.FOUND if found else Event.ABSENT
        self.queue.resolve(delivery.id, event, self.clock.now(), found[0].link if found else "")

    def _work(self) -> None:
        while not self._ended.wait(0.5):
            with contextlib.suppress(KarnayError):
                paused = [name for name, state in self.queue.accounts().items() if state.paused]
                if paused:
                    self.queue.resume(paused, self.clock.now())
