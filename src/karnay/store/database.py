"""Opening the database: its schema brought up to date, its transactions, its errors in words."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.store import schema_info
from karnay.store.addresses import address, file_of
from karnay.store.bare import Bare
from karnay.store.engines import pooled_engine
from karnay.store.presence import Presence
from karnay.store.remedies import translated
from karnay.store.tables import REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection
    from sqlalchemy.pool import ConnectionPoolEntry

# The second names the transactions of the whole server that have ended and that have not: it
# changes too often, never too seldom. (Its newest number alone would hide one that began earlier.)
_VERSION = {True: "PRAGMA data_version", False: "SELECT pg_current_snapshot()::text"}


class Database:
    """One database: short transactions for writing, snapshots for reading.

    SQLite runs in WAL mode with `synchronous=FULL`: what is committed survives a power cut.
    Every writing transaction is `BEGIN IMMEDIATE`, so that it waits its turn instead of failing
    half way. Raises StoreError, with a remedy, for whatever the database refuses, and StoreGone
    rather than write into a file that was moved or deleted meanwhile.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = address(url, folder)
        self._watching: Connection | None = None
        with translated(self.url):
            self._make_folder()
            self.engine = pooled_engine(self.url)
            self._bring_up_to_date()
        self._presence = Presence(file_of(self.url))
        # To SQLite, a file that is not there is one to be made.
        sa.event.listen(self.engine, "do_connect", lambda *_: self._presence.require())
        self._closed = False
        sa.event.listen(self.engine, "checkin", self._close_late)

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which one daemon alone may use."""
        return self.url.get_backend_name() == "sqlite"

    def require_presence(self) -> None:
        """Raise StoreGone if the file is no longer the one that was opened."""
        self._presence.require()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or changes nothing at all."""
        self.require_presence()
        with self._presence.blamed(), translated(self.url), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot; keeps no writer waiting."""
        options = {"reading": True}
        with self._presence.blamed(), translated(self.url), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def bare(self) -> Bare:
        """A connection of the bare driver; close it when done."""
        with translated(self.url, self.engine.dialect.loaded_dbapi):
            return Bare(self.engine, self._presence)

    def version(self) -> str:
        """A word that changes whenever another connection has written."""
        with self._presence.blamed(), translated(self.url):
            try:
                return str(self._watcher.exec_driver_sql(_VERSION[self.is_local]).scalar_one())
            except sa.exc.DBAPIError:
                self._forget_watcher()  # a connection that broke stays so: take another next time
                raise

    def close(self) -> None:
        """Let go of all connections; one that a thread still holds ends when it is given back."""
        self._closed = True
        self._forget_watcher()
        self.engine.dispose()

    def _close_late(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if self._closed:
            record.invalidate()

    @property
    def _watcher(self) -> Connection:
        # data_version is about one connection's view: always ask the same one.
        if self._watching is None:
            self._watching = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._watching

    def _forget_watcher(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _make_folder(self) -> None:
        file = file_of(self.url)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)

    def _bring_up_to_date(self) -> None:
        try:
            if self._revision() != REVISION:
                from karnay.store import migrate  # noqa: PLC0415 - Alembic takes long to import

                migrate.bring_up_to_date(self.engine)
        except BaseException:
            self.engine.dispose()
            raise

    def _revision(self) -> str | None:
        with self.engine.connect().execution_options(reading=True) as connection:
            return schema_info.revision(connection)
