"""The clock of the database's server."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from karnay.clock import ticks
from karnay.store.clock import DatabaseClock
from karnay.store.database import Database

NEARLY = timedelta(seconds=2)


def test_it_tells_the_servers_time_and_is_never_ahead_of_it(postgres_database: Database) -> None:
    clock = DatabaseClock(postgres_database)
    assert timedelta(0) <= datetime.now(UTC) - clock.now() < NEARLY


def test_it_tells_by_how_much_this_machine_is_ahead(postgres_database: Database) -> None:
    assert abs(DatabaseClock(postgres_database).compare()) < NEARLY


def test_between_two_comparisons_it_goes_by_the_clock_that_nobody_sets(
    postgres_database: Database,
) -> None:
    ticks = [0.0]
    clock = DatabaseClock(postgres_database, lambda: ticks[0])
    ticks[0] = 60
    assert clock.now() > datetime.now(UTC) + timedelta(seconds=50)
    clock.compare()
    assert clock.now() < datetime.now(UTC) + NEARLY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells since when it runs")
def test_what_it_goes_by_goes_on_while_the_machine_sleeps() -> None:
    assert abs(ticks() - float(Path("/proc/uptime").read_text().split()[0])) < 1
