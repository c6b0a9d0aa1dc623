"""The stage of an attack: networks, line, database and machines, put up and taken down."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from bench.chaos import accounts
from bench.chaos.breakages import BREAKAGES
from bench.chaos.clock import SharedClock
from bench.chaos.daemon import CLOCK
from bench.chaos.line import Line, Reactor
from bench.chaos.machines import Machines
from bench.chaos.postgres import Postgres
from bench.chaos.sqlite import Sqlite
from karnay.newsroom import Newsroom
from karnay.sandbox.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

SPEED = 10.0
"""Seconds of the attack's clock in one of the world's: settling and backing off take a tenth."""

ENGINES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Plan:
    """What is attacked, how long, and by which seed; `broken` names a breakage of the engine.

    The attack goes on after `seconds` of the world until at least so many `faults` have hit. The
    daemons' logs are left in the folder `logs`.
    """

    seed: int
    seconds: float = 60.0
    engine: str = "sqlite"
    daemons: int = 1
    faults: int = 0
    broken: str = ""
    speed: float = SPEED
    logs: Path | None = None

    @property
    def sleeps_only(self) -> bool:
        """Whether daemons that fall asleep are all that shall go wrong."""
        return bool(self.broken) and BREAKAGES[self.broken].stops_at is not None


class Stage:
    """Everything that takes part; usable between entering and leaving it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Put everything up; no daemon runs yet."""
        with self._stack:
            enter = self._stack.enter_context
            folder = Path(enter(tempfile.TemporaryDirectory(prefix="karnay-chaos-")))
            self.clock = SharedClock.made(folder / CLOCK, speed=self.plan.speed)
            self.networks = enter(_networks(folder / CLOCK))
            self.reactor = Reactor()
            self._stack.callback(self.reactor.stop)
            self.line = Line(_address(self.networks), self.clock, str(self.plan.seed))
            self.reactor.run(self.line.open())
            self.store = self._store(folder)
            enter(self.store)
            accounts.write_workspace(folder, self.line.url, self.store.url)
            self.room = Newsroom(folder, clock=self.clock)
            self._stack.callback(self.room.database.close)
            self.machines = Machines(
                folder, self.store.machines, str(self.plan.seed), self.plan.broken
            )
            self._stack.callback(self.machines.abandon)
            if self.plan.logs:
                self._stack.callback(_keep_logs, folder, self.plan.logs)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Take everything down."""
        self._stack.close()

    def _store(self, folder: Path) -> Sqlite | Postgres:
        if self.plan.engine == "postgres":
            return Postgres(self.reactor, self.plan.daemons)
        return Sqlite(folder)


def _keep_logs(folder: Path, there: Path) -> None:
    there.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, there)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 80)


class RightClock(SharedClock):
    """The attack's clock without what it is off by: the networks' own."""

    now = SharedClock.true


def _answer(clock: Path, address: Connection) -> None:
    """Be all the networks, until killed."""
    serve(clock=RightClock(clock), ready=address.send)


@contextlib.contextmanager
def _networks(clock: Path) -> Iterator[str]:
    """The networks in a process of their own; their address."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    processes = multiprocessing.get_context("forkserver")
    process = processes.Process(target=_answer, args=(clock, theirs), name="networks")
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()
