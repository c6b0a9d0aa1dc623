"""One daemon of the attack, as a process of its own, that dies or falls asleep by fate.

It is the product's daemon on the product's front door, but for its clock, which is the attack's;
the few waits that go by the machine's own clock are divided by the attack's speed.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from bench.chaos.breakages import BREAKAGES
from bench.chaos.clock import SharedClock
from karnay.cli.logs import configure
from karnay.engine.daemon import Tempos
from karnay.engine.lock import sole_daemon
from karnay.engine.publisher import Point
from karnay.errors import StoreError
from karnay.newsroom import Newsroom
from karnay.platforms.wire import Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLOCK, DIARY, TRUCE = "clock", "diary", "truce"
"""Files of the workspace: the clock, what fate did, and whether it may do more."""

TRY_AGAIN = 75
"""The exit code of a daemon that could not begin: whoever looks after it starts it again."""

_DIES = 0.6  # how often the end is a kill; else the process is stopped, and goes on later
_RARE = frozenset({Point.LOOKING, Point.LOOKED})
_MEAN_PASSINGS = {True: 2.0, False: 25.0}  # of a rare point, or the only one, and of a common one


def quick(speed: float) -> Tempos:
    """The production's tempos, so many times as fast.

    No time limit on a request falls below two seconds: a busy machine is no fault.
    """
    usual = Tempos()
    limits = {
        name: max(2.0, (limit or 0) / speed) for name, limit in usual.timeout.as_dict().items()
    }
    return replace(
        usual,
        recover_every=usual.recover_every / speed,
        renew_every=usual.renew_every / speed,
        timeout=Timeout(**limits),
    )


@dataclass(frozen=True)
class Life:
    """One life of a daemon: where, what its fate is drawn from, and how it is broken, if it is."""

    folder: Path
    log: Path
    fate: str
    broken: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self) -> None:
        """Publish until SIGTERM, or until fate strikes."""
        os.environ.update(self.environment)
        self._write_to_log()
        configure()
        if self.broken:
            BREAKAGES[self.broken].apply()
        clock = SharedClock(self.folder / CLOCK)
        only = BREAKAGES[self.broken].stops_at if self.broken else None
        _run(Newsroom(self.folder, clock=clock), Fate(self.fate, self.folder, only), clock.speed)

    def _write_to_log(self) -> None:
        with self.log.open("ab") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)


def _run(room: Newsroom, fate: Fate, speed: float) -> None:
    """Publish; end where the database cannot be used at once, as the product does."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with ExitStack() as stack:
        try:
            if room.database.is_local:
                stack.enter_context(sole_daemon(room.configuration.lock_folder))
            daemon = room.daemon(passing=fate, tempos=quick(speed))
            daemon.start()
        except StoreError as error:
            print(error, flush=True)
            os._exit(TRY_AGAIN)  # whoever has begun to work by now goes with us
        stopped.wait()
        daemon.stop()


class Fate:
    """Told of every point that a worker passes; at the chosen passing of the chosen point, acts.

    What it does is written to the folder's diary, a line each, before it is done. Where the folder
    holds a truce, nothing is done. A daemon may be meant to be stopped at one point `only`.
    """

    def __init__(self, seed: str, folder: Path, only: Point | None = None) -> None:
        self._random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._folder = folder
        self._only = only
        self._lock = threading.Lock()
        self._draw()

    def __call__(self, point: Point) -> None:
        """A worker passes the point."""
        if point is not self._point:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._meet()

    def _draw(self) -> None:
        self._point = self._only or self._random.choice(list(Point))
        mean = _MEAN_PASSINGS[self._only is not None or self._point in _RARE]
        self._left = 1 + int(self._random.expovariate(1 / mean))
        dies = not self._only and self._random.random() < _DIES
        self._signal = signal.SIGKILL if dies else signal.SIGSTOP

    def _meet(self) -> None:
        met, point = self._signal, self._point
        self._draw()
        if not (self._folder / TRUCE).exists():
            with (self._folder / DIARY).open("a", encoding="utf-8") as diary:
                diary.write(f"{met.name} {point}\n")
            os.kill(os.getpid(), met)
