"""Quotas: how many requests are left in a window, told in headers and never enforced.

A rehearsal on a fast clock sends in a minute what a network gets in a month; the fault `429` shows
what happens when a quota is used up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from karnay.clock import Clock
    from karnay.sandbox.http import Endpoint


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window, for each token."""

    name: str
    requests: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit, until the window ends at `reset` (aware UTC)."""

    limit: int
    remaining: int
    reset: datetime


Headers = Callable[[Quota], Mapping[str, str]]
"""How a network tells a quota."""


class Quotas:
    """Counts requests in fixed windows of the sandbox's clock."""

    def __init__(self, clock: Clock, headers: Headers) -> None:
        self._clock = clock
        self._headers = headers
        self._used: Counter[tuple[str, str, int]] = Counter()

    def told(self, limit: Limit, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with what is left of the limit in the headers of each answer."""

        async def answer(request: Request) -> Response:
            quota = self._spend(limit, request.headers.get("authorization", ""))
            response = await endpoint(request)
            response.headers.update(self._headers(quota))
            return response

        return answer

    def _spend(self, limit: Limit, token: str) -> Quota:
        seconds = limit.window.total_seconds()
        number = int(self._clock.now().timestamp() // seconds)
        self._used[limit.name, token, number] += 1
        remaining = max(0, limit.requests - self._used[limit.name, token, number])
        return Quota(limit.requests, remaining, datetime.fromtimestamp((number + 1) * seconds, UTC))
