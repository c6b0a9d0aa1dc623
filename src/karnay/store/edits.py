"""What published deliveries were changed to say, beside the wording that went out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.rendering.variant import variant_from_json
from karnay.store.audit import note
from karnay.store.tables import edits, receipts
from karnay.store.takedowns import require_none

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Receipt
    from karnay.rendering.variant import Variant
    from karnay.store.database import Database
    from karnay.store.takedowns import Standing


class Edits:
    """What people change; `who` is written beside it, and into the audit trail."""

    def __init__(self, database: Database, who: str) -> None:
        self._database = database
        self._who = who

    def wording(self, delivery: Delivery) -> Variant:
        """What the delivery says by now, or was last meant to say."""
        last = self._last(delivery)
        return variant_from_json(last.variant) if last else delivery.order.variant

    def is_whole(self, delivery: Delivery) -> bool:
        """Whether all of its parts are known to say that."""
        last = self._last(delivery)
        return last is None or last.ended_at is not None

    def begin(self, delivery: Delivery, variant: Variant, now: datetime) -> None:
        """Write down that its parts are about to be changed.

        Raises NotPossible where something of it was taken down meanwhile.
        """
        row = {"delivery": delivery.id, "variant": variant.as_json(), "hash": variant.hash}
        with self._database.writing() as connection:
            require_none(connection, delivery)
            connection.execute(sa.insert(edits).values(**row, who=self._who, began_at=now))

    def keep(self, delivery: Delivery, part: Standing, receipt: Receipt) -> None:
        """Write down what the network gave back for a part that was changed."""
        its_own = sa.and_(receipts.c.delivery == delivery.id, receipts.c.step == part.step.name)
        values = {"remote_id": receipt.id, "link": receipt.link, "data": dict(receipt.data)}
        with self._database.writing() as connection:
            connection.execute(sa.update(receipts).where(its_own).values(values))

    def refuse(self, delivery: Delivery, part: Standing, now: datetime, why: str) -> None:
        """Write down that the part says what it said before, for all that is known."""
        detail = f"{part.receipt.link or part.step.name}: {why}"
        with self._database.writing() as connection:
            note(connection, now, "not edited", delivery=delivery, who=self._who, detail=detail)

    def end(self, delivery: Delivery, variant: Variant, now: datetime) -> None:
        """Write down that all parts of the delivery say so now."""
        open_ones = sa.update(edits).where(
            edits.c.delivery == delivery.id, edits.c.hash == variant.hash
        )
        ended = open_ones.where(edits.c.ended_at.is_(None)).values(ended_at=now)
        with self._database.writing() as connection:
            connection.execute(ended)
            detail = f"text {variant.hash[:8]}"
            note(connection, now, "edited", delivery=delivery, who=self._who, detail=detail)

    def _last(self, delivery: Delivery) -> sa.Row[Any] | None:
        query = sa.select(edits).where(edits.c.delivery == delivery.id)
        with self._database.reading() as connection:
            return connection.execute(query.order_by(edits.c.id.desc()).limit(1)).one_or_none()
