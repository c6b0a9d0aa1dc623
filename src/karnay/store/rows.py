"""Between the rows of the database and the values that the rest of karnay speaks of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.content.post import Late
from karnay.delivery.delivery import Attempt, Delivery, Order
from karnay.delivery.states import State
from karnay.platforms.base import Receipt
from karnay.rendering.variant import variant_from_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Row


def delivery_from(row: Row[Any]) -> Delivery:
    """The delivery that a row of `deliveries` holds."""
    return Delivery(
        id=row.id,
        order=order_from(row),
        state=State(row.state),
        due_at=row.due_at,
        tries=row.tries,
        fence=row.fence,
        held=row.held,
        error=row.error,
        looks=row.looks,
        blind_looks=row.blind_looks,
        clear_fence=row.clear_fence,
        look_at=row.look_at,
        claimed_by=row.claimed_by,
        updated_at=row.updated_at,
    )


def order_from(row: Row[Any]) -> Order:
    """What was asked for, as a row of `deliveries` holds it."""
    return Order(
        post=row.post,
        variant=variant_from_json(row.variant),
        planned_at=row.planned_at,
        expires_at=row.expires_at,
        late=Late(row.late),
        max_late=timedelta(seconds=row.max_late),
        occurrence=row.occurrence,
        bears_at=row.bears_at,
    )


def columns_of(order: Order, now: datetime) -> dict[str, Any]:
    """The columns of a fresh, scheduled delivery."""
    return {
        "post": order.post,
        "account": order.variant.account,
        "platform": order.variant.platform,
        "occurrence": order.occurrence,
        "state": State.SCHEDULED,
        "planned_at": order.planned_at,
        "due_at": order.planned_at,
        "bears_at": order.bears_at,
        "expires_at": order.expires_at,
        "late": order.late,
        "max_late": int(order.max_late.total_seconds()),
        "variant": order.variant.as_json(),
        "hash": order.variant.hash,
        "updated_at": now,
        **FRESH,
    }


FRESH: dict[str, Any] = {
    "tries": 0,
    "held": "",
    "error": "",
    "looks": 0,
    "blind_looks": 0,
    "look_at": None,
    "claimed_by": "",
    "claimed_until": None,
}
"""What a delivery has behind it when it has nothing behind it."""


def attempt_from(row: Row[Any]) -> Attempt:
    """The attempt that a row of `attempts` holds."""
    return Attempt(
        delivery=row.delivery,
        step=row.step,
        began_at=row.began_at,
        number=row.number,
        fence=row.fence,
        ended_at=row.ended_at,
        outcome=row.outcome,
        detail=row.detail,
    )


def receipt_from(row: Row[Any]) -> Receipt:
    """The receipt that a row of `receipts` holds."""
    return Receipt(row.remote_id, row.link, row.data)
