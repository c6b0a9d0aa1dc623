"""SQLite under attack: its disk is full or takes nothing, or somebody else has locked the file.

The disk is small, so that it can be filled to the last byte and freed again. Mounting one takes a
right that not everybody has; without it, the daemons are forbidden to write (RLIMIT_FSIZE), which
SQLite meets as a disk that takes nothing.
"""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bench.chaos.machines import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.chaos.machines import Machines
    from bench.chaos.nemesis import Hand, Nemesis

_LONG_LOCKS = 0.05  # longer than SQLite waits for a lock
_SIZE = 200 << 20  # bytes
_FILLER = "filler"
_LUMP = bytes(1 << 16)


@dataclass
class Sqlite:
    """One file on a disk of its own, and one daemon, for there can be no other."""

    folder: Path
    url: str = "sqlite:///.karnay/karnay.db"
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _small: bool = False

    def __enter__(self) -> Self:
        """Make the disk."""
        self._small = self._stack.enter_context(_small_disk(self.folder / ".karnay"))
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._stack.close()

    @property
    def machines(self) -> list[Machine]:
        """The one."""
        return [Machine("daemon", {})]

    def arm(self, nemesis: Nemesis, machines: Machines) -> None:
        """The disk is full, or refuses all writing; the database is locked by somebody else."""
        state = self.folder / ".karnay"

        def fill(hand: Hand) -> None:
            _filled(state, lambda: hand.rest(0.2, 1.5))

        def forbid(hand: Hand) -> None:
            _forbidden(machines, lambda: hand.rest(0.2, 1.5))

        def lock(hand: Hand) -> None:
            longest = 12 if hand.luck.random() < _LONG_LOCKS else 1
            _locked(state / "karnay.db", lambda: hand.rest(0.2, longest))

        nemesis.arm("full disk", 12, fill if self._small else forbid)
        nemesis.arm("locked database", 10, lock)


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk there, if we may; says whether it was."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "karnay-chaos", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def _filled(folder: Path, wait: Callable[[], None]) -> None:
    """Fill the small disk while `wait` waits, then free it."""
    filler = folder / _FILLER
    try:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(_LUMP):
                pass
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0"):
                pass
        wait()
    finally:
        filler.unlink(missing_ok=True)


def _forbidden(machines: Machines, wait: Callable[[], None]) -> None:
    """Let no daemon that lives now write to any file while `wait` waits."""
    pids = [machine.pid for machine in machines.all if machine.alive]
    _limit(pids, 0)
    try:
        wait()
    finally:
        _limit(pids, resource.RLIM_INFINITY)


def _limit(pids: list[int], size: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _locked(file: Path, wait: Callable[[], None]) -> None:
    """Hold the database's only writing lock while `wait` waits."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=5)
    try:
        connection.execute("BEGIN IMMEDIATE")
        wait()
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return  # the daemon was quicker, or the disk is full: no fault today
    finally:
        connection.close()
