"""What is done to a database as a whole: upgrade, check, back up, restore, move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.errors import NotFound
from karnay.store import migrate, schema_info
from karnay.store.addresses import address, file_of, shown
from karnay.store.alone import is_alone
from karnay.store.backups import Backup, back_up
from karnay.store.checking import Violation, open_to_all, violations
from karnay.store.copying import counts
from karnay.store.engines import plain_engine
from karnay.store.moving import Moved, move
from karnay.store.remedies import translated
from karnay.store.restoring import Restored, restore
from karnay.store.tables import REVISION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.engine import Connection

    from karnay.store.migrate import Migration


class Upkeep:
    """One database, of whichever kind, and what can be done to it as a whole.

    All of it raises StoreError, with a remedy, for what the database refuses. For an SQLite file,
    `restore` and `move` want the daemon's lock to be held.
    """

    def __init__(self, written: str, folder: Path, *, who: str) -> None:
        self.url = address(written, folder)
        self._folder = folder
        self._who = who

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server's database."""
        return file_of(self.url)

    def pending(self) -> list[Migration]:
        """The migrations that the schema lacks, in order; changes nothing."""
        here = self.file is None or self.file.exists()
        engine = plain_engine(self.url if here else sa.make_url("sqlite://"))
        with translated(self.url), engine.connect().execution_options(reading=True) as connection:
            return migrate.pending(connection)

    def upgrade(self, *, daemon_runs: bool = False) -> list[Migration]:
        """Bring the schema to the newest revision; the migrations that ran.

        Those that older daemons can work beside run at any time; the others want all stopped: on
        a server nobody else may be connected, and of a file the caller says if a `daemon_runs`.
        """
        self._make_folder()
        with translated(self.url):
            nobody_else = not daemon_runs and is_alone(self.url)
            return migrate.bring_up_to_date(plain_engine(self.url), alone=nobody_else)

    def check(self) -> tuple[list[Violation], Mapping[str, int]]:
        """All that is wrong, and how many rows each table has. Reads every row, changes none."""
        self._require()
        engine = plain_engine(self.url)
        outside = list(open_to_all(self.file)) if self.file else []
        reading = {"reading": True}
        with translated(self.url), engine.connect().execution_options(**reading) as connection:
            inside = _old(connection) or violations(connection)
            return [*outside, *inside], counts(connection)

    def back_up(self, file: Path, now: datetime) -> Backup:
        """Write all of it into a new SQLite file, while the daemon runs. See `backups.back_up`."""
        self._require()
        return back_up(self.url, file, now)

    def restore(self, file: Path, now: datetime, *, keep_in: Path | None = None) -> Restored:
        """Put a backup in its place, and hold what may have gone out. See `restoring.restore`."""
        self._make_folder()
        return restore(self.url, file, now, who=self._who, keep_in=keep_in)

    def move(self, target: str, now: datetime) -> Moved:
        """Move all of it into an empty database, and close this one. See `moving.move`."""
        self._require()
        there = Upkeep(target, self._folder, who=self._who)
        there._make_folder()
        return move(self.url, there.url, now, who=self._who)

    def _require(self) -> None:
        if self.file and not self.file.exists():
            raise NotFound(f"there is no database {shown(self.url)} yet")

    def _make_folder(self) -> None:
        if self.file:
            with translated(self.url):
                self.file.parent.mkdir(parents=True, exist_ok=True)


def _old(connection: Connection) -> list[Violation]:
    """That the schema is of an older karnay: its journal is not asked by today's rules."""
    current, missing = schema_info.revision(connection), migrate.pending(connection)
    sentence = f"the schema is {current}, and this karnay's is {REVISION}"
    return [Violation(sentence, "run `karnay db upgrade`")] if missing else []
