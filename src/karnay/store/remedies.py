"""What a database's driver says, in words that tell a person what to do."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import StoreError
from karnay.store.addresses import file_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOLKIT = (sa.exc.DBAPIError, sa.exc.ArgumentError, OSError, ModuleNotFoundError)

MOVED_AWAY = "was moved to"
"""What a database that was moved says to whoever still writes to it."""

_HALF = "the database is half-migrated: restore a backup"
_RESTARTING = "the server is starting or stopping: it will be tried again"
_READ_ONLY = "the database is read-only: check the permissions of the file and its folder"
_CLOSED = "the server closed the connection: it will be tried again"
_NO_ROOM = "the server has no connection left: raise its max_connections"
_NO_HOST = "there is no such host: is its name right?"

# What the drivers say, and what a person can do about it; the first that fits counts.
_OF_A_FILE = {
    MOVED_AWAY: "{said}",
    "is a folder": "this is a folder: name a file in it",
    "readonly": _READ_ONLY,
    "read-only": _READ_ONLY,
    "permission denied": "you may not read or write there: check the permissions of the folder",
    "is full": "the disk is full: free some space; nothing was lost",
    "no space left on device": "the disk is full: free some space; nothing was lost",
    "locked": "the database is locked by another program: close it and try again",
    "unable to open": "the database cannot be opened: check that its folder exists and is yours",
    "no such file or directory": "its folder is not there: make it first",
    "not a database": "this file is not a karnay database",
    "malformed": "the database file is damaged: restore a backup",
    "disk i/o error": "the disk does not take what is written to it",
    "no such table": _HALF,
    "no such column": _HALF,
    "has no column": _HALF,
}
_OF_A_SERVER = {
    MOVED_AWAY: "{said}",
    "permission denied": "the server's user may not do that: make it the owner of the database",
    "read-only transaction": "the server takes no writes: is it a standby, or set to read-only?",
    "no space left on device": "the server's disk is full: free some space; nothing was lost",
    "lock timeout": "the database is locked by another program: close it and try again",
    'relation "': _HALF,
    'column "': _HALF,
    "no password supplied": "the server wants a password: put it into ~/.pgpass",
    "password authentication failed": "the server refuses the user or the password",
    "no pg_hba.conf entry": "the server lets nobody in from here: see its pg_hba.conf",
    'role "': "the server does not know the user: `createuser {user}`",
    'database "': "there is no such database: `createdb {database}`",
    "connection refused": "no server answers there: is it running, are host and port right?",
    "no such file or directory": "no server answers there: is it running, is its socket there?",
    "failed to resolve host": _NO_HOST,
    "could not translate host": _NO_HOST,
    "timeout expired": "no server answers there in time: is the network up?",
    "too many clients": _NO_ROOM,
    "connection slots are reserved": _NO_ROOM,
    "system is starting up": _RESTARTING,
    "system is shutting down": _RESTARTING,
    "in recovery mode": _RESTARTING,
    "terminating connection": _CLOSED,
    "server closed the connection": _CLOSED,
    "no module named": "`pip install 'karnay[postgres]'` brings the driver for PostgreSQL",
}


@contextlib.contextmanager
def translated(url: sa.URL, driver: Any = sqlite3) -> Iterator[None]:
    """Turn the toolkit's errors, and those of the `driver` module, into ones that say what to do.

    Raises StoreError, in which there is no password.
    """
    broken_promises = (sa.exc.IntegrityError, driver.IntegrityError)
    try:
        yield
    except (*_TOOLKIT, driver.Error) as error:
        if isinstance(error, broken_promises) and MOVED_AWAY not in str(error):
            raise  # ours, or a race: the callers know which
        raise StoreError(f"{shown(url)}: {remedy(error, url)}") from None


def remedy(error: BaseException, url: sa.URL) -> str:
    """What a person can do about it; the driver's own first line, where that is not known."""
    said = _words(error)
    file = file_of(url)
    if file and file.is_dir():
        said = "is a folder"
    remedies = _OF_A_FILE if url.get_backend_name() == "sqlite" else _OF_A_SERVER
    found = next((words for sign, words in remedies.items() if sign in said.lower()), "{said}")
    return found.format(said=said, user=url.username or "", database=url.database or "")


def _words(error: BaseException) -> str:
    said = str(getattr(error, "orig", None) or error).strip()
    # psycopg begins with where it tried: "connection failed: connection to server at ... failed: "
    last = re.split(r"failed: (?:FATAL: +)?", said)[-1]
    return last.splitlines()[0].strip() if last else type(error).__name__
