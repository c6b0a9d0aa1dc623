"""Core statements, compiled once for each kind of database and run on the bare driver.

The hot path makes a handful of small statements for every delivery: there the toolkit's way to run
one costs ten times what the database needs for it.
"""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa
    from sqlalchemy.engine import Dialect
    from sqlalchemy.engine.interfaces import DBAPICursor
    from sqlalchemy.sql.compiler import SQLCompiler

    Clause = sa.sql.expression.Executable | Callable[[Dialect], sa.sql.expression.Executable]
    Convert = Callable[[Any], Any] | None

Answer = list[Any] | int
"""The rows, as tuples whose members have the columns' names; or how many rows were changed."""


class Statement:
    """One statement with named parameters; a clause, or how to make it for a kind of database."""

    def __init__(self, clause: Clause) -> None:
        self._clause = clause
        self._prepared: dict[str, Prepared] = {}

    def on(self, dialect: Dialect) -> Prepared:
        """The statement as that kind of database takes it; compiled at the first call."""
        if dialect.name not in self._prepared:
            clause = self._clause(dialect) if callable(self._clause) else self._clause
            self._prepared[dialect.name] = Prepared(clause, dialect)
        return self._prepared[dialect.name]


class Prepared:
    """A compiled statement: values in, rows with names out."""

    def __init__(self, clause: sa.sql.expression.Executable, dialect: Dialect) -> None:
        self._dialect = dialect
        compiled: Any = clause.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._compiled: SQLCompiler = compiled
        self._sql = str(compiled)
        self._order: list[str] | None = compiled.positiontup
        self._form, self._blanks = self._prepared()

    def execute(self, cursor: DBAPICursor, values: Mapping[str, Any]) -> None:
        """Run it; the cursor holds what comes back."""
        bound = self._form.copy()
        for place, name, convert in self._blanks:
            value = values[name]
            bound[place] = value if convert is None else convert(value)
        cursor.execute(self._sql, bound)

    def answer(self, cursor: DBAPICursor) -> Answer:
        """What came back."""
        if not self._columns:
            return cursor.rowcount
        row, converts = self._row, self._result_converts
        return [
            row._make(
                value if convert is None else convert(value)
                for value, convert in zip(found, converts, strict=True)
            )
            for found in cursor.fetchall()
        ]

    def _prepared(self) -> tuple[Any, list[tuple[Any, str, Convert]]]:
        """The parameters as the driver takes them, with blanks; and the blanks to be filled in."""
        converts, given = self._bind_converts(), self._given()
        names = self._order or list(self._compiled.bind_names.values())
        fixed = {
            name: value if (convert := converts[name]) is None else convert(value)
            for name, value in given.items()
        }
        places: Any = names if self._order is None else range(len(names))
        form = dict(fixed) if self._order is None else [fixed.get(name) for name in names]
        open_ones = zip(places, names, strict=True)
        return form, [
            (place, name, converts[name]) for place, name in open_ones if name not in given
        ]

    def _given(self) -> dict[str, Any]:
        """The values that the statement itself brings along."""
        asked = {name for bind, name in self._compiled.bind_names.items() if bind.required}
        known = self._compiled.construct_params(_check=False)
        return {name: value for name, value in known.items() if name not in asked}

    def _bind_converts(self) -> dict[str, Convert]:
        return {
            name: bind.type.dialect_impl(self._dialect).bind_processor(self._dialect)
            for bind, name in self._compiled.bind_names.items()
        }

    @cached_property
    def _row(self) -> Any:
        return namedtuple("Row", [column.keyname for column in self._columns])

    @cached_property
    def _result_converts(self) -> list[Convert]:
        return [
            column.type.dialect_impl(self._dialect).result_processor(self._dialect, None)
            for column in self._columns
        ]

    @cached_property
    def _columns(self) -> Any:
        return self._compiled._result_columns  # the only place that tells the types
