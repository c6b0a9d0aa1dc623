"""What a database says of itself: its revision, who may use it, where it was moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.store.tables import schema_info

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

_version = sa.table("alembic_version", sa.column("version_num"))


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """The one row.

    `compatible_with` is the oldest revision whose code may use this database. `moved_to` is an
    address without its password, empty where the database was not moved. `taken_at` is the moment
    that a backup shows, None in a database that is no backup.
    """

    compatible_with: str = ""
    moved_to: str = ""
    moved_at: datetime | None = None
    taken_at: datetime | None = None


def revision(connection: Connection) -> str | None:
    """The schema's revision; None where there is no schema, or none that says its revision."""
    if not sa.inspect(connection).has_table(_version.name):
        return None
    found: str | None = connection.scalar(sa.select(_version.c.version_num))
    return found


def set_revision(connection: Connection, to: str) -> None:
    """Have the database say that its schema is of that revision."""
    connection.execute(sa.update(_version).values(version_num=to))


def read(connection: Connection) -> SchemaInfo:
    """What the database says; nothing, where an old version wrote it."""
    if not sa.inspect(connection).has_table(schema_info.name):
        return SchemaInfo()
    row = connection.execute(sa.select(schema_info)).one_or_none()
    if row is None:
        return SchemaInfo()
    return SchemaInfo(row.compatible_with, row.moved_to, row.moved_at, row.taken_at)


def write(connection: Connection, **values: Any) -> None:
    """Write these columns of the row, which is made where it is missing."""
    if not connection.execute(sa.update(schema_info).values(values)).rowcount:
        fresh = {"id": 1, "compatible_with": "", **values}
        connection.execute(sa.insert(schema_info).values(fresh))
