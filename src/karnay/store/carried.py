"""Which files deliveries carry: those that are still needed, and those that are not any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.platforms.base import step_from_json
from karnay.store.tables import deliveries, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from karnay.platforms.base import Step
    from karnay.store.database import Database

_MAY_GO_OUT = (State.SCHEDULED, State.PUBLISHING, State.UNKNOWN, State.FAILED)
_OVER = (State.PUBLISHED, State.CANCELLED)
_AT_A_TIME = 500  # rows in memory


def needed(database: Database) -> set[str]:
    """The hashes of all files of deliveries that may still go out. Raises StoreError."""
    query = sa.select(deliveries.c.variant).where(deliveries.c.state.in_(_MAY_GO_OUT))
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=_AT_A_TIME).execute(query)
        return {name for (variant,) in rows for name in _hashes(variant)}


def settled(database: Database, since: datetime) -> Iterator[tuple[str, list[Step]]]:
    """The account and the steps of each delivery that was over after that moment."""
    query = (
        sa.select(deliveries.c.id, deliveries.c.account, steps.c.step)
        .join(steps, steps.c.delivery == deliveries.c.id)
        .where(deliveries.c.state.in_(_OVER), deliveries.c.updated_at >= since)
        .order_by(deliveries.c.id, steps.c.position)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    found: dict[int, tuple[str, list[Step]]] = {}
    for row in rows:
        found.setdefault(row.id, (row.account, []))[1].append(step_from_json(row.step))
    yield from found.values()


def _hashes(variant: Mapping[str, Any]) -> Iterator[str]:
    for part in variant["parts"]:
        yield from (item["hash"] for item in part["media"])
        card = part["card"] or {}
        if card.get("thumbnail"):
            yield card["thumbnail"]["hash"]
