"""What a database refuses, in words that say what to do."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

_TOOLKITS: dict[str, tuple[type[BaseException], ...]] = {
    "IntegrityError": (sa.exc.IntegrityError,),
    "Error": (sa.exc.DBAPIError, sa.exc.ArgumentError, OSError),
}


@contextlib.contextmanager
def translated(url: sa.URL) -> Iterator[None]:
    """Turn the drivers' errors into StoreErrors that say what to do."""
    try:
        yield
    except _errors("IntegrityError"):
        raise  # a broken promise of ours or a race: the callers know which
    except _errors("Error") as error:
        said = str(getattr(error, "orig", None) or error).lower()
        remedy = next((words for sign, words in _REMEDIES.items() if sign in said), said)
        raise StoreError(f"{_shown(url)}: {remedy}") from None


def _errors(name: str) -> tuple[type[BaseException], ...]:
    """That kind of error, of the toolkit and of each driver that is in use."""
    drivers: Iterable[Any] = filter(None, (sqlite3, sys.modules.get("psycopg")))
    return (*_TOOLKITS[name], *(getattr(driver, name) for driver in drivers))


def _shown(url: sa.URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
