"""What a running daemon tells of itself, and that it can be given other accounts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from builders import an_order
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.publisher import Point
from karnay.engine.vitals import THREADS
from karnay.store.database import Database
from karnay.store.queue import Queue

Put = Callable[..., int]


@pytest.fixture
def living(means: Means) -> Means:
    return replace(means, clock=SystemClock())


@pytest.fixture
def put(queue: Queue) -> Put:
    """Queue a delivery that is due now, and return its number."""

    def putting(**terms: Any) -> int:
        now = SystemClock().now()
        [added] = queue.add([an_order(planned_at=now, **terms)], now)
        return added.id

    return putting


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_from_its_start_on_every_thread_is_missed_if_it_gives_no_sign(living: Means) -> None:
    daemon = Daemon(living)
    daemon.start()
    assert set(living.vitals.signs().silences) == set(THREADS)
    daemon.stop()


def test_a_wake_is_told(daemon: Daemon, means: Means) -> None:
    daemon.wake()
    assert means.vitals.registry.get_sample_value("karnay_wakes_total") == 1


def test_a_wake_that_another_follows_at_once_is_told_too(daemon: Daemon, means: Means) -> None:
    daemon.reload(means.accounts)  # there may be something to do at once
    daemon.wake()
    assert means.vitals.registry.get_sample_value("karnay_wakes_total") == 1


def test_a_worker_that_fails_is_told(living: Means, queue: Queue, put: Put) -> None:
    def fail(point: Point) -> None:
        raise ZeroDivisionError(point)

    put()
    Daemon(replace(living, passing=fail)).run_once()
    assert living.vitals.signs().worker_failed_ago is not None
    assert living.vitals.signs().busy == 0


def test_what_the_writer_hears_from_the_database_is_told(
    living: Means, sqlite_database: Database
) -> None:
    daemon = Daemon(replace(living, database=sqlite_database))
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
    daemon.wake()
    daemon.stop()
    assert "half-migrated" in living.vitals.signs().store_trouble


def test_accounts_of_a_new_configuration_are_published_to(
    living: Means, accounts: dict[str, Account], queue: Queue, put: Put
) -> None:
    daemon = Daemon(replace(living, accounts={}))
    daemon.start()
    held = put(post="before")
    assert until(lambda: queue.get(held).held != "")
    daemon.reload(accounts)
    sent = put(post="after")
    assert until(lambda: queue.get(sent).state is State.PUBLISHED)
    daemon.stop()
