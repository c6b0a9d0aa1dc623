"""Is the database sound? Its file, its schema, and what must be true of the journal."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.store.journal_rules import RESTORE, RULES, Rule
from karnay.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection

_MOST = 100  # sentences of one kind: a database that is worse is restored, not read


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be, in plain words; its delivery, if it has one; what to do."""

    sentence: str
    remedy: str = RESTORE
    delivery: int | None = None

    def __str__(self) -> str:
        """The sentence, and the remedy after it."""
        return f"{self.sentence}: {self.remedy}"


def violations(connection: Connection) -> list[Violation]:
    """All that is wrong inside; nothing, if the database is sound. Reads every row."""
    holes = list(_holes(connection))
    if holes:
        return holes  # the journal's questions could not even be asked
    broken = list(_damage(connection))
    # Of a damaged file, what can still be read is told; it may end in the middle.
    with contextlib.suppress(*((sa.exc.DatabaseError,) if broken else ())):
        broken += contradictions(connection)
    return broken


def damage(connection: Connection) -> list[Violation]:
    """What is wrong with the file and the schema, whatever the journal says."""
    return [*_holes(connection), *_damage(connection)]


def contradictions(connection: Connection) -> Iterator[Violation]:
    """What is wrong with the rows."""
    for rule in (*_references(), *RULES):
        for row in connection.execute(rule.finds.limit(_MOST)).mappings():
            told = dict(row)
            sentence, remedy = (text.format_map(told) for text in (rule.sentence, rule.remedy))
            yield Violation(sentence, remedy, row.get("delivery"))


def open_to_all(file: Path) -> Iterator[Violation]:
    """Where anybody on this machine could change or replace the file, or what is beside it."""
    for path in (file.parent, *sorted(file.parent.glob(f"{file.name}*"))):
        mode = path.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            yield Violation(f"{path} may be written by everybody", f"`chmod o-w {path}`")
        if not os.access(path, os.W_OK):
            yield Violation(f"{path} may not be written by you", f"become the owner of {path}")


def _damage(connection: Connection) -> Iterator[Violation]:
    """What SQLite says of its file; a server keeps its own."""
    if connection.dialect.name == "sqlite":
        for said in connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars():
            if said != "ok":
                yield Violation(f"the file is damaged ({said})")


def _holes(connection: Connection) -> Iterator[Violation]:
    """Tables and columns that are missing: a migration that went half way."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield Violation(f"the database is half-migrated, without a table {table.name}")
            continue
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        for name in sorted(set(table.columns.keys()) - columns):
            yield Violation(f"the database is half-migrated, without a column {table.name}.{name}")


def _references() -> Iterator[Rule]:
    """Every row must belong to one that is there, whether or not the database saw to it."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            owner = key.column.table.alias("owner")
            found = (
                sa.select(table.primary_key.columns[0].label("row"), key.parent.label("owner"))
                .outerjoin(owner, owner.c[key.column.name] == key.parent)
                .where(owner.c[key.column.name].is_(None), key.parent.is_not(None))
            )
            yield Rule(
                f"row {{row}} of {table.name} belongs to {key.column.table.name} {{owner}}, "
                "which is not there",
                found,
            )
