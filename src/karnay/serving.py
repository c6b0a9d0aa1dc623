"""A small HTTP server beside the work: its socket, its settings, and its life in a thread."""

from __future__ import annotations

import socket
import time
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, Self

import uvicorn

from karnay.errors import NotPossible

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

    Http = Literal["h11"] | type[asyncio.Protocol]

LOOPBACK = "127.0.0.1"

_STARTS_WITHIN = 10.0  # seconds; it takes a few hundredths
_BACKLOG = 2048  # connections that come before the loop runs wait there


class Served:
    """An ASGI application that answers in a daemon thread: `with Served(...) as it: ... it.url`.

    `name` is what it calls itself in errors and as a thread. Raises NotPossible where it does not
    start.
    """

    def __init__(
        self, name: str, application: Any, listening: socket.socket, http: Http = "h11"
    ) -> None:
        self.url = url_of(listening)
        self._name = name
        self._server = server(application, http)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name=name, daemon=True
        )

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise NotPossible(f"the {self._name} did not start")
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


def listener(name: str, host: str = LOOPBACK, port: int = 0) -> socket.socket:
    """A socket that takes connections there; port 0 is any free one. Raises NotPossible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise NotPossible(
            f"the {name} cannot listen on {host}:{port}: {error.strerror}. Choose another port."
        ) from None
    return listening


def url_of(listening: socket.socket) -> str:
    """Where the socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(application: Any, http: Http = "h11") -> uvicorn.Server:
    """A server that says nothing of itself, and logs nothing."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http=http,
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
