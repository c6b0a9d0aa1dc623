"""Small builders: each spells out only what a test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from karnay.delivery.delivery import Delivery, Order
from karnay.delivery.states import State
from karnay.rendering.variant import Part, Variant
from karnay.text.richtext import RichText

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_variant(*texts: str, account: str = "telegram", platform: str = "telegram") -> Variant:
    """A variant with these parts (one, if none is named)."""
    parts = tuple(Part(RichText(text)) for text in texts or ("Open day on Saturday.",))
    return Variant(account, platform, "en", "default/default.md.j2", parts)


def an_order(*texts: str, account: str = "telegram", post: str = "open-day", **terms: Any) -> Order:
    """An order for that variant, planned for noon."""
    platform = terms.pop("platform", "telegram")
    variant = a_variant(*texts, account=account, platform=platform)
    return Order(post, variant, **{"planned_at": NOON, **terms})


def a_delivery(state: State = State.PUBLISHING, **changes: Any) -> Delivery:
    """A delivery in that state."""
    return replace(Delivery(1, an_order(), state, NOON), **changes)
