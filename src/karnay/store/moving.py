"""The whole database to another address, journal included; the old one says where it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.errors import NotPossible, StoreError
from karnay.store import migrate, schema_info
from karnay.store.addresses import masked, shown
from karnay.store.alone import alone
from karnay.store.audit import note
from karnay.store.copying import content_tables, copy, counts
from karnay.store.engines import plain_engine
from karnay.store.remedies import MOVED_AWAY, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: how many rows of each table, and to where (its password masked)."""

    rows: Mapping[str, int]
    to: str


def move(source: sa.URL, target: sa.URL, now: datetime, *, who: str) -> Moved:
    """Move everything from one database into an empty one, of whichever kinds.

    Numbers are kept, and go on where they were. The target is committed first, so that a crash
    leaves the source whole and in use. Afterwards nothing can be written to the source any more,
    not even by a program that had it open. Raises NotPossible while a server is in use by others,
    or for a target that is not empty; an SQLite file's lock is held by the caller.
    """
    _refuse_same(source, target)
    for url in (source, target):
        with translated(url):
            migrate.bring_up_to_date(plain_engine(url))
    with alone(source, now) as old:
        with alone(target, now) as new:
            _refuse_full(new, target)
            rows = _copied(old, new, source)
            note(new, now, "moved", detail=f"the database, from {shown(source)}", who=who)
        _close(old, masked(target), now)
    return Moved(rows, masked(target))


def _refuse_same(source: sa.URL, target: sa.URL) -> None:
    if source == target:
        raise NotPossible(f"the database is at {shown(source)} already")


def _refuse_full(connection: Connection, url: sa.URL) -> None:
    rows = counts(connection)
    if sum(rows.values()):
        raise NotPossible(
            f"{shown(url)} holds {rows['deliveries']} deliveries: name an empty database"
        )


def _copied(old: Connection, new: Connection, source: sa.URL) -> dict[str, int]:
    try:
        return copy(old, new)
    except sa.exc.IntegrityError as error:
        first = str(error.orig).splitlines()[0]
        raise StoreError(
            f"{shown(source)} is not sound ({first}): see `karnay db check`; nothing was moved"
        ) from None


def _close(connection: Connection, to: str, now: datetime) -> None:
    """Have every karnay refuse the database, and the database refuse every write."""
    schema_info.write(connection, moved_to=to, moved_at=now)
    schema_info.set_revision(connection, migrate.MOVED)
    said = f"this database {MOVED_AWAY} {to}".replace("'", "''")
    shut = _shut_server if connection.dialect.name == "postgresql" else _shut_file
    for statement in shut(said):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _shut_file(said: str) -> Iterator[str]:
    for table in content_tables():
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER moved_{table.name}_{event.lower()} BEFORE {event} ON {table.name}"
                f" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )


def _shut_server(said: str) -> Iterator[str]:
    quoted = said.replace("%", "%%")  # RAISE has placeholders of its own
    yield (
        "CREATE FUNCTION karnay_moved() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{quoted}'; END $$"
    )
    for table in content_tables():
        yield (
            f"CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE ON {table.name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION karnay_moved()"
        )
