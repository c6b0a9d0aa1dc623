"""Engines: how a connection to SQLite or PostgreSQL is prepared, and how a transaction begins."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

_SAFE = ("foreign_keys=ON", "trusted_schema=OFF")
_DURABLE = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", *_SAFE)
_PATIENT = ("busy_timeout=30000", *_SAFE)  # leaves the file's journal mode as it is


def pooled_engine(url: sa.URL) -> Engine:
    """An engine for a daemon or a command: many short transactions, each durable."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, _DURABLE, pool_size=16, max_overflow=16)
    return _server(url, pool_size=16, max_overflow=48, pool_pre_ping=True)


def plain_engine(url: sa.URL) -> Engine:
    """An engine for one long piece of upkeep: no pool, and SQLite's journal mode is left alone."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, _PATIENT, poolclass=sa.NullPool)
    return _server(url, poolclass=sa.NullPool)


def named() -> dict[str, str]:
    """How a connection says whose it is to a server's staff, and to `karnay db move`."""
    return {"application_name": f"karnay on {socket.gethostname()}"}


def _server(url: sa.URL, **how: Any) -> Engine:
    return sa.create_engine(url, connect_args=named(), **how)


def _sqlite(url: sa.URL, pragmas: Iterable[str], **how: Any) -> Engine:
    engine = sa.create_engine(url, **how)

    def prepare(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Wait for the write lock from the start, instead of failing half way."""
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
