"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""When tests take place, unless they say otherwise."""


class FixedClock:
    """Shows `START`; moves only by `sleep` and `move`."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment that the clock was set to, aware, in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by that many seconds, at once."""
        self.move(timedelta(seconds=seconds))

    def move(self, by: timedelta) -> None:
        """Move on, or back."""
        self._now += by
