"""Quotas: how many requests are left in a window. They are counted and told, never enforced:
a rehearsal on a fast clock sends in a minute what a network gets in a month. Order the fault 429
to see what happens when one is used up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from karnay.clock import Clock
    from karnay.sandbox.http import Endpoint

Telling = "Callable[[Quota], Mapping[str, str]]"


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit, until the window ends at `reset` (aware UTC)."""

    limit: int
    remaining: int
    reset: datetime


class Quotas:
    """Counts requests in fixed windows of the sandbox's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._used: Counter[tuple[str, int]] = Counter()

    def spend(self, name: str, limit: int, window: timedelta) -> Quota:
        """Count one request on that name."""
        number = int(self.clock.now().timestamp() // window.total_seconds())
        self._used[name, number] += 1
        reset = datetime.fromtimestamp((number + 1) * window.total_seconds(), UTC)
        return Quota(limit, max(0, limit - self._used[name, number]), reset)
