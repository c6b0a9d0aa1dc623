"""The one clock of an attack: fast, shared by all its processes, and set at will while they run."""

from __future__ import annotations

import mmap
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ORIGIN, _EPOCH, _SPEED, _OFFSET = range(4)
_SIZE = 4 * 8  # bytes: four doubles


class SharedClock:
    """Shows the true moment of the attack plus an offset, both kept in a small mapped file.

    The true moment runs `speed` times as fast as the system's monotonic clock, which is the same
    in all processes of a machine. `set_off` is seen by every process at once.
    """

    def __init__(self, file: Path) -> None:
        """Read the clock that `made` put there."""
        with file.open("r+b") as opened:
            self._cells = memoryview(mmap.mmap(opened.fileno(), _SIZE)).cast("d")
        self._settings: list[tuple[datetime, timedelta]] = [(self.true(), timedelta())]

    @classmethod
    def made(cls, file: Path, *, speed: float) -> SharedClock:
        """A clock that begins at the present moment and has the file hold it."""
        file.write_bytes(bytes(_SIZE))
        clock = cls(file)
        clock._cells[_ORIGIN] = time.monotonic()
        clock._cells[_EPOCH] = time.time()
        clock._cells[_SPEED] = speed
        clock._settings = [(clock.true(), timedelta())]
        return clock

    @property
    def speed(self) -> float:
        """Seconds of this clock in one of the world's."""
        return self._cells[_SPEED]

    def true(self) -> datetime:
        """The moment that a right clock would show, aware, in UTC."""
        passed = (time.monotonic() - self._cells[_ORIGIN]) * self.speed
        return datetime.fromtimestamp(self._cells[_EPOCH] + passed, UTC)

    def now(self) -> datetime:
        """The moment that this clock shows, aware, in UTC."""
        return self.true() + timedelta(seconds=self._cells[_OFFSET])

    def sleep(self, seconds: float) -> None:
        """Block this thread for that many seconds of this clock."""
        time.sleep(seconds / self.speed)

    def set_off(self, offset: timedelta) -> None:
        """Have the clock be off by that much from now on."""
        self._cells[_OFFSET] = offset.total_seconds()
        self._settings.append((self.true(), offset))

    def latest_shown(self, at: datetime, within: timedelta) -> datetime:
        """The latest moment that the clock can have shown in that time before the true `at`.

        Knows only of the settings made by this very object.
        """
        begun = [(since, offset) for since, offset in self._settings if since <= at]
        ends = [since for since, _ in begun[1:]] + [at]
        offsets = [
            offset for (_, offset), end in zip(begun, ends, strict=True) if end >= at - within
        ]
        return at + max(offsets, default=timedelta())
