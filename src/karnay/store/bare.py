"""A connection of the bare driver, for the writes that every delivery makes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self, cast

from karnay.store.remedies import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import sqlalchemy as sa
    from sqlalchemy.engine import Dialect, Engine

    from karnay.store.presence import Presence
    from karnay.store.statements import Answer, Prepared, Statement


class Bare:
    """One connection of one thread, on which prepared statements run in explicit transactions."""

    def __init__(self, engine: Engine, presence: Presence) -> None:
        self._presence = presence
        self.url: sa.URL = engine.url
        self._dialect: Dialect = engine.dialect
        self._is_local = engine.dialect.name == "sqlite"
        self._pooled: Any = engine.raw_connection()
        self.driver = cast("Any", self._pooled.driver_connection)
        if not self._is_local:
            self.driver.autocommit = True  # we begin transactions ourselves

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at the end, or changes nothing at all. Raises StoreError."""
        self._presence.require()
        with self._presence.blamed(), translated(self.url, self._dialect.loaded_dbapi):
            self.driver.execute("BEGIN IMMEDIATE" if self._is_local else "BEGIN")
            try:
                yield
                self.driver.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(Exception):  # whatever happened first is what matters
                    self.driver.execute("ROLLBACK")
                raise

    def answers(self, asks: Sequence[tuple[Statement, Mapping[str, Any]]]) -> list[Answer]:
        """Run the statements, and give each one's answer; over a network, all in one exchange."""
        prepared = [(statement.on(self._dialect), values) for statement, values in asks]
        exchange = contextlib.nullcontext() if self._is_local else self.driver.pipeline()
        with exchange:
            sent = [(one, self._sent(one, values)) for one, values in prepared]
        return [one.answer(cursor) for one, cursor in sent]

    def __enter__(self) -> Self:
        """Closes at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        if not self._is_local:
            with contextlib.suppress(Exception):  # a broken one is thrown away by the pool
                self.driver.autocommit = False
        self._pooled.close()

    def _sent(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        cursor = self.driver.cursor()
        prepared.execute(cursor, values)
        return cursor
