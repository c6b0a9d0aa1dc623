"""What breaks things on purpose: hands that strike at random moments, each in its own thread."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Hand:
    """Strikes now and then, `every` so many seconds of the world on average, until the truce.

    A blow does its harm and heals it before it returns; `rest` is its way to wait meanwhile, which
    the truce ends at once.
    """

    name: str
    every: float
    blow: Callable[[Hand], None]
    luck: Random
    truce: threading.Event
    blows: int = 0
    thread: threading.Thread | None = None

    def rest(self, shortest: float, longest: float) -> None:
        """Wait so many seconds of the world, or until the truce."""
        self.truce.wait(self.luck.uniform(shortest, longest))

    def work(self) -> None:
        """Strike until the truce."""
        while not self.truce.wait(self.luck.expovariate(1 / self.every)):
            self.blow(self)
            self.blows += 1


@dataclass
class Nemesis:
    """All the hands of an attack."""

    seed: str
    hands: list[Hand] = field(default_factory=list)
    _truce: threading.Event = field(default_factory=threading.Event)

    def arm(self, name: str, every: float, blow: Callable[[Hand], None]) -> None:
        """Have something happen, every so many seconds of the world on average."""
        luck = Random(f"{self.seed} {name}")  # noqa: S311
        self.hands.append(Hand(name, every, blow, luck, self._truce))

    def begin(self) -> None:
        """Let all strike."""
        for hand in self.hands:
            hand.thread = threading.Thread(target=hand.work, name=hand.name, daemon=True)
            hand.thread.start()

    def end(self) -> None:
        """A truce: nothing breaks any more, and what was broken is healed."""
        self._truce.set()
        for hand in self.hands:
            if hand.thread is not None:
                hand.thread.join()

    def blows(self) -> Counter[str]:
        """How often each struck."""
        return Counter({hand.name: hand.blows for hand in self.hands})
