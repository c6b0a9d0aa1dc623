"""The real store over one SQLite file, made cheap: one connection, and nothing waits for a disk.

What a power cut would do to the file is not simulated here: a process dies between two commits.
Triggers watch every write, whoever makes it, and write down what must not be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from karnay.delivery.states import MOVES
from karnay.store.bare import Bare
from karnay.store.database import Database

_TABLES = ("attempts", "receipts", "steps", "audit", "accounts", "deliveries", "seen")

_MOVES = " UNION ALL ".join(
    f"SELECT '{old}', '{new}'"
    for old, new in sorted({(old, new) for (old, _), new in MOVES.items()})
)

_WATCHED = f"""
CREATE TABLE seen (what TEXT NOT NULL);
CREATE TABLE moves AS SELECT * FROM (SELECT '' AS old, '' AS new UNION ALL {_MOVES});
CREATE TRIGGER fence_grows AFTER UPDATE ON deliveries WHEN NEW.fence < OLD.fence BEGIN
    INSERT INTO seen VALUES ('the fence of delivery ' || NEW.id || ' went back');
END;
CREATE TRIGGER a_move_of_the_table AFTER UPDATE OF state ON deliveries
WHEN OLD.state <> NEW.state
AND NOT EXISTS (SELECT 1 FROM moves WHERE old = OLD.state AND new = NEW.state) BEGIN
    INSERT INTO seen VALUES ('delivery ' || NEW.id || ': ' || OLD.state || ' to ' || NEW.state);
END;
CREATE TRIGGER begun_under_the_claim AFTER INSERT ON attempts
WHEN NOT EXISTS (
    SELECT 1 FROM deliveries
    WHERE id = NEW.delivery AND fence = NEW.fence AND state = 'publishing'
) BEGIN
    INSERT INTO seen VALUES ('an attempt at delivery ' || NEW.delivery || ' without the claim');
END;
CREATE TRIGGER not_while_paused AFTER INSERT ON attempts
WHEN EXISTS (
    SELECT 1 FROM deliveries JOIN accounts ON name = account
    WHERE deliveries.id = NEW.delivery AND paused <> ''
) BEGIN
    INSERT INTO seen VALUES ('an attempt at delivery ' || NEW.delivery || ' of a paused account');
END;
CREATE TRIGGER one_at_a_time AFTER INSERT ON attempts
WHEN EXISTS (
    SELECT 1 FROM attempts
    WHERE delivery = NEW.delivery AND step = NEW.step AND id <> NEW.id AND ended_at IS NULL
) AND (
    SELECT effect FROM steps WHERE delivery = NEW.delivery AND name = NEW.step
) = 'once' BEGIN
    INSERT INTO seen VALUES ('delivery ' || NEW.delivery || ' has two attempts open at once');
END;
"""  # noqa: S608 - the names are our own


class _Kept(Bare):
    """A connection that outlives its borrowers."""

    def close(self) -> None:
        """Not yet."""


class CheapDatabase(Database):
    """One file for a whole run of worlds: `clear` makes it empty again.

    `trouble` is called before whatever reads; it may raise, or let others go first.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__("sqlite:///simulated.db", folder)
        self.trouble: Callable[[], None] = lambda: None
        self.engine.dispose()
        sa.event.listen(self.engine, "connect", _careless)
        self._kept: Bare | None = None
        self._held: Connection = self.engine.connect()
        self._kept = _Kept(self.engine, self._presence)
        self.driver: Any = self._kept.driver
        self.driver.executescript(_WATCHED)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """The one connection."""
        self.trouble()
        try:
            yield self._held
        finally:
            self._held.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one connection; commits at the end, or changes nothing."""
        with self._held.begin():
            yield self._held

    def bare(self) -> Bare:
        """The one bare connection."""
        assert self._kept is not None
        return self._kept

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of plain SQL, by the shortest way."""
        return list(self.driver.execute(question, values))

    def clear(self) -> None:
        """Forget all that is in it."""
        self.driver.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            self.driver.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        self.driver.execute("DELETE FROM sqlite_sequence")
        self.driver.execute("COMMIT")


def _careless(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
