"""Waking, claiming, stopping."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from builders import HOUR, NOON, an_order
from karnay.clock import SystemClock
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.lock import daemon_runs, sole_daemon
from karnay.errors import NotPossible
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


@pytest.fixture
def living(means: Means) -> Daemon:
    daemon = Daemon(replace(means, clock=SystemClock()))
    daemon.start()
    yield daemon
    daemon.stop()


def test_run_once_publishes_all_that_is_due_and_nothing_else(
    daemon: Daemon, queue: Queue, network
) -> None:
    due = [an_order(post="a"), an_order(post="b"), an_order(post="c", account="telegram-ru")]
    queue.add([*due, an_order(post="later", planned_at=NOON + HOUR)], NOON)
    daemon.run_once()
    assert {one.order.post for one in queue.all(states=[State.PUBLISHED])} == {"a", "b", "c"}
    assert len(network.texts) == 3


def test_a_queue_that_changes_is_noticed_at_once(living: Daemon, queue: Queue) -> None:
    now = SystemClock().now()
    [added] = queue.add([an_order(planned_at=now)], now)
    assert until(lambda: queue.get(added.id).state is State.PUBLISHED)


def test_the_first_request_leaves_at_its_due_time_and_never_before(
    living: Daemon, queue: Queue
) -> None:
    due = SystemClock().now() + timedelta(seconds=1)
    [added] = queue.add([an_order(planned_at=due)], due - timedelta(seconds=1))
    assert until(lambda: queue.get(added.id).state is State.PUBLISHED)
    late = queue.first_attempts([added.id])[added.id] - due
    assert timedelta() <= late < timedelta(seconds=1)


def test_an_accounts_next_delivery_follows_without_waiting(living: Daemon, queue: Queue) -> None:
    now = SystemClock().now()
    queue.add([an_order(post=f"p{n}", planned_at=now) for n in range(20)], now)
    published = lambda: queue.counts()[State.PUBLISHED] == 20  # noqa: E731
    assert until(published)


def test_a_stopped_daemon_claims_nothing_more(means: Means, queue: Queue, network) -> None:
    daemon = Daemon(means)
    daemon.stop()
    queue.add([an_order()], NOON)
    daemon.wake()
    assert network.texts == []


def test_what_a_killed_daemon_left_is_settled_at_the_next_start(
    means: Means, queue: Queue, journal, network
) -> None:
    queue.add([an_order()], NOON)
    journal.claim(NOON, timedelta(seconds=0))  # on several machines: once the lease is over
    Daemon(means).run_once()
    assert network.texts == ["Open day on Saturday."]


def test_a_second_daemon_on_one_database_is_refused(tmp_path: Path) -> None:
    with (
        sole_daemon(tmp_path),
        pytest.raises(NotPossible, match=r"already runs .*process \d+"),
        sole_daemon(tmp_path),
    ):
        pass


def test_whether_a_daemon_runs_can_be_asked(tmp_path: Path) -> None:
    assert not daemon_runs(tmp_path)
    with sole_daemon(tmp_path):
        assert daemon_runs(tmp_path)
    assert not daemon_runs(tmp_path)


def test_a_clock_that_stands_still_wakes_nobody(daemon: Daemon, clock: FixedClock) -> None:
    daemon.wake()
    assert clock.now() == NOON


def test_a_wake_that_fails_for_no_known_reason_does_not_end_the_daemon(
    means: Means, queue: Queue, clock: FixedClock
) -> None:
    class Odd(FixedClock):
        """The system's, but fails once when it is told to."""

        readings_left = 0

        def now(self) -> datetime:
            self.readings_left -= 1
            if self.readings_left == 0:
                raise ZeroDivisionError
            return SystemClock().now()

    odd = Odd(NOON)
    daemon = Daemon(replace(means, clock=odd))
    daemon.start()
    odd.readings_left = 1
    daemon._poked.set()
    assert until(lambda: odd.readings_left < 0)
    now = SystemClock().now()
    [added] = queue.add([an_order(planned_at=now)], now)
    assert until(lambda: queue.get(added.id).state is State.PUBLISHED)
    daemon.stop()
