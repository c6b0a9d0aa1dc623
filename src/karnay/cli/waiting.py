"""Which accounts send nothing just now though something is due, and what they wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.newsroom import Newsroom


def waiting(room: Newsroom, scheduled: Iterable[Delivery]) -> dict[str, str]:
    """The reason by account: a budget, the network's own request to wait, or its least gap."""
    now, states = room.clock.now(), room.account_states()
    quiet = {
        name: state.quiet_until
        for name, state in states.items()
        if state.quiet_until and state.quiet_until > now and not state.paused
    }
    due = [one for one in scheduled if one.due_at <= now and not one.held]
    in_turn = sorted(due, key=lambda one: (one.order.planned_at, one.id), reverse=True)
    heads = {one.account: one for one in in_turn if one.account in quiet}
    return {name: _reason(room, heads[name], quiet[name]) for name in sorted(heads)}


def _reason(room: Newsroom, head: Delivery, until: datetime) -> str:
    from karnay.cli.deliveries import local, zone_of

    if head.error.startswith("budget: "):  # which says itself until when, and is asked sooner
        return head.error
    why = head.error or "its least gap"
    return f"{why}; goes on at {local(until, zone_of(room, head))}"
