"""`/metrics` and `/healthz` over HTTP, beside a running daemon."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.engine.metrics import exposition, register
from karnay.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.requests import Request

    from karnay.engine.checkup import Checkup
    from karnay.engine.health import Health

LOOPBACK = "127.0.0.1"
ANSWERS_WITHIN = 8.0
"""Seconds that the database may take; then it counts as not to be used."""

_STARTS_WITHIN = 10.0  # seconds; it takes a few hundredths
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


class Monitor:
    """Answers in a thread: `with Monitor(checkup, host, port) as monitor: ... monitor.url`.

    `port=0` takes any free one. Raises NotPossible where it cannot listen there.
    """

    def __init__(self, checkup: Checkup, host: str = LOOPBACK, port: int = 0) -> None:
        register(checkup)
        self._listener = _listener(host, port)
        self._server = _server(_application(checkup))
        self._thread = Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listener]},
            name="monitor",
            daemon=True,
        )
        bound, number = self._listener.getsockname()[:2]
        self.url = f"http://[{bound}]:{number}" if ":" in bound else f"http://{bound}:{number}"

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise NotPossible("the monitor did not start")
            time.sleep(0.002)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stop, whatever is still being answered."""
        self._server.should_exit = True
        self._thread.join(timeout=_STARTS_WITHIN)


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


def _server(application: Starlette) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="critical",
            timeout_graceful_shutdown=0,
        )
    )


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)  # connections that come before the loop runs wait here
    except OSError as error:
        listener.close()
        raise NotPossible(
            f"the monitor cannot listen on {host}:{port}: {error.strerror}. Choose another port."
        ) from None
    return listener
