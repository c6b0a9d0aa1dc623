"""The engine's side of the store: claims, attempts with both ends, receipts, moves.

Every write is fenced: it says which claim it belongs to, and a claim that was taken over writes
nothing (ClaimLost). What is written has reached the disk when a method returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from karnay.delivery.delivery import Attempt, Delivery, Progress
from karnay.platforms.base import Effect, step_from_json
from karnay.store import entries
from karnay.store.claims import (
    CLAIM,
    CLAIM_LOOKS,
    NEXT_ATTEMPT,
    NEXT_LOOK,
    ON_OFFER,
    RENEW,
    TAKE,
    claiming,
    taking_over,
)
from karnay.store.rows import attempt_from, delivery_from, receipt_from
from karnay.store.tables import attempts, deliveries, receipts, steps
from karnay.store.writer import Alone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime, timedelta

    from karnay.delivery.rules import Decision
    from karnay.platforms.base import Receipt, Step
    from karnay.store.database import Database
    from karnay.store.statements import Statement
    from karnay.store.writer import Work, Writes

    Offer = Callable[[Any, Sequence[Delivery]], None]

P = ParamSpec("P")
T = TypeVar("T")


class Writing(Protocol):
    """Whoever does a work and returns when it is durable: a thread for all, or each alone."""

    def write(self, work: Work[T]) -> T:
        """Do the work. Raises what it refuses with, and StoreError."""
        ...


class Journal:
    """What a daemon writes while it publishes; `owner` is its name in the claims."""

    def __init__(self, database: Database, owner: str, writing: Writing | None = None) -> None:
        self._database = database
        self._owner = owner
        self._writing = writing or Alone(database)

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
        statement = CLAIM if only is None else claiming(only)
        return self._take(statement, self._terms(now, lease) | {"most": most})

    def claim_for_all(
        self, now: datetime, lease: timedelta, offer: Offer, *, most: int
    ) -> list[Delivery]:
        """Claim what is due for whoever takes it first, and offer it in the same transaction.

        `offer` gets the driver's connection; what it raises undoes the claim.
        """
        terms = {**self._terms(now, lease), "owner": ON_OFFER, "most": most}
        with self._database.bare() as bare, bare.transaction():
            [rows] = bare.answers([(CLAIM, terms)])
            found = _in_order(rows)
            if found:
                offer(bare.driver, found)
        return found

    def take(
        self, delivery_id: int, fence: int, now: datetime, lease: timedelta
    ) -> Delivery | None:
        """Take a delivery that is on offer under that fence; None: it is so no more."""
        values = {"its_id": delivery_id, "its_fence": fence}
        found = self._take(TAKE, {**values, "owner": self._owner, "until": now + lease})
        return found[0] if found else None

    def claim_lost(
        self,
        now: datetime,
        lease: timedelta,
        *,
        all_others: bool,
        in_hand: Collection[int] = (),
    ) -> list[Delivery]:
        """Take over the claims whose lease ran out or, with `all_others`, of every other owner.

        The second is right only where no other daemon can be alive: on one locked SQLite file.
        Those `in_hand` are being worked on in this very process, however long it was asleep.
        """
        statement = taking_over(all_others=all_others, in_hand=in_hand)
        return self._take(statement, self._terms(now, lease))

    def claim_looks(self, now: datetime, lease: timedelta, *, most: int = 100) -> list[Delivery]:
        """Take the unknown deliveries that are to be looked for now; nobody else will meanwhile."""
        return self._take(CLAIM_LOOKS, {"now": now, "until": now + lease, "most": most})

    def renew(self, in_hand: Collection[int], until: datetime) -> None:
        """Show that this daemon is alive and still has these deliveries in hand."""

        def renewed() -> Writes[None]:
            terms = {"owner": self._owner, "until": until}
            yield [(RENEW, {"its_id": delivery_id, **terms}) for delivery_id in in_hand]

        self._writing.write(renewed)

    def next_moment(self) -> datetime | None:
        """When something is to be done next: an attempt or a look. None: nothing is waiting."""
        with self._database.reading() as connection:
            moments = [connection.scalar(query) for query in (NEXT_ATTEMPT, NEXT_LOOK)]
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

    def begin(
        self,
        delivery: Delivery,
        step: Step,
        now: datetime,
        lease: timedelta,
        *,
        plan: Sequence[Step] = (),
    ) -> Attempt | None:
        """Write down that the step's request is about to leave; None: the account is paused.

        A `plan` is frozen with it: from now on these very requests are what is sent.
        """
        return self._write(entries.begun, delivery, step, plan, now, now + lease)

    def receive(
        self, delivery: Delivery, attempt: Attempt, receipt: Receipt, now: datetime
    ) -> Delivery:
        """Write down that the step ended well, and what the network gave back."""
        return self._write(entries.received, delivery, attempt, receipt, now)

    def settle(
        self, delivery: Delivery, decision: Decision, now: datetime, attempt: Attempt | None = None
    ) -> Delivery:
        """Write down what becomes of the delivery, and the attempt's other end, in one."""
        return self._write(entries.settled, delivery, decision, now, attempt)

    def finish(
        self,
        delivery: Delivery,
        attempt: Attempt,
        receipt: Receipt,
        decision: Decision,
        now: datetime,
    ) -> Delivery:
        """Write down the last step's receipt, its attempt's end, and the move, in one."""
        gain = entries.Gain(attempt.step, receipt)
        return self._write(entries.settled, delivery, decision, now, attempt, gain)

    def found(
        self,
        delivery: Delivery,
        step: Step,
        receipt: Receipt,
        decision: Decision,
        now: datetime,
    ) -> Delivery:
        """Write down a receipt that a look brought, its attempt's end, and the move, in one."""
        gain = entries.Gain(step.name, receipt)
        return self._write(entries.found, delivery, decision, now, gain)

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
    def _open_attempt(connection: sa.Connection, delivery: Delivery) -> Attempt | None:
        still_open = sa.select(attempts).where(
            attempts.c.delivery == delivery.id, attempts.c.ended_at.is_(None)
        )
        row = connection.execute(still_open.order_by(attempts.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else attempt_from(row)

    def _take(self, statement: Statement, values: dict[str, Any]) -> list[Delivery]:
        def taken() -> Writes[list[Any]]:
            [rows] = yield [(statement, values)]
            taken_rows: list[Any] = rows
            return taken_rows

        return _in_order(self._writing.write(taken))

    def _terms(self, now: datetime, lease: timedelta) -> dict[str, Any]:
        return {"at": now, "until": now + lease, "owner": self._owner}

    def _write(self, entry: Callable[P, Writes[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._writing.write(lambda: entry(*args, **kwargs))


def _in_order(rows: Any) -> list[Delivery]:
    found = [delivery_from(row) for row in rows]
    return sorted(found, key=lambda delivery: (delivery.due_at, delivery.id))
