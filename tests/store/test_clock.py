"""The clock of the database's server."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from karnay.store.clock import DatabaseClock
from karnay.store.database import Database

NEARLY = timedelta(seconds=2)


def test_it_tells_the_servers_time_and_is_never_ahead_of_it(postgres_database: Database) -> None:
    clock = DatabaseClock(postgres_database)
    assert timedelta(0) <= datetime.now(UTC) - clock.now() < NEARLY


def test_it_tells_by_how_much_this_machine_is_ahead(postgres_database: Database) -> None:
    assert abs(DatabaseClock(postgres_database).compare()) < NEARLY


def test_between_two_comparisons_it_goes_by_the_clock_that_nobody_sets(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = DatabaseClock(postgres_database)
    ticked = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: ticked)
    assert clock.now() > datetime.now(UTC) + timedelta(seconds=50)
    clock.compare()
    assert clock.now() < datetime.now(UTC) + NEARLY
