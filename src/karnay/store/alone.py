"""The database for oneself: a transaction beside which nobody publishes, queues or looks."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.errors import NotPossible
from karnay.store import migrate
from karnay.store.addresses import file_of, shown
from karnay.store.engines import plain_engine
from karnay.store.remedies import translated
from karnay.store.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.engine import Connection

_OTHERS = sa.text(
    "SELECT DISTINCT coalesce(nullif(application_name, ''), 'a program')"
    " || coalesce(' at ' || host(client_addr), '')"
    " FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' ORDER BY 1"
)

_PATIENCE = 0.5  # seconds: a connection that was just closed is still there for a moment
_PAUSE = 0.05


@contextlib.contextmanager
def alone(url: sa.URL, now: datetime) -> Iterator[Connection]:
    """A transaction that has all tables to itself; commits at the end, or changes nothing.

    An SQLite file is kept from daemons by their own lock, which the caller holds. A server tells
    who is connected: raises NotPossible while anybody is, or while a claim is alive at `now`.
    """
    with translated(url), plain_engine(url).begin() as connection:
        if not file_of(url):
            _refuse_company(connection, url)
            migrate.lock_tables(connection)
            _refuse_claims(connection, url, now)
        yield connection


def is_alone(url: sa.URL) -> bool:
    """Whether nobody else is connected; of a file, the caller knows by the daemon's lock."""
    if file_of(url):
        return True
    with translated(url), plain_engine(url).connect() as connection:
        return not _company(connection)


def _company(connection: Connection) -> list[str]:
    connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    return list(connection.execute(_OTHERS).scalars())


def _refuse_company(connection: Connection, url: sa.URL) -> None:
    end = time.monotonic() + _PATIENCE
    while others := _company(connection):
        if time.monotonic() < end:
            time.sleep(_PAUSE)
            continue
        raise NotPossible(
            f"{shown(url)} is in use ({', '.join(others)}): "
            "stop every daemon and dashboard on every machine first"
        )


def _refuse_claims(connection: Connection, url: sa.URL, now: datetime) -> None:
    alive = sa.select(deliveries.c.id, deliveries.c.claimed_by).where(
        deliveries.c.state == State.PUBLISHING, deliveries.c.claimed_until > now
    )
    row = connection.execute(alive.order_by(deliveries.c.id).limit(1)).one_or_none()
    if row is not None:
        raise NotPossible(
            f"{shown(url)}: delivery {row.id} is being published by {row.claimed_by}: "
            "stop every daemon, and wait for a minute"
        )
