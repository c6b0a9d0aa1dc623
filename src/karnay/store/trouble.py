"""What a database refuses, in words that say what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What SQLite says, and what a person can do about it.
_REMEDIES = {
    "readonly": "the database is read-only: check the permissions of the file and its folder",
    "read-only": "the database is read-only: check the permissions of the file and its folder",
    "is full": "the disk is full: free some space; nothing was lost",
    "locked": "the database is locked by another program: close it and try again",
    "unable to open": "the database cannot be opened: check that its folder exists and is yours",
    "not a database": "this file is not a karnay database",
    "malformed": "the database file is damaged: restore a backup",
    "disk i/o error": "the disk does not take what is written to it",
}


@contextlib.contextmanager
def translated(url: sa.URL, driver: Any = sqlite3) -> Iterator[None]:
    """Turn the toolkit's errors, and those of the `driver` module, into ones that say what to do.

    Raises StoreError.
    """
    try:
        yield
    except (sa.exc.IntegrityError, driver.IntegrityError):
        raise  # a broken promise of ours or a race: the callers know which
    except (sa.exc.DBAPIError, driver.Error, sa.exc.ArgumentError, OSError) as error:
        said = str(getattr(error, "orig", None) or error).lower()
        remedy = next((words for sign, words in _REMEDIES.items() if sign in said), said)
        raise StoreError(f"{_shown(url)}: {remedy}") from None


def _shown(url: sa.URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
