"""The cabinet: files under the hash of what they hold, so that what was shown is what is sent."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO

from karnay.errors import KarnayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime, timedelta

_PIECE = 1 << 20  # bytes read at a time


class MediaGone(KarnayError):
    """The cabinet does not hold the file (any more)."""


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A folder of files, each named by its SHA-256; several machines may share it.

    A file is there whole or not at all, and never changes.
    """

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns their hash. Raises OSError."""
        return self._kept(io.BytesIO(content))

    def copy(self, file: Path) -> str:
        """Keep what the file holds; returns the hash. Raises OSError."""
        with file.open("rb") as source:
            return self._kept(source)

    def holds(self, name: str) -> bool:
        """Whether a file of that hash is there."""
        return self.path(name).is_file()

    def path(self, name: str) -> Path:
        """Where the file of that hash is, or would be."""
        return self.folder / name[:2] / name

    def open(self, name: str) -> BinaryIO:
        """The file of that hash, to read. Raises MediaGone."""
        try:
            return self.path(name).open("rb")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            gone = f"{self.path(name)} cannot be read: {reason}. Queue the post again"
            raise MediaGone(gone) from None

    def used(self, name: str) -> int:
        """The size of the file of that hash, which counts as used now. Raises OSError."""
        os.utime(self.path(name))
        return self.path(name).stat().st_size

    def forget(self, keep: Collection[str], older_than: timedelta, now: datetime) -> int:
        """Remove what nobody needs; returns how many files went.

        `keep` are the hashes that are still needed. Everything else goes that was neither put in
        nor used again for that long: files, what is noted of them, what a crash left half done.
        `now` is an aware moment. A file that cannot be removed stays.
        """
        before = (now - older_than).timestamp()
        needed = frozenset(keep)
        return sum(_removed(file, before) for file in self._files() if file.name not in needed)

    def _files(self) -> Iterator[Path]:
        return (file for file in self.folder.rglob("*") if file.is_file())

    def _kept(self, source: BinaryIO) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, prefix="new-", delete=False) as kept:
            try:
                return self._named(kept, _written(source, kept))
            finally:
                Path(kept.name).unlink(missing_ok=True)

    def _named(self, kept: IO[bytes], name: str) -> str:
        if self.holds(name):
            self.used(name)
        else:
            kept.flush()
            os.fsync(kept.fileno())
            self.path(name).parent.mkdir(exist_ok=True)
            Path(kept.name).replace(self.path(name))
        return name


def _removed(file: Path, before: float) -> bool:
    try:
        if file.stat().st_mtime >= before:
            return False
        file.unlink()
    except OSError:  # somebody else was faster, or may not
        return False
    return True


def _written(source: IO[bytes], kept: IO[bytes]) -> str:
    """The hash of what was copied."""
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        kept.write(piece)
    return digest.hexdigest()
