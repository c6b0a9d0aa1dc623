"""Who may be sent now: the head of each account's queue, and the moment of the next one.

An account's waiting deliveries go out in the order in which they are planned, one at a time. So
only the first of each account matters, however many wait behind it: its head is found with one
look into an index, and the cost of a claim depends on the number of accounts alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.store.statements import Statement
from karnay.store.tables import accounts, deliveries

if TYPE_CHECKING:
    from collections.abc import Collection


ON_OFFER = "on offer"
"""In the place of an owner: the claim was made for whoever takes it first."""


def is_in(state: State, table: sa.FromClause = deliveries) -> sa.ColumnElement[bool]:
    """Whether the delivery is in that state; written out, so that the partial indexes are used."""
    return table.c.state == sa.literal_column(f"'{state}'")


def among(column: sa.ColumnElement[int], numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """Whether the column holds one of these numbers, which are written out."""
    written: list[sa.ColumnElement[int]] = [
        sa.literal_column(str(int(number))) for number in numbers
    ]
    return column.in_(written) if written else sa.false()


def _waits(table: sa.FromClause, only: Collection[int] | None = None) -> sa.ColumnElement[bool]:
    waits = sa.and_(is_in(State.SCHEDULED, table), table.c.held == sa.literal_column("''"))
    return waits if only is None else sa.and_(waits, among(table.c.id, only))


def heads(only: Collection[int] | None = None) -> sa.Subquery:
    """Of each account that is neither paused nor busy: the first delivery that waits (of `only`).

    Columns: id, and until when the account is quiet.
    """
    names = _names(only)
    return (
        sa.select(
            _foremost(names, only).label("id"),
            accounts.c.quiet_until.label("quiet_until"),
        )
        .select_from(names.outerjoin(accounts, accounts.c.name == names.c.name))
        .where(names.c.name.is_not(None), sa.func.coalesce(accounts.c.paused, "") == "")
        .where(~_is_busy(names))
        .subquery("heads")
    )


def _names(only: Collection[int] | None) -> sa.CTE:
    """The accounts with something that waits, each found from the one before through the index."""
    one, next_one = deliveries.alias("a"), deliveries.alias("b")
    first = sa.select(sa.func.min(one.c.account).label("name")).where(_waits(one, only))
    names = first.cte("names", recursive=True)
    following = sa.select(sa.func.min(next_one.c.account)).where(
        _waits(next_one, only), next_one.c.account > names.c.name
    )
    return names.union_all(
        sa.select(following.correlate(names).scalar_subquery()).where(names.c.name.is_not(None))
    )


def _foremost(names: sa.CTE, only: Collection[int] | None) -> sa.ScalarSelect[int]:
    """The first that waits for the account."""
    head = deliveries.alias("c")
    waiting = sa.select(head.c.id).where(head.c.account == names.c.name, _waits(head, only))
    in_turn = waiting.order_by(head.c.planned_at, head.c.id)
    return in_turn.limit(1).correlate(names).scalar_subquery()


def _is_busy(names: sa.CTE) -> sa.ColumnElement[bool]:
    busy = deliveries.alias("d")
    return sa.exists().where(busy.c.account == names.c.name, is_in(State.PUBLISHING, busy))


def claiming(only: Collection[int] | None = None) -> Statement:
    """Take at most `most` heads that are due `at` that moment, for `owner`, `until` then."""
    head, at = heads(only), sa.bindparam("at", type_=deliveries.c.due_at.type)
    quiet = sa.and_(head.c.quiet_until.is_not(None), head.c.quiet_until > at)
    chosen = (
        sa.select(deliveries.c.id)
        .join(head, head.c.id == deliveries.c.id)
        .where(deliveries.c.due_at <= at, ~quiet)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=deliveries)  # another daemon may be at it
    )
    return Statement(_taking(deliveries.c.id.in_(chosen), is_in(State.SCHEDULED)))


def taking_over(*, all_others: bool, in_hand: Collection[int]) -> Statement:
    """Take the claims that ran out `at` that moment or, with `all_others`, that are not ours."""
    at = sa.bindparam("at", type_=deliveries.c.due_at.type)
    gone = deliveries.c.claimed_until <= at
    if all_others:
        gone = sa.or_(gone, deliveries.c.claimed_by != sa.bindparam("owner"))
    return Statement(_taking(is_in(State.PUBLISHING), gone, ~among(deliveries.c.id, in_hand)))


def _taking(*which: sa.ColumnElement[bool]) -> sa.Executable:
    values: dict[Any, Any] = {
        "state": State.PUBLISHING,
        "fence": deliveries.c.fence + 1,
        "claimed_by": sa.bindparam("owner"),
        "claimed_until": sa.bindparam("until"),
        "updated_at": sa.bindparam("at"),
    }
    return sa.update(deliveries).where(*which).values(values).returning(deliveries)


CLAIM = claiming()

CLAIM_LOOKS = Statement(
    sa.update(deliveries)
    .where(
        deliveries.c.id.in_(
            sa.select(deliveries.c.id)
            .where(is_in(State.UNKNOWN), deliveries.c.look_at <= sa.bindparam("now"))
            .order_by(deliveries.c.look_at)
            .limit(sa.bindparam("most", type_=sa.Integer))
            .with_for_update(skip_locked=True)  # another daemon may be at it
        )
    )
    .values(fence=deliveries.c.fence + 1, look_at=sa.bindparam("until"))
    .returning(deliveries)
)

TAKE = Statement(
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.bindparam("its_id"),
        deliveries.c.fence == sa.bindparam("its_fence"),
        deliveries.c.claimed_by == sa.literal_column(f"'{ON_OFFER}'"),
        is_in(State.PUBLISHING),
    )
    .values(claimed_by=sa.bindparam("owner"), claimed_until=sa.bindparam("until"))
    .returning(deliveries)
)
"""Take what another daemon has claimed for whoever comes first."""

RENEW = Statement(
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.bindparam("its_id"),
        deliveries.c.claimed_by == sa.bindparam("owner"),
        is_in(State.PUBLISHING),
    )
    .values(claimed_until=sa.bindparam("until"))
)

_head = heads()
_quiet, _due = _head.c.quiet_until, deliveries.c.due_at
_ready_at = sa.case((_quiet > _due, _quiet), else_=_due)

NEXT_ATTEMPT = sa.select(sa.func.min(_ready_at)).select_from(
    deliveries.join(_head, _head.c.id == deliveries.c.id)
)
NEXT_LOOK = sa.select(sa.func.min(deliveries.c.look_at)).where(is_in(State.UNKNOWN))
