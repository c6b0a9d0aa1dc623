"""One daemon on one workspace, and on one SQLite file: a lock that dies with its process."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from karnay.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK, _HOLDER = "daemon.lock", "daemon.pid"


@contextlib.contextmanager
def sole_daemon(folder: Path) -> Iterator[None]:
    """Be the only one who publishes from this state folder, which is made where it is missing.

    Raises NotPossible if another does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = holder(folder) or "another process"
        raise NotPossible(
            f"a karnay daemon already runs on this workspace ({who}): stop it first"
        ) from None
    try:
        with contextlib.suppress(OSError):  # a mere hint, for which a full disk may have no room
            (folder / _HOLDER).write_text(f"process {os.getpid()}", encoding="utf-8")
        yield
    finally:
        (folder / _HOLDER).unlink(missing_ok=True)
        lock.release()


def daemon_runs(folder: Path) -> bool:
    """Whether a daemon is alive on this state folder."""
    if not (folder / _LOCK).exists():
        return False
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def holder(folder: Path) -> str:
    """Who holds the lock, in words; empty if that cannot be said."""
    with contextlib.suppress(OSError):
        return (folder / _HOLDER).read_text(encoding="utf-8")
    return ""
