"""The daemon: wakes at the next due moment, claims what is due, and has workers publish it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from karnay.engine.counting import COUNT_EVERY, Counter, Rounds
from karnay.engine.handover import Direct
from karnay.engine.publisher import LEASE, Point, Publisher
from karnay.engine.publishers import Publishers
from karnay.engine.refreshing import REFRESH_EVERY, Refresher
from karnay.engine.tidying import TIDY_EVERY, Tidying
from karnay.engine.vitals import CLOCK, HEARTBEAT, WATCH, Vitals
from karnay.errors import StoreError, StoreGone
from karnay.platforms.registry import platforms
from karnay.platforms.wire import TIMEOUT, Wire, trust
from karnay.store.audit import DAEMON
from karnay.store.clock import DatabaseClock
from karnay.store.figures import Figures
from karnay.store.journal import Journal
from karnay.store.renewals import Renewals
from karnay.store.takedowns import Takedowns
from karnay.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from concurrent.futures import Future
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.delivery.delivery import Delivery
    from karnay.engine.handover import Handover
    from karnay.media.cabinet import Cabinet
    from karnay.platforms.wire import Timeout, Transport
    from karnay.store.database import Database
    from karnay.store.vault import Vault

log = structlog.get_logger(__name__)

LONGEST_SLEEP = timedelta(seconds=10)
"""Never sleep longer, so that a stepped clock or a suspend is noticed."""

WATCH_EVERY = timedelta(seconds=0.25)
"""How often to ask whether another process has changed the queue (a pragma, microseconds)."""

RECOVER_EVERY = timedelta(seconds=10)

RENEW_EVERY = timedelta(seconds=10)
"""How often to show that the claims in hand are alive; several times within a lease."""

CLOCKS_APART = timedelta(seconds=2)
"""By how much this machine's clock may differ from the database's before we speak of it."""

RENEWED_WITHIN = 10.0
"""Seconds for which a starting daemon waits for log-ins to be renewed; they go on meanwhile."""

NOTICED_STEP = 1.0
"""Seconds by which the wall clock must have been set to matter."""


@dataclass(frozen=True, slots=True)
class Tempos:
    """The waits that go by the machine's own clock, whatever `Means.clock` shows.

    All others follow that clock: with one that runs fast, divide these by its speed.
    """

    recover_every: timedelta = RECOVER_EVERY
    renew_every: timedelta = RENEW_EVERY
    refresh_every: timedelta = REFRESH_EVERY
    tidy_every: timedelta = TIDY_EVERY
    count_every: timedelta = COUNT_EVERY
    timeout: Timeout = field(default_factory=lambda: TIMEOUT)


@dataclass(frozen=True, slots=True)
class Means:
    """What a daemon works with.

    `transport`, `passing` and `tempos` are seams for tests: the first stands in for the network,
    the second is told of every point that a worker passes, and may let the process die there. The
    `vitals` are told how it all goes. `files` holds what the deliveries carry.
    """

    database: Database
    accounts: Mapping[str, Account]
    clock: Clock
    transport: Transport | None = None
    workers: int = 256
    passing: Callable[[Point], None] = lambda _: None
    vitals: Vitals = field(default_factory=Vitals)
    tempos: Tempos = Tempos()
    files: Cabinet | None = None
    vault: Vault | None = None  # where log-ins are, to be renewed


class Daemon:
    """Publishes what is due, on one machine.

    APScheduler is the clock inside the process and holds no truth: its few jobs are made from the
    tables and live in memory. The database's claim alone decides what may be sent.
    """

    def __init__(self, means: Means, *, only: Collection[int] | None = None) -> None:
        """Publish everything that is due or, with `only`, no other deliveries than these."""
        self._means = means
        self._only = only
        self._vitals = means.vitals
        self._writer = Writer(means.database, means.vitals)
        self._journal = Journal(means.database, _owner(), self._writer)
        self._handover: Handover = Direct(self._journal, only)
        self._stopping = Event()
        self._publishers = Publishers(self._journal, means, self._stopping.is_set)
        self._refresher = self._made_refresher()
        self._rounds = Rounds(self._counter)
        self._turn = Lock()  # waking, watching and recovering take turns, and end before we stop
        self._pool = ThreadPoolExecutor(means.workers, thread_name_prefix="worker")
        self._running: set[Future[None]] = set()
        self._in_hand: set[int] = set()  # the deliveries that our workers hold
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._watcher = Thread(target=self._keep_watch, name="watch", daemon=True)
        self._dispatcher = Thread(target=self._keep_dispatching, name="dispatch", daemon=True)
        self._poked = Event()  # there may be something to do at once
        self._drift = _drift()
        self._seen_version = ""
        self._arming = Lock()
        self._armed_for: datetime | None = None
        self._gone: StoreGone | None = None

    def start(self) -> None:
        """Recover what an earlier process left, and begin to wake at every due moment."""
        trust()  # takes long to make, and everybody needs it
        platforms()  # take long to import
        self._join_others()
        self._renew_log_ins()
        for name in (CLOCK, WATCH, HEARTBEAT):
            self._vitals.beat(name)  # from now on each is missed if it never does
        self.recover(all_others=self._means.database.is_local)
        self._seen_version = self._version()
        self._scheduler.start()
        self._poked.set()
        self._work_regularly()
        self._watcher.start()
        self._dispatcher.start()

    def stop(self) -> None:
        """Let every worker finish the step in hand, put the rest back, and end."""
        with self._turn:
            self._stopping.set()
        self._poked.set()
        for thread in (self._watcher, self._dispatcher):
            if thread.is_alive():
                thread.join()
        self._handover.stop()
        self._pool.shutdown(wait=True)
        if self._scheduler.running:
            # Without waiting: a job that arms the next one needs the lock that waiting would hold.
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=False)
        if self._refresher is not None:
            self._refresher.stop()
        self._rounds.stop()
        self._writer.close()
        self._publishers.close()

    def reload(self, accounts: Mapping[str, Account]) -> None:
        """Publish to these accounts from now on; what is in hand goes to those of before."""
        self._publishers.reload(accounts)
        if self._refresher is not None:
            self._refresher.accounts = accounts
        self._poked.set()

    def require_store(self) -> None:
        """Raise StoreGone once the database's file was moved or deleted; then only stop it."""
        if self._gone:
            raise self._gone

    def run_once(self) -> None:
        """Publish all that is due by now, then end; what is put off stays queued."""
        self._renew_log_ins()
        self.recover(all_others=self._means.database.is_local)
        while self._claim_and_submit():
            self._wait_for_workers()
        self.stop()

    def wake(self) -> None:
        """Claim what is due, and sleep until the next moment."""
        with self._arming:
            self._armed_for = None
        try:
            self._claim_and_submit()
            if not self._poked.is_set():  # else it is asked again at once
                self._arm(self._journal.next_moment())
        except StoreError as error:
            log.warning("the database cannot be used; trying again", error=str(error))
            self._arm(self._means.clock.now() + timedelta(seconds=1))
        self._vitals.woke()

    def recover(self, *, all_others: bool) -> None:
        """Settle the claims of workers that are gone."""
        with self._turn, contextlib.suppress(StoreError):
            if self._stopping.is_set():
                return
            lost = self._journal.claim_lost(
                self._means.clock.now(), LEASE, all_others=all_others, in_hand=tuple(self._in_hand)
            )
            for delivery in lost:
                self._publishers.own().recover(delivery)
        self._poked.set()

    def _renew(self) -> None:
        in_hand = tuple(self._in_hand)
        with contextlib.suppress(StoreError):
            self._compare_clocks()
            self._journal.renew(in_hand, self._means.clock.now() + LEASE)
        self._vitals.beat(HEARTBEAT)

    def _compare_clocks(self) -> None:
        clock = self._means.clock
        if isinstance(clock, DatabaseClock) and abs(clock.compare()) > CLOCKS_APART:
            log.warning("this machine's clock is off; going by the database's")

    def _claim_and_submit(self) -> int:
        with self._turn:
            if self._stopping.is_set():
                return 0
            now = self._means.clock.now()
            looks = self._journal.claim_looks(now, LEASE)
            due = self._handover.claimed(now, self._means.workers - len(self._in_hand))
            for delivery in due:
                self._submit(Publisher.publish, delivery)
            for delivery in looks:
                self._submit(Publisher.look, delivery)
        return len(due) + len(looks)

    def _join_others(self) -> None:
        """Where several machines share a database, share the work as well."""
        if self._means.database.is_local or self._only is not None:
            return
        from karnay.engine.sharing import Sharing  # noqa: PLC0415 - an extra

        database, workers = self._means.database, self._means.workers
        self._handover = Sharing(database, self._journal, self._publish_offered, workers=workers)
        self._handover.start()

    def _publish_offered(self, delivery_id: int, fence: int) -> Future[bool]:
        """Have a worker take the delivery that is on offer, and publish it; false: we stop."""
        return self._pool.submit(self._take, delivery_id, fence)

    def _take(self, delivery_id: int, fence: int) -> bool:
        if self._stopping.is_set():
            return False
        delivery = self._journal.take(delivery_id, fence, self._means.clock.now(), LEASE)
        if delivery is not None:
            self._in_hand.add(delivery.id)
            self._work(Publisher.publish, delivery)
        return True

    def _submit(self, work: Callable[[Publisher, Delivery], object], delivery: Delivery) -> None:
        self._in_hand.add(delivery.id)
        future = self._pool.submit(self._work, work, delivery)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def _work(self, work: Callable[[Publisher, Delivery], object], delivery: Delivery) -> None:
        try:
            with self._vitals.working():
                work(self._publishers.own(), delivery)
        except Exception:
            # The claim stays open: recovery settles it, as it would after a crash.
            self._vitals.worker_failed()
            log.exception("a worker failed", delivery=delivery.id, account=delivery.account)
        finally:
            self._in_hand.discard(delivery.id)
        self._poked.set()  # the account is free for its next one

    def _wait_for_workers(self) -> None:
        for future in list(self._running):
            future.result()

    def _keep_dispatching(self) -> None:
        while not self._stopping.is_set():
            self._poked.wait()
            self._poked.clear()
            self._outliving(self.wake)

    def _keep_watch(self) -> None:
        """Look often, by a clock that nobody sets, whether the queue or the wall clock changed."""
        while not self._stopping.wait(WATCH_EVERY.total_seconds()):
            with contextlib.suppress(StoreError):
                self._outliving(self._watch)
            self._vitals.beat(WATCH)

    def _outliving(self, work: Callable[[], None]) -> None:
        """Do it; a thread that the daemon needs goes on after whatever nobody foresaw."""
        try:
            work()
        except StoreError:
            raise
        except Exception:
            log.exception("unforeseen; trying again")
            self._arm(self._means.clock.now() + timedelta(seconds=1))

    def _watch(self) -> None:
        self._notice_a_lost_file()
        if abs(_drift() - self._drift) > NOTICED_STEP:
            self._clock_was_set()
        if self._armed_for is not None and self._means.clock.now() >= self._armed_for:
            self._poked.set()  # by a clock that is not the system's, or was set
        version = self._version()
        if version != self._seen_version:
            self._seen_version = version
            self._poked.set()

    def _notice_a_lost_file(self) -> None:
        try:
            self._means.database.require_presence()
        except StoreGone as error:
            log.error("stopping, as the database is gone", error=str(error))  # noqa: TRY400
            self._gone = error
            self._stopping.set()  # workers end after the step in hand
            self._poked.set()
            raise

    def _clock_was_set(self) -> None:
        log.warning("the clock was set, or the machine slept")
        self._drift = _drift()
        with contextlib.suppress(StoreError):
            self._compare_clocks()
        with self._arming:
            self._armed_for = None
        self._work_regularly()
        self._poked.set()

    def _version(self) -> str:
        return self._means.database.version()

    def _arm(self, moment: datetime | None) -> None:
        """Wake at that moment, or earlier if somebody asked for earlier meanwhile."""
        now = self._means.clock.now()
        if moment is not None and moment <= now:
            # Due and not taken: every worker is busy, and will say when it is not.
            moment = now + timedelta(seconds=1)
        run_at = min(moment or now + LONGEST_SLEEP, now + LONGEST_SLEEP)
        with self._arming:
            if self._armed_for is None or run_at < self._armed_for:
                self._armed_for = run_at
                self._schedule(self._poked.set, "wake", run_date=run_at)

    def _work_regularly(self) -> None:
        tempos = self._means.tempos
        for name, work, every in (
            ("recover", lambda: self.recover(all_others=False), tempos.recover_every),
            ("renew", self._renew, tempos.renew_every),
            ("count", self._rounds.run, tempos.count_every),
        ):
            self._schedule(work, name, seconds=every.total_seconds())
        if self._refresher is not None:
            self._schedule(
                self._refresher.run, "refresh", seconds=tempos.refresh_every.total_seconds()
            )

        if self._means.files is not None:
            self._schedule(self._tidy, "tidy", seconds=tempos.tidy_every.total_seconds())

    def _tidy(self) -> None:
        means, accounts = self._means, self._publishers.accounts
        if means.files is not None:
            with Wire(means.clock, transport=means.transport) as wire:
                Tidying(means.database, means.files, accounts, means.clock, wire).run()

    @contextlib.contextmanager
    def _counter(self) -> Iterator[Counter]:
        """What counts in one round, for the accounts of now."""
        means, database = self._means, self._means.database
        takedowns, accounts = Takedowns(database, DAEMON), self._publishers.accounts
        with Wire(means.clock, transport=means.transport) as wire:
            yield Counter(Figures(database), takedowns, accounts, means.clock, wire)

    def _renew_log_ins(self) -> None:
        """Before anything is published, as some may have ended while nobody ran; not for ever."""
        if self._refresher is not None:
            renewing = Thread(target=self._refresher.run, name="refresh", daemon=True)
            renewing.start()
            renewing.join(RENEWED_WITHIN)

    def _made_refresher(self) -> Refresher | None:
        means = self._means
        if means.vault is None:
            return None
        renewals = Renewals(means.database, means.vault, _owner())
        return Refresher(renewals, means.accounts, means.clock, means.transport)

    def _schedule(self, work: Callable[[], None], name: str, **when: Any) -> None:
        if self._scheduler.running and not self._stopping.is_set():
            trigger = "date" if "run_date" in when else "interval"
            self._scheduler.add_job(work, trigger, id=name, replace_existing=True, **when)


def _drift() -> float:
    """Seconds between the wall clock and the one that nobody sets; changes when either jumps."""
    return time.time() - time.monotonic()


def _owner() -> str:
    # Process numbers come again, and are always 1 in a container: add something that does not.
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
