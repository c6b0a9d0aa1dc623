"""The engine's side of the store: claims, attempts with both ends, receipts, moves.

Every write is fenced: it says which claim it belongs to, and a claim that was taken over writes
nothing (ClaimLost).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.delivery import Attempt, Delivery, Progress
from karnay.delivery.states import Event, State, after
from karnay.errors import ClaimLost
from karnay.platforms.base import Effect, step_from_json
from karnay.secrets import redact
from karnay.store.accounts import keep_quiet, pause, paused_or_quiet
from karnay.store.audit import DAEMON, note
from karnay.store.rows import attempt_from, delivery_from, receipt_from
from karnay.store.tables import accounts, attempts, deliveries, receipts, steps

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Connection

    from karnay.delivery.rules import Decision
    from karnay.platforms.base import Receipt, Step
    from karnay.store.database import Database

_waiting = sa.and_(deliveries.c.state == State.SCHEDULED, deliveries.c.held == "")
_busy = sa.select(deliveries.c.account).where(deliveries.c.state == State.PUBLISHING)


class Journal:
    """What a daemon writes while it publishes; `owner` is its name in the claims."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    def claim(
        self,
        now: datetime,
        lease: timedelta,
        *,
        most: int = 100,
        only: Collection[int] | None = None,
    ) -> list[Delivery]:
        """Take what is due (of `only`, if given), one an account, in order of due time.

        Leaves out held deliveries, and accounts that are paused, quiet, or busy with another.
        """
        with self._database.writing() as connection:
            chosen = _claimable(now, only).limit(most)
            return self._take(connection, deliveries.c.id.in_(chosen), now, lease)

    def claim_lost(
        self, now: datetime, *, all_others: bool, in_hand: Collection[int] = ()
    ) -> list[Delivery]:
        """Take over the claims whose lease ran out or, with `all_others`, of every other owner.

        The second is right only where no other daemon can be alive: on one locked SQLite file.
        Those `in_hand` are being worked on in this very process, however long it was asleep.
        """
        gone = deliveries.c.claimed_until <= now
        if all_others:
            gone = sa.or_(gone, deliveries.c.claimed_by != self._owner)
        with self._database.writing() as connection:
            found = sa.and_(
                deliveries.c.state == State.PUBLISHING, gone, deliveries.c.id.not_in(in_hand)
            )
            return self._take(connection, found, now, None)

    def claim_looks(self, now: datetime, lease: timedelta, most: int = 20) -> list[Delivery]:
        """Take the unknown deliveries that are to be looked for now; they stay unknown."""
        with self._database.writing() as connection:
            to_look = sa.and_(deliveries.c.state == State.UNKNOWN, deliveries.c.look_at <= now)
            chosen = sa.select(deliveries.c.id).where(to_look).limit(most)
            values = {"fence": deliveries.c.fence + 1, "look_at": now + lease}
            return _updated(connection, deliveries.c.id.in_(chosen), values)

    def next_moment(self, now: datetime) -> datetime | None:
        """When something is to be done next: an attempt or a look. None: nothing is waiting."""
        first = _first_of_each(now, None)
        ready = sa.select(sa.func.min(_ready_at())).select_from(_with_accounts())
        begun = ready.join(first, first.c.id == deliveries.c.id).where(
            first.c.place == 1, _not_paused()
        )
        ahead = ready.where(_waiting, _not_paused(), deliveries.c.planned_at > now)
        look = sa.select(sa.func.min(deliveries.c.look_at)).where(
            deliveries.c.state == State.UNKNOWN
        )
        with self._database.reading() as connection:
            moments = [connection.scalar(query) for query in (begun, ahead, look)]
        return min((moment for moment in moments if moment is not None), default=None)

    def progress(self, delivery: Delivery) -> Progress:
        """The delivery's frozen steps (none before the first claim) and its receipts."""
        planned = (
            sa.select(steps.c.step)
            .where(steps.c.delivery == delivery.id)
            .order_by(steps.c.position)
        )
        got = sa.select(receipts).where(receipts.c.delivery == delivery.id)
        with self._database.reading() as connection:
            return Progress(
                tuple(step_from_json(step) for step in connection.scalars(planned)),
                {row.step: receipt_from(row) for row in connection.execute(got)},
            )

    def keep_steps(self, delivery: Delivery, planned: Sequence[Step]) -> None:
        """Freeze the plan: from now on these very requests are what is sent."""
        rows = [
            {
                "delivery": delivery.id,
                "position": position,
                "name": step.name,
                "effect": step.effect,
                "step": step.as_json(),
            }
            for position, step in enumerate(planned)
        ]
        with self._database.writing() as connection:
            _guard(connection, delivery)
            connection.execute(sa.insert(steps), rows)

    def begin(self, delivery: Delivery, step: Step, now: datetime, lease: timedelta) -> Attempt:
        """Write down that the step's request is about to leave; committed when this returns."""
        with self._database.writing() as connection:
            _guard(connection, delivery, claimed_until=now + lease)
            earlier = sa.select(sa.func.count()).where(
                attempts.c.delivery == delivery.id, attempts.c.step == step.name
            )
            values = {
                "delivery": delivery.id,
                "step": step.name,
                "number": (connection.scalar(earlier) or 0) + 1,
                "fence": delivery.fence,
                "began_at": now,
            }
            row = connection.execute(sa.insert(attempts).values(values).returning(attempts)).one()
            return attempt_from(row)

    def receive(
        self, delivery: Delivery, attempt: Attempt, receipt: Receipt, now: datetime
    ) -> None:
        """Write down that the step ended well, and what the network gave back."""
        with self._database.writing() as connection:
            _guard(connection, delivery, tries=0)
            _end(connection, attempt.id, now, "ok", receipt.link or receipt.id)
            _keep(connection, delivery, attempt.step, receipt, now)

    def settle(
        self, delivery: Delivery, decision: Decision, now: datetime, attempt: Attempt | None = None
    ) -> Delivery:
        """Write down what becomes of the delivery, and the attempt's other end, in one."""
        with self._database.writing() as connection:
            if attempt is not None:
                _end(
                    connection, attempt.id, now, decision.outcome or decision.event, decision.error
                )
            settled = _move(connection, delivery, decision, now)
            _tell_account(connection, delivery, decision, now)
            return settled

    def found(
        self,
        delivery: Delivery,
        step: Step,
        receipt: Receipt,
        decision: Decision,
        now: datetime,
    ) -> Delivery:
        """Write down a receipt that a look brought, its attempt's end, and the move, in one."""
        with self._database.writing() as connection:
            _guard(connection, delivery)
            attempt = self._open_attempt(connection, delivery)
            if attempt is not None:
                _end(connection, attempt.id, now, "found", receipt.link or receipt.id)
            _keep(connection, delivery, step.name, receipt, now)
            _tell_account(connection, delivery, decision, now)
            return _move(connection, delivery, decision, now)

    def is_paused(self, account: str) -> bool:
        """Whether nothing may be begun for the account."""
        paused = sa.select(accounts.c.paused).where(accounts.c.name == account)
        with self._database.reading() as connection:
            return bool(connection.scalar(paused))

    def attempts_at(self, delivery: Delivery, step: Step) -> list[Attempt]:
        """The attempts of that step, oldest first."""
        made = (
            sa.select(attempts)
            .where(attempts.c.delivery == delivery.id, attempts.c.step == step.name)
            .order_by(attempts.c.id)
        )
        with self._database.reading() as connection:
            return [attempt_from(row) for row in connection.execute(made)]

    def open_effect(self, delivery: Delivery) -> tuple[Attempt, Effect] | None:
        """The attempt that was begun and never ended, with its step's effect; or None."""
        with self._database.reading() as connection:
            attempt = self._open_attempt(connection, delivery)
            if attempt is None:
                return None
            effect = sa.select(steps.c.effect).where(
                steps.c.delivery == delivery.id, steps.c.name == attempt.step
            )
            return attempt, Effect(connection.execute(effect).scalar_one())

    def owner_of(self, delivery: Delivery, receipt: Receipt) -> int | None:
        """Which other delivery to the same account has that receipt already, if any."""
        other = (
            sa.select(receipts.c.delivery)
            .join(deliveries, deliveries.c.id == receipts.c.delivery)
            .where(deliveries.c.account == delivery.account, deliveries.c.id != delivery.id)
            .where(receipts.c.remote_id == receipt.id)
        )
        with self._database.reading() as connection:
            owner: int | None = connection.scalar(other.limit(1))
            return owner

    @staticmethod
    def _open_attempt(connection: Connection, delivery: Delivery) -> Attempt | None:
        still_open = sa.select(attempts).where(
            attempts.c.delivery == delivery.id, attempts.c.ended_at.is_(None)
        )
        row = connection.execute(still_open.order_by(attempts.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else attempt_from(row)

    def _take(
        self,
        connection: Connection,
        which: sa.ColumnElement[bool],
        now: datetime,
        lease: timedelta | None,
    ) -> list[Delivery]:
        values = {
            "state": State.PUBLISHING,
            "fence": deliveries.c.fence + 1,
            "claimed_by": self._owner,
            "updated_at": now,
        }
        if lease is not None:
            values["claimed_until"] = now + lease
        return _updated(connection, which, values)


def _with_accounts() -> sa.FromClause:
    return deliveries.outerjoin(accounts, accounts.c.name == deliveries.c.account)


def _not_paused() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(accounts.c.paused, "") == ""


def _ready_at() -> sa.ColumnElement[datetime]:
    quiet, due = accounts.c.quiet_until, deliveries.c.due_at
    return sa.case((quiet > due, quiet), else_=due)


def _first_of_each(now: datetime, only: Collection[int] | None) -> sa.Subquery:
    """Of each account's waiting deliveries whose planned time has come, the earliest planned.

    A later one does not overtake it, even while it waits for another try.
    """
    place = sa.func.row_number().over(
        partition_by=deliveries.c.account, order_by=(deliveries.c.planned_at, deliveries.c.id)
    )
    return (
        sa.select(deliveries.c.id, place.label("place"))
        .where(_waiting, deliveries.c.planned_at <= now)
        .where(sa.true() if only is None else deliveries.c.id.in_(only))
        .where(deliveries.c.account.not_in(_busy))
        .subquery()
    )


def _claimable(now: datetime, only: Collection[int] | None) -> sa.Select[Any]:
    first = _first_of_each(now, only)
    return (
        sa.select(deliveries.c.id)
        .join(first, first.c.id == deliveries.c.id)
        .where(first.c.place == 1, deliveries.c.due_at <= now)
        .where(deliveries.c.account.not_in(paused_or_quiet(now)))
        .order_by(deliveries.c.due_at, deliveries.c.id)
    )


def _updated(
    connection: Connection, which: sa.ColumnElement[bool], values: dict[str, Any]
) -> list[Delivery]:
    taken = sa.update(deliveries).where(which).values(values).returning(deliveries)
    found = [delivery_from(row) for row in connection.execute(taken)]
    return sorted(found, key=lambda delivery: (delivery.due_at, delivery.id))


def _mine(delivery: Delivery) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.id == delivery.id,
        deliveries.c.fence == delivery.fence,
        deliveries.c.state == delivery.state,
    )


def _guard(connection: Connection, delivery: Delivery, **values: Any) -> None:
    mine = sa.update(deliveries).where(_mine(delivery))
    if connection.execute(mine.values({"fence": delivery.fence, **values})).rowcount != 1:
        raise ClaimLost(f"delivery {delivery.id} was taken over")


def _end(connection: Connection, attempt: int, now: datetime, outcome: str, detail: str) -> None:
    ended = sa.update(attempts).where(attempts.c.id == attempt)
    connection.execute(ended.values(ended_at=now, outcome=outcome, detail=detail))


def _keep(
    connection: Connection, delivery: Delivery, step: str, receipt: Receipt, now: datetime
) -> None:
    values = {
        "delivery": delivery.id,
        "step": step,
        "remote_id": receipt.id,
        "link": redact(receipt.link),
        "data": dict(receipt.data),
        "at": now,
    }
    connection.execute(sa.insert(receipts).values(values))


def _move(
    connection: Connection, delivery: Delivery, decision: Decision, now: datetime
) -> Delivery:
    state = after(delivery.state, decision.event)
    values = {
        "state": state,
        "error": decision.error,
        "held": decision.held,
        "due_at": decision.due_at or delivery.due_at,
        "look_at": decision.look_at,
        "looks": decision.looks,
        "tries": delivery.tries + decision.spent,
        "claimed_by": "",
        "claimed_until": None,
        "updated_at": now,
    }
    moved = sa.update(deliveries).where(_mine(delivery)).values(values).returning(deliveries)
    row = connection.execute(moved).one_or_none()
    if row is None:
        raise ClaimLost(f"delivery {delivery.id} was taken over")
    if decision.event is not Event.POSTPONED:
        note(connection, now, decision.event, delivery=delivery, detail=decision.error)
    return delivery_from(row)


def _tell_account(
    connection: Connection, delivery: Delivery, decision: Decision, now: datetime
) -> None:
    if decision.pause:
        pause(connection, delivery.account, decision.pause, by=DAEMON)
        note(connection, now, "paused", delivery=delivery, detail=decision.pause)
    if decision.wait_until:
        keep_quiet(connection, delivery.account, decision.wait_until)
