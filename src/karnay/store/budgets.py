"""What was spent of the budgets, counted from the journal itself.

A network counts a request when it arrives, somewhere between the attempt's two ends. The later end
counts here, and an attempt without one counts as of now: no delay on the way can bring a window's
first request and the next window's last one together.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.accounts import Counts
from karnay.delivery.rules import NOTHING_MADE
from karnay.delivery.states import State
from karnay.errors import NotSent, RateLimited
from karnay.scheduling.budgets import Usage, Wait, usage, wait
from karnay.store.claims import is_in
from karnay.store.tables import Moment, attempts, deliveries, steps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from karnay.accounts import Account, Budget
    from karnay.delivery.delivery import Progress
    from karnay.store.database import Database

LONGEST_REQUEST = timedelta(minutes=5)
"""An attempt that ended later than this after it began was ended by a recovery."""

LONGEST_CLAIM = timedelta(hours=1)
"""No worker is busy with one delivery for longer; its row is touched when a claim begins."""

ASK_AGAIN = timedelta(minutes=10)
"""After how long, at the latest, to look again: a request that was out may have been refused, and
a person may have raised the budget."""

LONGEST_TURN = "60s"
"""When PostgreSQL ends the turn of a process that was stopped: by then its claim is another's."""

CLOCKS_APART = timedelta(hours=1)
"""What a clock wrote down that was further ahead than this is not counted."""

_NOT_COUNTED: Mapping[Counts, Collection[str]] = {
    Counts.POSTS: sorted(NOTHING_MADE),
    Counts.REQUESTS: sorted(kind.__name__ for kind in (NotSent, RateLimited)),
}

_TAKE_TURN = sa.select(
    sa.func.set_config("idle_in_transaction_session_timeout", LONGEST_TURN, sa.true()),
    sa.func.pg_advisory_xact_lock(sa.bindparam("lock", type_=sa.BigInteger)),
)
_publishes = steps.c.step["part"].as_integer().is_not(None)
_was_claimed = deliveries.c.fence > sa.literal_column("0")  # written out: a partial index


class Budgets:
    """Lets a request through if all budgets of its account have room for it.

    Exact over all threads and machines. An account alone sends one delivery at a time, whoever has
    the claim. Accounts that share a budget take turns: among the threads of a process by a lock,
    which is enough for a file; among processes by one that PostgreSQL keeps.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: defaultdict[str, Lock] = defaultdict(Lock)

    @contextlib.contextmanager
    def turn(self, account: Account, *, wanted: int, now: datetime) -> Iterator[Wait | None]:
        """What to wait for before so many more; None: begin the attempt, inside this context.

        Without budgets, or with nothing wanted, the database is not asked.
        """
        if not account.budgets or not wanted:
            yield None
            return
        with self._turn_of(account):
            yield self._wait(account, wanted, now)

    def _wait(self, account: Account, wanted: int, now: datetime) -> Wait | None:
        with self._database.reading() as connection:
            found = over_budget(connection, account, wanted=wanted, now=now)
        return found and replace(found, until=min(found.until, now + ASK_AGAIN))

    @contextlib.contextmanager
    def _turn_of(self, account: Account) -> Iterator[None]:
        if not any(len(budget.shared_by) > 1 for budget in account.budgets):
            yield
            return
        with self._turns[account.platform], self._turn_among_machines(account.platform):
            yield

    @contextlib.contextmanager
    def _turn_among_machines(self, platform: str) -> Iterator[None]:
        if self._database.is_local:
            yield
            return
        with self._database.reading() as connection:  # its transaction holds the lock
            connection.execute(_TAKE_TURN, {"lock": _lock_number(platform)})
            yield


def _lock_number(platform: str) -> int:
    digest = hashlib.sha256(f"karnay budget {platform}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def wanted(progress: Progress) -> int:
    """For how many requests there must be room before the next step: all parts, or one.

    A thread is begun only when all of it has room: half a thread that hangs for a day is worse
    than a whole one that comes late. Once begun, it goes on as far as it can.
    """
    parts = sum(step.part is not None for step in progress.remaining)
    return min(1, parts) if progress.published else parts


def over_budget(
    connection: Connection, account: Account, *, wanted: int, now: datetime
) -> Wait | None:
    """What the account must wait for before `wanted` more; None where there is room now."""
    return wait(usages(connection, account, wanted=wanted, now=now), account.zone, now)


def usages(
    connection: Connection, account: Account, *, now: datetime, wanted: int = 1
) -> list[Usage]:
    """How each of the account's budgets stands; those that count alike come together."""
    alike: defaultdict[tuple[frozenset[str], Counts], list[Budget]] = defaultdict(list)
    for budget in account.budgets:
        alike[budget.shared_by or frozenset({account.name}), budget.counts].append(budget)
    found = {key: _found(connection, account, key, group, now) for key, group in alike.items()}
    return [
        usage(budget, found[key], now, wanted=wanted)
        for key, group in alike.items()
        for budget in group
    ]


def _found(
    connection: Connection,
    account: Account,
    key: tuple[frozenset[str], Counts],
    budgets: Sequence[Budget],
    now: datetime,
) -> list[datetime]:
    """What budgets of the same accounts that count the same must know, in one question."""
    names, counts = key
    since = now - max(budget.window for budget in budgets)
    most = max(budget.most for budget in budgets)
    found = spent(connection, names, (since, now + CLOCKS_APART), counts=counts, most=most)
    return [*found, *[now] * _promised(connection, names - {account.name})]


def spent(
    connection: Connection,
    accounts: Collection[str],
    span: tuple[datetime, datetime],
    *,
    counts: Counts = Counts.POSTS,
    most: int = 1000,
) -> list[datetime]:
    """When these accounts spent what `counts` says, after the span's start and up to its end.

    Newest first, and no more than `most`: what is older does not change what has room.
    """
    since, until = span
    values = {
        "since": since,
        "until": until,
        "begun": since - LONGEST_REQUEST,
        "touched": since - LONGEST_CLAIM,
        "most": most,
    }
    # One question an account: PostgreSQL would answer one for all by reading every attempt.
    each: Iterator[Iterable[datetime]] = (
        connection.scalars(_spent(counts), {**values, "account": name}) for name in accounts
    )
    return sorted(chain.from_iterable(each), reverse=True)[:most]


@cache
def _spent(counts: Counts) -> sa.Select[tuple[datetime]]:
    """Reads the deliveries of the account that were sent lately, by `ix_deliveries_lately`."""
    at = sa.func.coalesce(attempts.c.ended_at, _moment("until"))
    return (
        sa.select(at)
        .select_from(deliveries)
        .join(attempts, attempts.c.delivery == deliveries.c.id)
        .join(steps, sa.and_(steps.c.delivery == deliveries.c.id, steps.c.name == attempts.c.step))
        .where(deliveries.c.account == sa.bindparam("account"), _was_claimed)
        .where(deliveries.c.updated_at > _moment("touched"))
        .where(attempts.c.began_at > _moment("begun"))
        .where(at > _moment("since"), at <= _moment("until"))
        .where(attempts.c.outcome.not_in(_NOT_COUNTED[counts]), _publishes)
        .order_by(at.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _moment(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=Moment)


def _promised(connection: Connection, accounts: Collection[str]) -> int:
    """How many parts of threads that have begun are still to come: their room is taken."""
    if not accounts:
        return 0
    found: int | None = connection.scalar(_STILL_TO_COME, {"accounts": list(accounts)})
    return found or 0


def _attempted(step: sa.FromClause) -> sa.Exists:
    made = sa.select(attempts.c.id).where(
        attempts.c.delivery == step.c.delivery, attempts.c.step == step.c.name
    )
    return made.correlate(step).exists()


_begun = steps.alias("begun")
_STILL_TO_COME = (
    sa.select(sa.func.count())
    .select_from(deliveries)
    .join(steps, steps.c.delivery == deliveries.c.id)
    .where(
        is_in(State.PUBLISHING), deliveries.c.account.in_(sa.bindparam("accounts", expanding=True))
    )
    .where(_publishes, ~_attempted(steps))
    .where(
        sa.select(_begun.c.id)
        .where(_begun.c.delivery == deliveries.c.id, _attempted(_begun))
        .where(_begun.c.step["part"].as_integer().is_not(None))
        .correlate(deliveries)
        .exists()
    )
)
