"""The daemons of an attack as processes: started, killed, stopped, woken and started again."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bench.chaos.daemon import DIARY, TRUCE, TRY_AGAIN, Life

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import ForkServerProcess

# Daemons are born of a process that has imported everything: they begin to work at once.
_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["bench.chaos.daemon"])

LONGEST_STOP = 9.0
"""Seconds of the world that a stopped daemon may have to wait: longer than a lease holds."""

_LONGEST_STARTLED = 0.4  # seconds until a dead daemon is started again
_SLEEPS_LONG, _SHORT_STOP = 0.6, 0.4
_PROCESS_DIED = "\nProcess "
_THREAD_DIED = "Exception in thread "
_ERROR = re.compile(r"\w+(\.\w+)*: ")
_LOG_LINES = 15


@dataclass
class Machine:
    """One machine: its daemon, and who else its environment names."""

    name: str
    environment: dict[str, str]
    process: ForkServerProcess | None = None
    wakes_at: float | None = None
    lives: int = 0

    @property
    def alive(self) -> bool:
        """Whether its daemon runs, or would if it were not stopped."""
        return self.process is not None and self.process.is_alive()

    @property
    def asleep(self) -> bool:
        """Whether its daemon is stopped, by whomever."""
        with contextlib.suppress(OSError):
            return self.alive and _state(self.pid) == "T"
        return False

    @property
    def pid(self) -> int:
        """The process number of its daemon, 0 before it has one."""
        return (self.process and self.process.pid) or 0

    def tell(self, number: signal.Signals) -> None:
        """Send its daemon that signal, if it lives."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][0]


@dataclass
class Machines:
    """All machines, looked after by a thread: the dead are replaced, the sleeping woken.

    `crashes` holds the last lines of daemons that ended by themselves, and of threads that did in
    daemons that lived on: none ever should.
    """

    folder: Path
    all: Sequence[Machine]
    seed: str
    broken: str = ""
    crashes: list[str] = field(default_factory=list)
    kills: int = 0
    stops: int = 0

    def __post_init__(self) -> None:
        self._random = Random(f"{self.seed} machines")  # noqa: S311
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="machines", daemon=True)

    def open(self) -> None:
        """Start all, and keep them going."""
        for machine in self.all:
            self._start(machine)
        self._thread.start()

    def close(self) -> None:
        """Stop all, for good."""
        self._ended.set()
        self._thread.join()
        for machine in self.all:
            machine.tell(signal.SIGCONT)
            machine.tell(signal.SIGTERM)
        for machine in self.all:
            self._see_end(machine)
            self._look_for_dead_threads(machine)

    def abandon(self) -> None:
        """Leave none behind, whatever has happened."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        for machine in self.all:
            machine.tell(signal.SIGKILL)

    def spare(self) -> None:
        """Nobody dies or sleeps by fate any more."""
        self._truce.touch()

    def kill(self, random: Random) -> None:
        """Kill one of them, whatever it does."""
        random.choice(self.all).tell(signal.SIGKILL)

    def stop(self, random: Random) -> None:
        """Stop one of them, whatever it does; it is woken later."""
        random.choice(self.all).tell(signal.SIGSTOP)

    def met(self) -> Counter[str]:
        """How often fate struck, by signal and point."""
        diary = self.folder / DIARY
        return Counter(diary.read_text("utf-8").splitlines() if diary.exists() else ())

    def _start(self, machine: Machine) -> None:
        machine.lives += 1
        machine.wakes_at = None
        self._log(machine).touch()
        fate = f"{self.seed} {machine.name} {machine.lives}"
        life = Life(self.folder, self._log(machine), fate, self.broken, machine.environment)
        machine.process = _NURSERY.Process(target=life, name=machine.name)
        machine.process.start()

    def _look_after(self) -> None:
        while not self._ended.wait(0.02):
            for machine in self.all:
                self._look_at(machine)

    def _look_at(self, machine: Machine) -> None:
        if not machine.alive:
            self._bury(machine)
            time.sleep(self._random.uniform(0, _LONGEST_STARTLED))
            self._start(machine)
        elif machine.asleep:
            self._wake(machine)

    def _bury(self, machine: Machine) -> None:
        code = machine.process.exitcode if machine.process else 0
        if code == -signal.SIGKILL:
            self.kills += 1
        elif code != TRY_AGAIN:
            told = self._log(machine).read_text("utf-8", "replace").rpartition(_PROCESS_DIED)[2]
            lines = [line for line in told.splitlines() if not line.startswith("{")][-_LOG_LINES:]
            self.crashes.append("\n".join([f"{machine.name} ended with {code}", *lines]))

    def _wake(self, machine: Machine) -> None:
        now = time.monotonic()
        if machine.wakes_at is None:
            self.stops += 1
            machine.wakes_at = now + self._nap(machine)
        if now >= machine.wakes_at or self._truce.exists():
            machine.wakes_at = None
            machine.tell(signal.SIGCONT)

    def _nap(self, sleeper: Machine) -> float:
        """Long ones are for leases to run out in, while another is awake to take over."""
        others = [machine for machine in self.all if machine is not sleeper]
        awake = others and not any(machine.wakes_at for machine in others)
        if awake and self._random.random() < _SLEEPS_LONG:
            return self._random.uniform(LONGEST_STOP / 2, LONGEST_STOP)
        return self._random.uniform(0.05, _SHORT_STOP)

    def _see_end(self, machine: Machine) -> None:
        if machine.process is None:
            return
        machine.process.join(timeout=20)
        if machine.alive:
            self.crashes.append(f"{machine.name} did not end at SIGTERM")
            machine.process.kill()
            machine.process.join()

    def _look_for_dead_threads(self, machine: Machine) -> None:
        text = self._log(machine).read_text("utf-8", "replace")
        for traceback in text.split(_THREAD_DIED)[1:]:
            lines = [line for line in traceback.splitlines() if line]
            end = next((n for n, line in enumerate(lines) if _ERROR.match(line)), _LOG_LINES)
            told = "\n".join(lines[max(0, end - _LOG_LINES) : end + 1])
            self.crashes.append(f"{machine.name}: a thread died: {lines[0]}\n{told}")

    @property
    def _truce(self) -> Path:
        return self.folder / TRUCE

    def _log(self, machine: Machine) -> Path:
        return self.folder / f"{machine.name}.log"
