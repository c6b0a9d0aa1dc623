"""An office for benchmarks: a database, accounts, and a queue as long as wanted."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bench.engine.network import NAME, Details
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.delivery.delivery import Order
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.publisher import Point
from karnay.rendering.variant import Part, Variant
from karnay.store.database import Database
from karnay.store.rows import columns_of
from karnay.store.tables import deliveries
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

WORKERS = 256
"""A daemon's worker threads, unless told otherwise."""

PATIENCE = 120.0
"""Seconds."""

AHEAD = timedelta(seconds=3)
"""How long before the due moment of what is measured."""

_ROWS_AT_ONCE = 10_000
_DAY = 86_400_000_000  # microseconds
_COPIED = ("post", "account", "platform", "state", "late", "max_late", "variant", "hash")
_DATED = ("created_at", "updated_at")


class Office:
    """So many accounts on the benchmark's network, over the database at that address."""

    def __init__(self, url: str, folder: Path, accounts: int, network: str = "") -> None:
        self.database = Database(url, folder)
        details = Details(url=network)
        names = [f"account-{number:04}" for number in range(accounts)]
        self.accounts = {name: Account(name, NAME, "en", details) for name in names}
        self.clock = SystemClock()

    def queue(self, count: int, due_at: datetime, apart: timedelta = timedelta()) -> None:
        """Queue so many deliveries, for the accounts in turns, each so long after the last."""
        names, now, first = list(self.accounts), self.clock.now(), self._rows()
        orders = (
            order(f"post-{first + n}", names[n % len(names)], due_at + n * apart)
            for n in range(count)
        )
        rows = [columns_of(one, now) | {"created_at": now} for one in orders]
        with self.database.writing() as connection:
            connection.execute(sa.insert(deliveries), rows)
        self._analyze()

    def thicken(self, times: int) -> None:
        """Queue each delivery so many times more, for later and later days."""
        columns = ", ".join((*_COPIED, "occurrence", "planned_at", "due_at", *_DATED))
        with self.database.writing() as connection:
            connection.exec_driver_sql(
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
                f" INSERT INTO deliveries ({columns}) SELECT {', '.join(_COPIED)},"
                f" CAST(n.i AS TEXT), planned_at + n.i * {_DAY}, due_at + n.i * {_DAY},"
                f" {', '.join(_DATED)} FROM deliveries, n WHERE occurrence = ''"
            )
        self._analyze()

    @contextlib.contextmanager
    def publishing(
        self, workers: int = WORKERS, passing: Callable[[Point], None] = lambda _: None
    ) -> Iterator[Daemon]:
        """A daemon at work."""
        means = Means(self.database, self.accounts, self.clock, workers=workers, passing=passing)
        daemon = Daemon(means)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()

    def publish(self, count: int, workers: int = WORKERS) -> float:
        """Queue so many for one moment, and have a daemon publish them; deliveries a second."""
        settled, done = itertools.count(1), Event()

        def passing(point: Point) -> None:
            if point is Point.SETTLED and next(settled) == count:
                done.set()

        due_at = self.clock.now() + AHEAD
        self.queue(count, due_at)
        with self.publishing(workers, passing):
            if not done.wait(PATIENCE):
                raise TimeoutError(f"{self.published()} of {count} published in {PATIENCE} s")
            return count / (self.clock.now() - due_at).total_seconds()

    def published(self) -> int:
        """How many are."""
        return self._rows(deliveries.c.state == State.PUBLISHED)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def _rows(self, *which: sa.ColumnElement[bool]) -> int:
        with self.database.reading() as connection:
            counted = sa.select(sa.func.count()).select_from(deliveries).where(*which)
            return int(connection.execute(counted).scalar_one())

    def _analyze(self) -> None:
        if not self.database.is_local:  # as its own housekeeping would after a while
            with self.database.writing() as connection:
                connection.exec_driver_sql("ANALYZE deliveries")


@contextlib.contextmanager
def on_sqlite(accounts: int, network: str = "") -> Iterator[Office]:
    """An office over a new SQLite file."""
    folder = tempfile.TemporaryDirectory(prefix="karnay-bench-")
    with folder, opened("sqlite:///karnay.db", accounts, network, Path(folder.name)) as office:
        yield office


@contextlib.contextmanager
def opened(url: str, accounts: int, network: str = "", folder: Path = Path()) -> Iterator[Office]:
    """An office over the database at that address."""
    office = Office(url, folder, accounts, network)
    try:
        yield office
    finally:
        office.close()


def text_of(post: str) -> str:
    """What is posted, by us and by the rivals."""
    return f"A delegation came and a memorandum was signed: {post}. https://tict.example/{post}"


def order(post: str, account: str, due_at: datetime) -> Order:
    """A short announcement."""
    part = Part(RichText(text_of(post)))
    return Order(post, Variant(account, NAME, "en", "default", (part,)), due_at)
