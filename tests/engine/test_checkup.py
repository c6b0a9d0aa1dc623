"""Examining the vitals and the database together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from builders import NOON, an_order
from karnay.engine.checkup import SECOND_LOOK, Checkup
from karnay.engine.metrics import exposition, register
from karnay.engine.vitals import Vitals
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.store.tables import vault
from karnay.testing.clock import FixedClock

LATE = NOON + timedelta(seconds=30)


class Meanwhile(FixedClock):
    """A clock while whose sleep something happens."""

    def __init__(self, now: datetime, happens: Callable[[], object]) -> None:
        super().__init__(now)
        self._happens = happens
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._happens()


def states(checkup: Checkup) -> dict[str, str]:
    return {check.name: check.standing.value for check in checkup.health().checks}


def test_a_forgotten_delivery_makes_it_unhealthy(database: Database, queue: Queue) -> None:
    queue.add([an_order()], NOON)
    clock = Meanwhile(LATE, lambda: None)
    assert states(Checkup(database, Vitals(), clock))["due"] == "bad"
    assert clock.slept == [SECOND_LOOK.total_seconds()]


def test_one_that_is_just_being_taken_does_not(
    database: Database, queue: Queue, journal: Journal
) -> None:
    queue.add([an_order()], NOON)
    clock = Meanwhile(LATE, lambda: journal.claim(LATE, timedelta(minutes=1)))
    assert states(Checkup(database, Vitals(), clock))["due"] == "ok"


def test_what_another_daemon_left_makes_it_unhealthy_until_somebody_takes_it_over(
    database: Database, queue: Queue, journal: Journal
) -> None:
    queue.add([an_order()], NOON)
    journal.claim(NOON, timedelta(seconds=45))
    later = NOON + timedelta(minutes=2)
    checkup = Checkup(database, Vitals(), FixedClock(later))
    assert states(checkup)["claims"] == "bad"
    Journal(database, "there:2").claim_lost(later, timedelta(seconds=45), all_others=False)
    assert states(checkup)["claims"] == "ok"


def test_with_an_empty_queue_it_looks_once(database: Database) -> None:
    clock = Meanwhile(LATE, lambda: None)
    assert Checkup(database, Vitals(), clock).health().healthy
    assert clock.slept == []


@pytest.fixture
def broken(sqlite_database: Database) -> Database:
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
    return sqlite_database


def test_a_database_that_cannot_be_read_makes_it_unhealthy(broken: Database) -> None:
    found = states(Checkup(broken, Vitals(), FixedClock(NOON)))
    assert (found["database"], found["due"]) == ("bad", "bad")


def test_the_metrics_tell_what_the_database_holds(database: Database, queue: Queue) -> None:
    queue.add([an_order(post="first"), an_order(post="second")], NOON)
    vitals = Vitals()
    register(Checkup(database, vitals, FixedClock(LATE)))
    text = exposition(vitals.registry)[0].decode()
    assert 'karnay_deliveries{state="scheduled"} 2.0' in text
    assert "karnay_due_not_begun 2.0" in text
    assert "karnay_oldest_due_seconds 30.0" in text
    assert "karnay_database_up 1.0" in text


def test_the_metrics_tell_when_log_ins_end(database: Database) -> None:
    row = {"name": "linkedin", "sealed": "", "expires_at": NOON + timedelta(hours=1)}
    with database.writing() as connection:
        connection.execute(sa.insert(vault).values(row))
    vitals = Vitals()
    register(Checkup(database, vitals, FixedClock(NOON)))
    text = exposition(vitals.registry)[0].decode()
    assert 'karnay_login_seconds_left{login="linkedin"} 3600.0' in text
    assert "karnay_logins_ending 1.0" in text


def test_the_metrics_of_the_process_outlive_the_database(broken: Database) -> None:
    vitals = Vitals()
    register(Checkup(broken, vitals, FixedClock(NOON)))
    text = exposition(vitals.registry)[0].decode()
    assert "karnay_database_up 0.0" in text
    assert "karnay_due_not_begun" not in text
    assert "karnay_wakes_total 0.0" in text
