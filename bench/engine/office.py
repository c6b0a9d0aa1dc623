"""An office for benchmarks: a database, accounts, and a queue as long as wanted."""

from __future__ import annotations

import contextlib
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bench.engine.network import NAME, Details
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.delivery.delivery import Order
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.rendering.variant import Part, Variant
from karnay.store.database import Database
from karnay.store.rows import columns_of
from karnay.store.tables import deliveries
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_ROWS_AT_ONCE = 10_000


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
        names, now = list(self.accounts), self.clock.now()
        first = self._rows()
        for start in range(0, count, _ROWS_AT_ONCE):
            numbers = range(start, min(count, start + _ROWS_AT_ONCE))
            rows = [
                columns_of(
                    order(f"post-{first + n}", names[n % len(names)], due_at + n * apart), now
                )
                | {"created_at": now}
                for n in numbers
            ]
            with self.database.writing() as connection:
                connection.execute(sa.insert(deliveries), rows)
        self._analyze()

    def daemon(self, workers: int = 256) -> Daemon:
        """A daemon for the office; not started."""
        return Daemon(Means(self.database, self.accounts, self.clock, workers=workers))

    @contextlib.contextmanager
    def publishing(self, workers: int = 256) -> Iterator[Daemon]:
        """A daemon at work."""
        daemon = self.daemon(workers)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()

    def wait_for(self, published: int, within: float = 120.0) -> None:
        """Return when so many are published. Raises TimeoutError."""
        end = time.monotonic() + within
        while self.published() < published:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.published()} of {published} published in {within} s")
            time.sleep(0.02)

    def published(self) -> int:
        """How many are."""
        return self._rows(deliveries.c.state == State.PUBLISHED)

    def _rows(self, *which: sa.ColumnElement[bool]) -> int:
        with self.database.reading() as connection:
            counted = sa.select(sa.func.count()).select_from(deliveries).where(*which)
            return int(connection.execute(counted).scalar_one())

    def _analyze(self) -> None:
        if not self.database.is_local:
            with self.database.writing() as connection:
                connection.exec_driver_sql("ANALYZE deliveries")

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def order(post: str, account: str, due_at: datetime) -> Order:
    """A short announcement."""
    text = f"A delegation came and a memorandum was signed: {post}. https://tict.example/{post}"
    part = Part(RichText(text))
    return Order(post, Variant(account, NAME, "en", "default", (part,)), due_at)


@contextlib.contextmanager
def on_sqlite(accounts: int, network: str = "") -> Iterator[Office]:
    """An office over a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="karnay-bench-") as folder:
        office = Office("sqlite:///karnay.db", Path(folder), accounts, network)
        try:
            yield office
        finally:
            office.close()
