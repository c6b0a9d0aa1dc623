"""All rows of one database into another, of whichever kind, with their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import StoreError
from karnay.store.schema_info import revision
from karnay.store.tables import REVISION, metadata, schema_info

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection

_AT_ONCE = 1000  # rows in memory
_COUNTED = "sqlite_sequence"  # where SQLite keeps the highest number that a table ever had


def content_tables() -> list[sa.Table]:
    """The tables that hold what the office did, owners first; not what the database is."""
    return [table for table in metadata.sorted_tables if table is not schema_info]


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has; a table that is not there has none."""
    there = set(sa.inspect(connection).get_table_names())
    return {
        table.name: connection.execute(
            sa.select(sa.func.count()).select_from(table)
        ).scalar_one()
        for table in content_tables()
        if table.name in there
    }  # fmt: skip


def clear(connection: Connection) -> None:
    """Delete all rows, children first."""
    for table in reversed(content_tables()):
        connection.execute(sa.delete(table))


def copy(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row with its number, and go on counting where the source had got to.

    The target has no rows. How many rows each table got. Raises StoreError unless both have the
    schema of this karnay: what it does not know would be lost.
    """
    for connection in (source, target):
        _refuse_another_schema(connection)
    copied = {table.name: _copy_table(table, source, target) for table in content_tables()}
    for table in content_tables():
        _go_on_counting(table, source, target)
    return copied


def _refuse_another_schema(connection: Connection) -> None:
    found = revision(connection)
    if found != REVISION:
        raise StoreError(
            f"the schema is {found}, and this karnay copies {REVISION}: "
            "run `karnay db upgrade`, or use the karnay that wrote it"
        )


def _copy_table(table: sa.Table, source: Connection, target: Connection) -> int:
    rows = 0
    for batch in _batches(table, source):
        target.execute(sa.insert(table), batch)
        rows += len(batch)
    return rows


def _batches(table: sa.Table, source: Connection) -> Iterator[list[dict[str, Any]]]:
    """The rows in order of their numbers; every batch is asked for anew, so memory stays flat."""
    keys = list(table.primary_key.columns)
    query = sa.select(table).order_by(*keys).limit(_AT_ONCE)
    batch = [dict(row) for row in source.execute(query).mappings()]
    while batch:
        yield batch
        last = [batch[-1][key.name] for key in keys]
        batch = [dict(row) for row in source.execute(query.where(_after(keys, last))).mappings()]


def _after(keys: Sequence[sa.Column[Any]], last: list[Any]) -> sa.ColumnElement[bool]:
    bound = [sa.literal(value, key.type) for key, value in zip(keys, last, strict=True)]
    return sa.tuple_(*keys) > sa.tuple_(*bound)


def _go_on_counting(table: sa.Table, source: Connection, target: Connection) -> None:
    """Never give out a number again, not even that of a row which was deleted."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = max(_highest(table, column, source), _highest(table, column, target))
    if not highest:
        return
    if target.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        target.execute(sa.select(sa.func.setval(sequence, highest)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        counted = sa.table(_COUNTED, sa.column("name"), sa.column("seq"))
        target.execute(sa.delete(counted).where(counted.c.name == table.name))
        target.execute(sa.insert(counted).values(name=table.name, seq=highest))


def _highest(table: sa.Table, column: sa.Column[Any], connection: Connection) -> int:
    """The highest number that the table ever gave out, as far as the database remembers."""
    there = connection.scalar(sa.select(sa.func.max(column))) or 0
    if connection.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        ever = connection.scalar(sa.select(sa.func.pg_sequence_last_value(sequence)))
        return max(there, ever or 0)
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return int(there)
    counted = sa.table(_COUNTED, sa.column("name"), sa.column("seq"))
    ever = connection.scalar(sa.select(counted.c.seq).where(counted.c.name == table.name))
    return max(there, ever or 0)
