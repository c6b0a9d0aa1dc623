"""The sandbox as a server: in a thread beside a test or a demo, or alone until Ctrl-C."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from karnay.clock import SystemClock
from karnay.sandbox.app import application
from karnay.sandbox.faults import Fault, Kind
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.world import Published, Recorded, World
from karnay.serving import LOOPBACK, Served, listener, server, url_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from karnay.clock import Clock

NAME = "sandbox"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with the way to cut the connection put into each request's state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember how to cut this very connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut": transport.abort}


class Sandbox(Served):
    """The sandbox in a daemon thread: `with Sandbox() as sandbox: ... sandbox.url`.

    `port=0` takes any free one. Raises NotPossible where the port is taken.
    """

    def __init__(self, port: int = 0, clock: Clock | None = None, host: str = LOOPBACK) -> None:
        self.world = World(clock or SystemClock())
        listening = listener(NAME, host, port)
        super().__init__(NAME, application(self.world), listening, CuttableProtocol)

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
    listening = listener(NAME, host, port)
    answering = server(application(World(clock or SystemClock())), CuttableProtocol)
    if ready is not None:
        ready(url_of(listening))
    with contextlib.suppress(KeyboardInterrupt):
        answering.run(sockets=[listening])
