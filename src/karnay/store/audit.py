"""The audit trail: who did what, when; only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.secrets import redact
from karnay.store.tables import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from karnay.delivery.delivery import Delivery

DAEMON = "karnay"
"""Who acts where no person does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail."""

    at: datetime
    who: str
    action: str
    delivery: int | None
    account: str | None
    detail: str


def line(
    now: datetime,
    action: str,
    *,
    delivery: Delivery | None = None,
    account: str | None = None,
    detail: str = "",
    who: str = DAEMON,
) -> dict[str, Any]:
    """The columns of a line; secrets in the detail are masked."""
    return {
        "at": now,
        "who": who,
        "action": str(action),
        "delivery": delivery and delivery.id,
        "account": delivery.account if delivery else account,
        "detail": redact(detail),
    }


def note(connection: Connection, now: datetime, action: str, **more: Any) -> None:
    """Add a line; `more` is as `line` takes it."""
    connection.execute(sa.insert(audit).values(line(now, action, **more)))


def entries(connection: Connection, delivery: int) -> list[Entry]:
    """All lines about one delivery, oldest first."""
    about = sa.select(audit).where(audit.c.delivery == delivery).order_by(audit.c.id)
    return [
        Entry(row.at, row.who, row.action, row.delivery, row.account, row.detail)
        for row in connection.execute(about)
    ]
