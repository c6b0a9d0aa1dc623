"""What the database says of the queue: who waits, since when, and what needs a person.

Every query rests on a partial index. What is asked to judge the daemon's health costs by the number
of accounts and by what is due, however much is queued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.store.claims import heads, is_in
from karnay.store.tables import accounts, deliveries
from karnay.store.vault import endings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection

LATELY = timedelta(days=1)
"""For how long a failed delivery is worth telling of."""

_COUNTED = (State.SCHEDULED, State.PUBLISHING, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that could have begun at `since`, and has not; `fence` tells whether it did."""

    id: int
    account: str
    since: datetime
    fence: int


@dataclass(frozen=True, slots=True)
class Needs:
    """What a person has to see to.

    `asked` are the unknown deliveries that nobody looks for any more, `failed` the recent ones,
    `logins` those that end soon, or are not renewed any more.
    """

    asked: int = 0
    failed: int = 0
    paused: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()


def not_begun(
    connection: Connection, now: datetime, patience: timedelta, most: int = 100
) -> list[Waiting]:
    """The deliveries, longest due first, that could have gone out for more than `patience` now.

    Leaves out what has a reason to wait: held, its account paused, quiet or busy, or another of
    the same account planned before it. So there is at most one an account.
    """
    cutoff, head = now - patience, heads()
    not_quiet = sa.or_(head.c.quiet_until.is_(None), head.c.quiet_until <= cutoff)
    could = (
        sa.select(
            deliveries.c.id,
            deliveries.c.account,
            deliveries.c.fence,
            deliveries.c.due_at,
            head.c.quiet_until,
        )
        .join(head, head.c.id == deliveries.c.id)
        .where(deliveries.c.due_at <= cutoff, not_quiet)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(most)
    )
    return [
        Waiting(row.id, row.account, max(row.due_at, row.quiet_until or row.due_at), row.fence)
        for row in connection.execute(could)
    ]


def abandoned(connection: Connection, now: datetime, patience: timedelta) -> int:
    """How many deliveries were given up by their daemon more than `patience` ago, and nobody cares.

    Claims that ran out and were not taken over, and lost ones that are not looked for in time.
    """
    cutoff = now - patience
    claims = sa.and_(is_in(State.PUBLISHING), deliveries.c.claimed_until <= cutoff)
    looks = sa.and_(is_in(State.UNKNOWN), deliveries.c.look_at <= cutoff)
    return _count(connection, claims) + _count(connection, looks)


def needs(connection: Connection, now: datetime) -> Needs:
    """What a person has to see to."""
    asked = sa.and_(is_in(State.UNKNOWN), deliveries.c.look_at.is_(None))
    failed = sa.and_(is_in(State.FAILED), deliveries.c.updated_at > now - LATELY)
    paused = sa.select(accounts.c.name).where(accounts.c.paused != "").order_by(accounts.c.name)
    return Needs(
        asked=_count(connection, asked),
        failed=_count(connection, failed),
        paused=tuple(connection.scalars(paused)),
        logins=tuple(one.name for one in endings(connection).values() if one.foretold(now)),
    )


def counts(connection: Connection) -> Mapping[State, int]:
    """How many deliveries are in each state in which something is still to happen."""
    return {state: _count(connection, is_in(state)) for state in _COUNTED}


def due(connection: Connection, now: datetime) -> int:
    """How many deliveries are due and may go out, be it after others of their account."""
    may_go = sa.and_(
        is_in(State.SCHEDULED),
        deliveries.c.held == "",
        deliveries.c.due_at <= now,
        deliveries.c.account.not_in(_paused()),
    )
    return _count(connection, may_go)


def _paused() -> sa.Select[Any]:
    return sa.select(accounts.c.name).where(accounts.c.paused != "")


def _count(connection: Connection, which: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).where(which)) or 0
