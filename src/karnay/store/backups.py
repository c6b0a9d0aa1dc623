"""A backup: one SQLite file with all that the database held at one moment, whatever its kind."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from karnay.errors import NotFound, NotPossible, StoreError
from karnay.store import migrate, schema_info
from karnay.store.addresses import file_address, file_of
from karnay.store.checking import Violation, contradictions, damage
from karnay.store.copying import copy, counts
from karnay.store.engines import plain_engine
from karnay.store.remedies import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

_PRIVATE = 0o600

BESIDE = ("-wal", "-shm", "-journal")
"""The endings of the files that SQLite keeps beside a database."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read after it was written.

    `rows` is how many each table has, `violations` what is wrong with the journal in it - and in
    the database that it shows.
    """

    file: Path
    taken_at: datetime
    rows: Mapping[str, int]
    violations: tuple[Violation, ...]


def back_up(url: sa.URL, file: Path, now: datetime) -> Backup:
    """Write the database, as it is at this moment, into a new file that only we may read.

    The daemon may run. The file appears when it is whole, on the disk, and checked. Raises
    NotPossible if it exists, StoreError if it cannot be written or comes out damaged.
    """
    if file.exists() or file.is_symlink():
        raise NotPossible(f"{file} exists, and no backup is overwritten: name another file")
    partial = file.with_name(f".{file.name}.partial-{os.getpid()}")
    with translated(file_address(file)), _removed_at_the_end(partial):
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        with _named(file), translated(url):
            _snapshot(url, partial)
        backup = _sealed(partial, file, now)
        _appear(partial, file)
    return backup


@contextlib.contextmanager
def readied(file: Path) -> Iterator[tuple[Connection, datetime]]:
    """A copy of the backup with the newest schema, to read from, and the moment that it shows.

    The file itself is left as it is. A plain copy of a database counts as of its last change.
    Raises NotFound, or StoreError for what is no sound karnay database.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    with (
        tempfile.TemporaryDirectory(prefix="karnay-") as folder,
        translated(file_address(file)),
    ):
        engine = _newest(file, Path(folder) / "backup.db")
        with engine.connect().execution_options(reading=True) as connection:
            broken = damage(connection)
            if broken:
                raise StoreError(f"{file}: {broken[0]}")
            changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            yield connection, schema_info.read(connection).taken_at or changed


def _newest(file: Path, copied: Path) -> sa.Engine:
    _vacuum_into(file_address(file), copied)
    engine = plain_engine(file_address(copied))
    with engine.connect().execution_options(reading=True) as connection:
        if schema_info.revision(connection) is None:
            raise StoreError(f"{file}: this file is not a karnay database")
    migrate.bring_up_to_date(engine, alone=True)
    return engine


@contextlib.contextmanager
def _named(file: Path) -> Iterator[None]:
    """SQLite does not say which of the two files it speaks of: name both."""
    try:
        yield
    except StoreError as error:
        raise StoreError(f"{file} was not written: {error}") from None


def _snapshot(url: sa.URL, partial: Path) -> None:
    if file_of(url):
        _vacuum_into(url, partial)
    else:
        _copy_from_server(url, partial)


def _vacuum_into(url: sa.URL, partial: Path) -> None:
    """SQLite's own way: one read transaction, so writers go on; deleted rows are left behind.

    https://www.sqlite.org/lang_vacuum.html#vacuuminto
    """
    engine = plain_engine(url)
    with contextlib.closing(engine.raw_connection()) as raw:
        raw.cursor().execute("VACUUM INTO ?", (str(partial),))


def _copy_from_server(url: sa.URL, partial: Path) -> None:
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    target = plain_engine(file_address(partial))
    migrate.bring_up_to_date(target)
    with (
        plain_engine(url).connect().execution_options(**snapshot) as source,
        target.begin() as fresh,
    ):
        copy(source, fresh)


def _sealed(partial: Path, file: Path, now: datetime) -> Backup:
    """Write the moment into it, make it one single file, and read it all."""
    engine = plain_engine(file_address(partial))
    migrate.bring_up_to_date(engine, alone=True)
    with engine.begin() as connection:
        schema_info.write(connection, taken_at=now)
    with contextlib.closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA journal_mode=DELETE")
    with engine.connect().execution_options(reading=True) as connection:
        broken = damage(connection)
        if broken:
            raise StoreError(f"no backup was kept, as it is damaged: {broken[0]}")
        return Backup(file, now, counts(connection), tuple(contradictions(connection)))


def _appear(partial: Path, file: Path) -> None:
    """Give it its name, once it is on the disk; never in place of another file."""
    _to_the_disk(partial)
    try:
        os.link(partial, file)
    except FileExistsError:
        raise NotPossible(
            f"{file} exists, and no backup is overwritten: name another file"
        ) from None
    except OSError:  # a file system without links, such as a USB stick's
        partial.rename(file)
    _to_the_disk(file.parent)


def _to_the_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _removed_at_the_end(partial: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for ending in ("", *BESIDE):
            partial.with_name(partial.name + ending).unlink(missing_ok=True)
