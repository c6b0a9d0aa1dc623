"""The one clock: everything that needs the time asks it, so that tests can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; nothing else in karnay reads the system's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of this clock."""
        ...


def ticks() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps.

    `time.monotonic` stands still meanwhile on Linux: https://docs.python.org/3/library/time.html
    """
    return time.clock_gettime(_GOES_ON) if _GOES_ON is not None else time.monotonic()


_GOES_ON: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Block this thread for that many seconds."""
        time.sleep(seconds)
