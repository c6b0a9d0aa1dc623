"""The sandbox as a server: in a thread beside a test or a demo, or alone until Ctrl-C."""

from __future__ import annotations

import contextlib
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from karnay.clock import SystemClock
from karnay.errors import NotPossible
from karnay.sandbox.app import application
from karnay.sandbox.faults import Fault, Kind
from karnay.sandbox.world import PLATFORMS, Published, Recorded, World

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType

    from karnay.clock import Clock

LOOPBACK = "127.0.0.1"
_STARTS_WITHIN = 10.0  # seconds; it takes a few hundredths


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with the way to cut the connection put into each request's state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember how to cut this very connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut": transport.abort}


class Sandbox:
    """The sandbox in a daemon thread: `with Sandbox() as sandbox: ... sandbox.url`.

    `port=0` takes any free one. Raises NotPossible where the port is taken.
    """

    def __init__(self, port: int = 0, clock: Clock | None = None, host: str = LOOPBACK) -> None:
        self.world = World(clock or SystemClock())
        self._listener = _listener(host, port)
        self._server = _server(self.world)
        self._thread = Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listener]},
            name="karnay-sandbox",
            daemon=True,
        )
        self.url = _url(self._listener)

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise NotPossible("the sandbox did not start")
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

    def published(self, platform: str | None = None) -> list[Published]:
        """What is public, on that platform or on all, oldest first."""
        return self.world.ledger.all(platform)

    def threads(self, platform: str | None = None) -> list[list[Published]]:
        """The same, each post with the replies to it behind it."""
        return self.world.ledger.threads(platform)

    def requests(self, platform: str | None = None) -> list[Recorded]:
        """Every API request, in the order of arrival."""
        return self.world.recorder.all(platform)

    def fault(self, platform: str, kind: str, times: int | None = 1, seconds: float = 0) -> None:
        """Let the next `times` publishing requests go wrong; None: all, until `heal`.

        `kind` is one of `faults.Kind`. Raises ValueError for another.
        """
        if platform not in PLATFORMS:
            raise ValueError(f"no such platform: {platform}")
        self.world.faults.put(platform, Fault(Kind(kind), times, seconds))

    def heal(self, platform: str | None = None) -> None:
        """Nothing goes wrong any more."""
        self.world.faults.heal(platform)


def serve(
    host: str = LOOPBACK,
    port: int = 0,
    *,
    clock: Clock | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Answer until Ctrl-C; `ready` is told the URL first. Raises NotPossible: the port is taken."""
    listener = _listener(host, port)
    server = _server(World(clock or SystemClock()))
    if ready is not None:
        ready(_url(listener))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _server(world: World) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application(world),
            http=CuttableProtocol,
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
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)  # connections that come before the loop runs wait here
    except OSError as error:
        listener.close()
        raise NotPossible(
            f"the sandbox cannot listen on {host}:{port}: {error.strerror}. Choose another port."
        ) from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
