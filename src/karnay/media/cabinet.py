"""The cabinet: files under the hash of what they hold, so that what was shown is what is sent."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO

from karnay.errors import KarnayError

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

    def _kept(self, source: BinaryIO) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, prefix="new-", delete=False) as kept:
            try:
                return self._named(kept, _written(source, kept))
            finally:
                Path(kept.name).unlink(missing_ok=True)

    def _named(self, kept: IO[bytes], name: str) -> str:
        if not self.holds(name):
            kept.flush()
            os.fsync(kept.fileno())
            self.path(name).parent.mkdir(exist_ok=True)
            Path(kept.name).replace(self.path(name))
        return name


def _written(source: IO[bytes], kept: IO[bytes]) -> str:
    """The hash of what was copied."""
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        kept.write(piece)
    return digest.hexdigest()
