"""Waking, claiming, stopping."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import HOUR, NOON, an_order
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.content.post import Late
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.lock import daemon_runs, sole_daemon
from karnay.errors import NotPossible, StoreGone
from karnay.scheduling.wallclock import LATEST
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock


def until(true: Callable[[], bool], seconds: float = 30) -> bool:
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


def test_a_daemon_begins_on_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "daemon.pid").symlink_to("/dev/full")
    with sole_daemon(tmp_path):
        assert daemon_runs(tmp_path)


def test_whether_a_daemon_runs_can_be_asked(tmp_path: Path) -> None:
    assert not daemon_runs(tmp_path)
    with sole_daemon(tmp_path):
        assert daemon_runs(tmp_path)
    assert not daemon_runs(tmp_path)


@pytest.fixture
def on_a_file(sqlite_database: Database, accounts: dict[str, Account], network) -> Iterator[Daemon]:
    """A daemon that runs on the file `karnay.db`."""
    daemon = Daemon(Means(sqlite_database, accounts, SystemClock(), network, workers=4))
    daemon.start()
    yield daemon
    daemon.stop()


def notices(daemon: Daemon) -> bool:
    try:
        daemon.require_store()
    except StoreGone:
        return True
    return False


def test_a_daemon_notices_that_its_database_was_deleted(on_a_file: Daemon, tmp_path: Path) -> None:
    assert not notices(on_a_file)
    (tmp_path / "karnay.db").unlink()
    assert until(lambda: notices(on_a_file))


def test_a_daemon_whose_database_was_replaced_sends_nothing_of_the_new_one(
    on_a_file: Daemon, tmp_path: Path, network
) -> None:
    (tmp_path / "karnay.db").rename(tmp_path / "old.db")
    now = SystemClock().now()
    with closing(Database("sqlite:///karnay.db", tmp_path)) as another:
        Queue(another, "nilufar").add([an_order(planned_at=now)], now)
    assert until(lambda: notices(on_a_file))
    on_a_file.stop()
    assert network.texts == []


def test_a_delivery_due_in_1970_is_held_as_late(daemon: Daemon, queue: Queue) -> None:
    [added] = queue.add([an_order(planned_at=datetime(1970, 1, 1, tzinfo=UTC))], NOON)
    daemon.run_once()
    assert queue.get(added.id).held == "late: it was due 1970-01-01 00:00 UTC"


def test_a_delivery_due_in_1970_that_may_be_late_goes_out(
    daemon: Daemon, queue: Queue, network
) -> None:
    order = an_order(planned_at=datetime(1970, 1, 1, tzinfo=UTC), late=Late.PUBLISH)
    queue.add([order], NOON)
    daemon.run_once()
    assert len(network.texts) == 1


def test_a_delivery_due_in_9999_waits_and_keeps_nobody_waiting(
    living: Daemon, queue: Queue, network
) -> None:
    now = SystemClock().now()
    distant = an_order(post="distant", planned_at=LATEST, expires_at=LATEST + HOUR)
    queue.add([distant, an_order(post="today", planned_at=now)], now)
    assert until(lambda: len(network.texts) == 1)
    waiting = queue.all(states=[State.SCHEDULED])
    assert [(one.order.post, one.due_at, one.held) for one in waiting] == [("distant", LATEST, "")]


@pytest.fixture(params=["Pacific/Kiritimati", "America/Adak"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's own zone: 14 hours ahead of UTC, or 10 behind."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_a_daemon_in_another_zone_sends_at_the_same_moment(
    elsewhere: str, living: Daemon, queue: Queue
) -> None:
    due = SystemClock().now() + timedelta(seconds=0.5)
    [added] = queue.add([an_order(planned_at=due)], due - timedelta(seconds=1))
    assert until(lambda: queue.get(added.id).state is State.PUBLISHED)
    late = queue.first_attempts([added.id])[added.id] - due
    assert timedelta() <= late < timedelta(seconds=1)


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
