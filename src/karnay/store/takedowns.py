"""What of deliveries is public, and what was taken down of it, when and by whom.

The state of a delivery tells how it went out, and stays; that a part is gone is kept beside it, so
that nothing which was taken down can look as if it still had to go out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.errors import NotPossible
from karnay.store.audit import note
from karnay.store.journal import Journal
from karnay.store.tables import deliveries, receipts, takedowns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Receipt, Step
    from karnay.store.database import Database

_FIRST = {
    State.SCHEDULED: "`karnay queue cancel {}` first, or the rest of it goes out",
    State.PUBLISHING: "wait until it is out",
    State.UNKNOWN: "`karnay resolve {}` first: nobody knows what of it is there",
}
"""Why nothing is taken down yet, by the delivery's state; from all others it can be."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A part that is public: the step, filled, that made it, and what the network gave back."""

    step: Step
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Takedown:
    """A part that is gone."""

    step: str
    link: str
    at: datetime
    who: str


class Takedowns:
    """What people take down; `who` is written beside it, and into the audit trail."""

    def __init__(self, database: Database, who: str) -> None:
        self._database = database
        self._who = who

    def standing(self, delivery: Delivery) -> list[Standing]:
        """The parts that are public, in order; those that may be gone are among them."""
        progress = Journal(self._database, self._who).progress(delivery)
        gone = {one.step for one in self.of([delivery.id])[delivery.id]}
        return [
            Standing(step.filled(progress.receipts), progress.receipts[step.name])
            for step in progress.steps
            if step.part is not None and step.name in progress.receipts and step.name not in gone
        ]

    def of(self, delivery_ids: Collection[int]) -> Mapping[int, list[Takedown]]:
        """What is gone, in order of publication, by delivery."""
        query = (
            sa.select(takedowns, receipts.c.link)
            .join(receipts, _its_receipt())
            .where(takedowns.c.delivery.in_(delivery_ids), takedowns.c.ended_at.is_not(None))
            .order_by(receipts.c.id)
        )
        found: dict[int, list[Takedown]] = {delivery_id: [] for delivery_id in delivery_ids}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                gone = Takedown(row.step, row.link, row.ended_at, row.who)
                found[row.delivery].append(gone)
        return found

    def require(self, delivery: Delivery) -> None:
        """Raise NotPossible for one that is on its way, or may be."""
        _require_rest(delivery.id, delivery.state)

    def begin(self, delivery: Delivery, part: Standing, now: datetime) -> None:
        """Write down that the part is about to be taken down: from now on nothing follows it.

        Raises NotPossible for a delivery that is on its way meanwhile.
        """
        with self._database.writing() as connection:
            state = connection.execute(_locked(delivery)).scalar_one()
            _require_rest(delivery.id, State(state))
            connection.execute(sa.delete(takedowns).where(_of(delivery, part)))
            row = {"delivery": delivery.id, "step": part.step.name, "who": self._who}
            connection.execute(sa.insert(takedowns).values(**row, began_at=now))

    def end(self, delivery: Delivery, part: Standing, now: datetime) -> None:
        """Write down that the part is gone."""
        ended = sa.update(takedowns).where(_of(delivery, part)).values(ended_at=now)
        with self._database.writing() as connection:
            connection.execute(ended)
            about: dict[str, Any] = {"delivery": delivery, "who": self._who}
            note(connection, now, "taken down", detail=_named(part), **about)

    def withdraw(self, delivery: Delivery, part: Standing, now: datetime, why: str) -> None:
        """Write down that the part stands, as before."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(takedowns).where(_of(delivery, part)))
            about: dict[str, Any] = {"delivery": delivery, "who": self._who}
            note(connection, now, "left standing", detail=f"{_named(part)}: {why}", **about)


def require_none(connection: Connection, delivery: Delivery) -> None:
    """Raise NotPossible for a delivery of which something was taken down, or may have been.

    Nothing is taken down of it any more before this transaction ends.
    """
    connection.execute(_locked(delivery))
    of_it = sa.select(takedowns.c.id).where(takedowns.c.delivery == delivery.id).limit(1)
    if connection.scalar(of_it) is not None:
        raise NotPossible(
            f"delivery {delivery.id} was taken down: "
            f"`karnay queue add {delivery.order.post} --again` posts it anew"
        )


def _locked(delivery: Delivery) -> sa.Select[Any]:
    """Its state, which nobody changes before this transaction ends; a file has one writer."""
    return sa.select(deliveries.c.state).where(deliveries.c.id == delivery.id).with_for_update()


def _require_rest(delivery_id: int, state: State) -> None:
    if state in _FIRST:
        raise NotPossible(f"delivery {delivery_id} is {state}: {_FIRST[state].format(delivery_id)}")


def _its_receipt() -> sa.ColumnElement[bool]:
    return sa.and_(receipts.c.delivery == takedowns.c.delivery, receipts.c.step == takedowns.c.step)


def _of(delivery: Delivery, part: Standing) -> sa.ColumnElement[bool]:
    return sa.and_(takedowns.c.delivery == delivery.id, takedowns.c.step == part.step.name)


def _named(part: Standing) -> str:
    return part.receipt.link or f"{part.step.name} ({part.receipt.id})"
