"""One delivery for each way to die: every crash in turn, all side by side in one world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from builders import an_order
from karnay.content.post import Late
from karnay.engine.publisher import LEASE
from simulation.daemons import Daemon
from simulation.database import CheapDatabase
from simulation.networks import BAD, SECOND, Mood, an_account
from simulation.people import MINUTE
from simulation.world import SOUND, Making, World

ANSWERS = tuple(BAD.answers)
LONGEST = 30  # turns that a thread of two parts takes, with an upload


@dataclass(frozen=True)
class Fate:
    """Where it goes, what it is answered, and after how many turns each daemon dies."""

    network: str
    answer: str
    deaths: tuple[int, ...]


def fates(network: str, luck: Random, daemons: int) -> list[Fate]:
    """For every answer: one that dies first after each number of turns, and then anywhere."""
    return [
        Fate(network, answer, (first, *(luck.randrange(LONGEST) for _ in range(daemons - 1))))
        for answer in ANSWERS
        for first in range(LONGEST)
    ]


class Doom(World):
    """A world where every delivery has an account and a fate of its own."""

    def __init__(
        self,
        seed: int,
        database: CheapDatabase,
        fates: Sequence[Fate],
        making: Making = SOUND,
    ) -> None:
        names = [f"{fate.network}-{number}" for number, fate in enumerate(fates)]
        accounts = {
            name: an_account(name, fate.network, 0 * SECOND)
            for name, fate in zip(names, fates, strict=True)
        }
        super().__init__(seed, database, making, accounts=accounts)
        self.alone = True
        self.remote.moods = {
            name: Mood({fate.answer: 1}, BAD.looks) for name, fate in zip(names, fates, strict=True)
        }
        self._fates = dict(zip(self._queued(), fates, strict=True))

    def suffer(self) -> None:
        """One daemon after the other, each of which dies in the middle of everything."""
        for turns in zip(*(fate.deaths for fate in self._fates.values()), strict=True):
            self._die_after(dict(zip(self._fates, turns, strict=True)))

    def _queued(self) -> list[int]:
        terms = {"late": Late.PUBLISH, "expires_at": None, "planned_at": self.times.now()}
        texts = ["one", "two"]
        orders = [
            an_order(*texts, account=account.name, platform=account.platform, **terms)
            for account in self.accounts.values()
        ]
        added = [delivery.id for delivery in self.people.queue.add(orders, self.times.now())]
        self.laws.texts = dict.fromkeys(added, texts)
        return added

    def _die_after(self, left: dict[int, int]) -> None:
        daemon = self._started()
        self._go_on(daemon, left)
        for _ in range(3):
            daemon.claim()
            daemon.look()
            self._go_on(daemon, left)
            self.times.go_by(MINUTE)
        self.tally["crashes"] += daemon.die()
        self.people.answer()
        self.laws.hold()

    def _started(self) -> Daemon:
        """A daemon that takes over each delivery in a thread of its own."""
        office, hands = self.office, len(self._fates)
        daemon = Daemon(office, f"daemon-{self.times.now()}", self.laws.claimed, True, hands)
        daemon.threads.clear()
        now = self.times.now()
        for lost in daemon.journal.claim_lost(now, LEASE, all_others=True):
            daemon.begin(daemon.made().recover, lost)
        return daemon

    def _go_on(self, daemon: Daemon, left: dict[int, int]) -> None:
        for thread in daemon.threads:
            assert thread.delivery is not None
            while left[thread.delivery.id] and not thread.ended:
                left[thread.delivery.id] -= 1
                self.advance(daemon, thread)
        daemon.tidy()
