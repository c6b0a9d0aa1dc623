"""Is the file that we have open still the one at its address?

A file that was deleted or moved away can be written to as long as it is open. What is written into
a deleted one is lost, and into a moved one it is seen by nobody who looks where it was.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from karnay.errors import StoreError, StoreGone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Presence:
    """The file as it is now; None for a database that is no file, which is always there."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._identity = file and _identity(file)

    def require(self) -> None:
        """Raise StoreGone unless that very file is there (a microsecond)."""
        if self._file and _identity(self._file) != self._identity:
            raise StoreGone(
                f"{self._file} was moved, deleted or replaced while it was in use: "
                "put it back, or restore a backup, and start again where it is"
            )

    @contextlib.contextmanager
    def blamed(self) -> Iterator[None]:
        """Raise StoreGone for a StoreError whose cause is that the file went in the midst.

        SQLite has many words for that, most of them about something else.
        """
        try:
            yield
        except StoreError:
            self.require()
            raise


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
