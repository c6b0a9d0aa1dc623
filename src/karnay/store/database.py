"""Opening the database: pragmas, transactions, the schema's revision, and errors in words."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import StoreError
from karnay.store.bare import Bare
from karnay.store.tables import REVISION
from karnay.store.trouble import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

# The second counts the transactions of the whole server: it changes too often, never too seldom.
_VERSION = {
    True: "PRAGMA data_version",
    False: "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
}


class Database:
    """One database: short transactions for writing, snapshots for reading.

    SQLite runs in WAL mode with `synchronous=FULL`: what is committed survives a power cut.
    Every writing transaction is `BEGIN IMMEDIATE`, so that it waits its turn instead of failing
    half way. Raises StoreError, with a remedy, for whatever the database refuses.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = _absolute(_parsed(url), folder)
        self.engine = _engine(self.url)
        self._watching: Connection | None = None
        with translated(self.url):
            self._bring_up_to_date()

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which one daemon alone may use."""
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or changes nothing at all."""
        with translated(self.url), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot; keeps no writer waiting."""
        options = {"reading": True}
        with translated(self.url), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def bare(self) -> Bare:
        """A connection of the bare driver; close it when done."""
        with translated(self.url):
            return Bare(self.engine)

    def version(self) -> int:
        """A number that changes whenever another connection has written."""
        with translated(self.url):
            return int(self._watcher.exec_driver_sql(_VERSION[self.is_local]).scalar_one())

    def close(self) -> None:
        """Let go of all connections."""
        if self._watching is not None:
            self._watching.close()
            self._watching = None
        self.engine.dispose()

    @property
    def _watcher(self) -> Connection:
        # data_version is about one connection's view: always ask the same one.
        if self._watching is None:
            self._watching = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._watching

    def _bring_up_to_date(self) -> None:
        if self._revision() == REVISION:
            return
        from karnay.store.migrate import upgrade  # noqa: PLC0415 - Alembic takes long to import

        with self.engine.begin() as connection:
            upgrade(connection)

    def _revision(self) -> str | None:
        with self.engine.connect().execution_options(reading=True) as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.scalar(
                sa.text("SELECT version_num FROM alembic_version")
            )
            return found


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError:
        example = "sqlite:///.karnay/karnay.db"
        raise StoreError(f'`database` is "{url}", which is no address such as {example}') from None


def _absolute(url: sa.URL, folder: Path) -> sa.URL:
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return url
    return url.set(database=str(folder / str(url.database)))


def _engine(url: sa.URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _on_a_server(url)
    _make_folder(url)
    engine = sa.create_engine(url, pool_size=16, max_overflow=16)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _on_a_server(url: sa.URL) -> Engine:
    try:
        return sa.create_engine(url, pool_size=16, max_overflow=48, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        wanted = "PostgreSQL needs more packages: `pip install 'karnay[postgres]'`"
        raise StoreError(f"{wanted} ({error.name} is missing)") from None


def _make_folder(url: sa.URL) -> None:
    if url.database:
        with translated(url):
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _prepare(connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=10000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
