"""What a delivery has left behind: plan, attempts and receipts, as people's doings need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from karnay.delivery import rules
from karnay.delivery.rules import NOTHING_MADE
from karnay.delivery.states import State
from karnay.errors import NotPossible
from karnay.platforms.base import Effect
from karnay.secrets import redact
from karnay.store.rows import attempt_from
from karnay.store.tables import attempts, receipts, steps

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from karnay.delivery.delivery import Delivery


def has_published(connection: Connection, delivery_id: int) -> bool:
    """Whether one of its steps has a receipt."""
    query = sa.select(receipts.c.id).where(receipts.c.delivery == delivery_id).limit(1)
    return connection.scalar(query) is not None


def left_traces(connection: Connection, delivery_id: int) -> bool:
    """Whether something of the delivery is on the network, or may be."""
    doubtful = sa.select(attempts.c.id).where(
        attempts.c.delivery == delivery_id, attempts.c.outcome.not_in(NOTHING_MADE)
    )
    return connection.scalar(doubtful.limit(1)) is not None


def in_doubt(connection: Connection, delivery: Delivery) -> bool:
    """Whether a visible step of its plan may be on the network, and nobody knows."""
    got = sa.select(receipts.c.step).where(receipts.c.delivery == delivery.id)
    visible = sa.select(steps.c.name).where(
        steps.c.delivery == delivery.id, steps.c.effect != Effect.SAFE, steps.c.name.not_in(got)
    )
    tried = sa.select(attempts).where(
        attempts.c.delivery == delivery.id, attempts.c.step.in_(visible)
    )
    return rules.in_doubt(delivery, map(attempt_from, connection.execute(tried)))


def forget_plan(connection: Connection, delivery_id: int) -> None:
    """Let its steps be planned anew at its next claim."""
    connection.execute(sa.delete(steps).where(steps.c.delivery == delivery_id))


def keep_sighting(connection: Connection, delivery: Delivery, link: str, now: datetime) -> int:
    """Keep the link as the receipt of the step in doubt; how many steps are left after it.

    Raises NotPossible where nothing is in doubt.
    """
    got = sa.select(receipts.c.step).where(receipts.c.delivery == delivery.id)
    left = (
        sa.select(steps.c.name)
        .where(steps.c.delivery == delivery.id, steps.c.name.not_in(got))
        .order_by(steps.c.position)
    )
    names = list(connection.scalars(left))
    if delivery.state is not State.UNKNOWN or not names:
        raise NotPossible(f"delivery {delivery.id} is {delivery.state}: nothing is in doubt")
    values = {
        "delivery": delivery.id,
        "step": names[0],
        "remote_id": link.rstrip("/").rpartition("/")[2],
        "link": link,
        "data": {},
        "at": now,
    }
    connection.execute(sa.insert(receipts).values(values))
    return len(names) - 1


def end_attempts(
    connection: Connection, delivery: Delivery, now: datetime, *, outcome: str, detail: str
) -> None:
    """Write the other end of its attempts that have none."""
    open_ones = sa.update(attempts).where(
        attempts.c.delivery == delivery.id, attempts.c.ended_at.is_(None)
    )
    ended = {"ended_at": now, "outcome": outcome, "detail": redact(detail)}
    connection.execute(open_ones.values(ended))
