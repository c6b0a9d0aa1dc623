"""Bringing the schema to this version's revision, also under the feet of older daemons."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from karnay.errors import StoreError
from karnay.store import schema_info
from karnay.store.tables import REVISION, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import Script
    from sqlalchemy.engine import Connection, Engine

MOVED = "moved"
"""The revision of a database that was moved away: no karnay knows it, so none uses it."""

_TURNS = 0x6B61726E6179  # "karnay": the key of PostgreSQL's advisory lock on the schema
_PATIENCE = "200ms"  # less than PostgreSQL's deadlock_timeout: it is we who let go
_LOCKING_PAUSE = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. Code of revision `compatible_with` and later works before and after.

    A migration that only adds says so at its top, as it says its revision:
    `compatible_with = "0001"`. One that says nothing needs code of its own revision.
    """

    revision: str
    sentence: str
    compatible_with: str

    @classmethod
    def of(cls, script: Script) -> Migration:
        """What the file of a migration says of it."""
        needs = getattr(script.module, "compatible_with", script.revision)
        return cls(script.revision, script.doc, needs)


def configuration() -> Config:
    """Alembic's configuration for the migrations that come with the package."""
    config = Config()
    config.set_main_option("script_location", "karnay.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def bring_up_to_date(
    engine: Engine, *, alone: bool = False, config: Config | None = None
) -> list[Migration]:
    """Run the missing migrations, all or none, in a transaction of their own; those that ran.

    Several machines may do so at once, while others claim and publish: each waits its turn.
    With `alone` nobody else uses the database, and a migration may break older code. Raises
    StoreError for a database that is newer, was moved, or is half-migrated.
    """
    with engine.connect() as connection, _keeping_children(connection):
        whole = _all_in_one(connection)
        with whole.begin():
            return upgrade(whole, alone=alone, config=config)


def upgrade(
    connection: Connection, *, alone: bool = False, config: Config | None = None
) -> list[Migration]:
    """Run the missing migrations inside the connection's transaction; those that ran.

    See `bring_up_to_date`, which also keeps SQLite from deleting the rows that refer to a table
    while it is rebuilt.
    """
    _wait_for_turn(connection)
    missing = pending(connection, config)
    if not missing:
        return []
    config = config or configuration()
    current = schema_info.revision(connection)
    if current is not None and not alone:
        _refuse_to_break(missing, _revisions(config), current)
    lock_tables(connection)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    schema_info.write(connection, compatible_with=missing[-1].compatible_with)
    return missing


def pending(connection: Connection, config: Config | None = None) -> list[Migration]:
    """The migrations that are missing, in order; none for a newer database that we may use.

    Raises StoreError for a database that is newer, was moved, or is half-migrated.
    """
    current = schema_info.revision(connection)
    if current == REVISION and config is None:
        return []  # nearly always: the files of the migrations need not be read
    migrations = _revisions(config or configuration())
    if current is None:
        _refuse_half(connection)
        return list(migrations.values())
    if current not in migrations:
        _refuse_unless_compatible(connection, current, known=list(migrations))
        return []
    later = list(migrations).index(current) + 1
    return list(migrations.values())[later:]


def _revisions(config: Config) -> dict[str, Migration]:
    """All migrations by revision, oldest first."""
    newest_first = list(ScriptDirectory.from_config(config).walk_revisions())
    return {script.revision: Migration.of(script) for script in reversed(newest_first)}


def _refuse_half(connection: Connection) -> None:
    ours = set(metadata.tables) & set(sa.inspect(connection).get_table_names())
    if ours:
        tables = ", ".join(sorted(ours))
        raise StoreError(
            f"the database is half-migrated, or another program's: it has {tables}, but does not "
            "say of which schema: restore a backup, or name an empty database"
        )


def _refuse_unless_compatible(connection: Connection, current: str, known: list[str]) -> None:
    info = schema_info.read(connection)
    if current == MOVED:
        when = f" on {info.moved_at:%Y-%m-%d %H:%M} UTC" if info.moved_at else ""
        raise StoreError(
            f"this database was moved to {info.moved_to}{when}: "
            "write that address as `database` into karnay.toml"
        )
    if info.compatible_with not in known:
        raise StoreError(
            f"the database was written by a newer karnay (its schema is {current}): "
            "install that version again, or restore a backup"
        )


def _refuse_to_break(missing: list[Migration], all_: dict[str, Migration], current: str) -> None:
    """Whoever runs at the present revision must be able to go on."""
    order = list(all_)
    for migration in missing:
        if order.index(migration.compatible_with) > order.index(current):
            raise StoreError(
                f"schema {migration.revision} cannot be used by the karnay that wrote this "
                "database: stop every daemon, then run `karnay db upgrade`"
            )


def _all_in_one(connection: Connection) -> Connection:
    """The connection with real transactions: a server's may commit every statement by itself."""
    if _is_server(connection):
        return connection.execution_options(isolation_level="READ COMMITTED")
    return connection


def _wait_for_turn(connection: Connection) -> None:
    """Let one machine at a time look at the schema and change it (SQLite's lock is held)."""
    if _is_server(connection):
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURNS})


def lock_tables(connection: Connection, *, patience: float = 30.0) -> None:
    """Take all our tables at once, without ever making a daemon's transaction fail.

    SQLite's whole file is ours already. Raises StoreError after `patience` seconds of trying.

    Taken one by one, as a migration would, they could meet a daemon that waits the other way
    round; and while we waited for long, everybody else would wait behind us.
    """
    ours = set(metadata.tables) & set(sa.inspect(connection).get_table_names())
    if not _is_server(connection) or not ours:
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
    end = time.monotonic() + patience
    while not _locked(connection, ours):
        if time.monotonic() > end:
            raise StoreError("another program keeps the tables locked: stop it, and try again")
        time.sleep(_LOCKING_PAUSE)
    connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")


def _locked(connection: Connection, tables: set[str]) -> bool:
    """Whether all tables could be had at once; if not, none is kept."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(sorted(tables))}")
    except sa.exc.OperationalError:
        return False
    return True


@contextlib.contextmanager
def _keeping_children(connection: Connection) -> Iterator[None]:
    """Keep SQLite from following foreign keys while a table is dropped to be rebuilt.

    Inside a transaction the pragma does nothing: https://www.sqlite.org/foreignkeys.html#fk_enable
    """
    if _is_server(connection):
        yield
        return
    driver = connection.connection.cursor()
    try:
        driver.execute("PRAGMA foreign_keys=OFF")
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()


def _is_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
