"""The time: a true one, which only passes, and the wall clock that everybody reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import NOON


class Times:
    """Shows the wall clock; a network goes by the true time.

    `latest` is the latest moment that the wall clock has ever shown.
    """

    def __init__(self) -> None:
        self.true = self.latest = NOON
        self._ahead = timedelta()

    def now(self) -> datetime:
        """What the wall clock shows."""
        return self.true + self._ahead

    def sleep(self, seconds: float) -> None:
        """The world goes on meanwhile."""
        self.go_by(timedelta(seconds=seconds))

    def go_by(self, span: timedelta) -> None:
        """That much time is over."""
        self.true += span
        self.latest = max(self.latest, self.now())

    def set_back(self, span: timedelta) -> None:
        """Somebody sets the wall clock: no time passes."""
        self._ahead -= span
