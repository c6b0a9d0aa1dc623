"""`/metrics` and `/healthz` over HTTP, beside a running daemon."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.engine.metrics import exposition, register
from karnay.serving import LOOPBACK, Served, listener

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from karnay.engine.checkup import Checkup
    from karnay.engine.health import Health

ANSWERS_WITHIN = 8.0
"""Seconds that the database may take; then it counts as not to be used."""

_ADDRESS = re.compile(r"(?:(?P<host>[^:\[\]]*|\[[^\]]+\]):)?(?P<port>\d{1,5})")
_SILENT = {
    "status": "unhealthy",
    "needs_a_person": False,
    "checks": [{"check": "database", "state": "bad", "says": "it does not answer"}],
}


def parsed(address: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, `[IPV6]:PORT` or `PORT`, which is on the loopback.

    Raises ValueError, in words.
    """
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or int(found["port"]) > 65535:
        raise ValueError(f'"{address}" is no address such as {LOOPBACK}:9477')
    return (found["host"] or LOOPBACK).strip("[]"), int(found["port"])


class Monitor(Served):
    """Answers in a thread: `with Monitor(checkup, host, port) as monitor: ... monitor.url`.

    `port=0` takes any free one. Raises NotPossible where it cannot listen there.
    """

    def __init__(self, checkup: Checkup, host: str = LOOPBACK, port: int = 0) -> None:
        register(checkup)
        super().__init__("monitor", _application(checkup), listener("monitor", host, port))


def _application(checkup: Checkup) -> Starlette:
    async def healthz(_request: Request) -> Response:
        health = await _in_time(checkup.health)
        if health is None:
            return _uncached(JSONResponse(_SILENT, 503))
        return _uncached(JSONResponse(health.as_json(), 200 if health.healthy else 503))

    def metrics(request: Request) -> Response:
        accept = request.headers.get("accept", "")
        content, content_type = exposition(checkup.vitals.registry, accept)
        return _uncached(Response(content, media_type=content_type))

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])


async def _in_time(examine: Callable[[], Health]) -> Health | None:
    try:
        return await asyncio.wait_for(asyncio.to_thread(examine), ANSWERS_WITHIN)
    except TimeoutError:
        return None


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
