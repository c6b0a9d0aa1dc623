"""The clock that several machines agree on: the database server's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from karnay.clock import ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from karnay.store.database import Database

_NOW = "SELECT extract(epoch FROM clock_timestamp()) * 1000000"


class DatabaseClock:
    """Tells the time of a PostgreSQL server.

    Between two comparisons it goes by a clock that nobody sets, and that goes on while the machine
    sleeps: whoever wakes up knows how long it was away, and whose claims are another's by now. A
    machine whose own clock is an hour off publishes on time all the same.
    """

    def __init__(self, database: Database, ticks: Callable[[], float] = ticks) -> None:
        """Compare at once. Raises StoreError."""
        self._database = database
        self._ticks = ticks
        self.compare()

    def compare(self) -> timedelta:
        """Ask the server; returns by how much this machine's own clock is ahead of it."""
        with self._database.reading() as connection:
            asked = self._ticks()
            micros = int(connection.exec_driver_sql(_NOW).scalar_one())
            answered = self._ticks()
        moment = datetime.fromtimestamp(micros // 1_000_000, UTC) + timedelta(
            microseconds=micros % 1_000_000
        )
        # The moment lies between question and answer: the later reading makes us late, not early.
        self._known = (answered, moment)
        return datetime.now(UTC) - moment - timedelta(seconds=(answered - asked) / 2)

    def now(self) -> datetime:
        """The present moment of the server, aware, in UTC."""
        ticked, moment = self._known
        return moment + timedelta(seconds=self._ticks() - ticked)

    def sleep(self, seconds: float) -> None:
        """Block this thread for that many seconds."""
        time.sleep(seconds)
