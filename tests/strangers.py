"""What strangers serve: a web server on an address that stands for the open Internet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from karnay.cards.reach import Reach, is_public

OUTSIDE = "127.0.0.2"
"""Where the server listens; for the tests it counts as public, as 127.0.0.1 never does."""

Serve = Callable[[BaseHTTPRequestHandler], None]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve what the test has put there."""
        site = self.server
        assert isinstance(site, Server)
        site.asked.append(self.path)
        with contextlib.suppress(OSError):  # whoever is fed too much hangs up
            site.pages[self.path](self) if self.path in site.pages else self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((OUTSIDE, 0), _Handler)
        self.pages: dict[str, Serve] = {}
        self.asked: list[str] = []


@dataclass
class Site:
    """What strangers serve: `site.pages["/"] = page(...)`."""

    server: Server
    pages: dict[str, Serve] = field(init=False)

    def __post_init__(self) -> None:
        self.pages = self.server.pages

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return self.server.asked

    def url(self, path: str = "/", host: str = OUTSIDE) -> str:
        """The address of a path."""
        return f"http://{host}:{self.server.server_port}{path}"

    @property
    def reach(self) -> Reach:
        """A reach that includes this site, and nothing else that it would not include."""
        ports = frozenset({self.server.server_port})
        return Reach(permits=lambda one: one == OUTSIDE or is_public(one), ports=ports)


def served(content: bytes, type_: str = "text/html", status: int = 200, **headers: str) -> Serve:
    """An answer with this content."""

    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": type_, **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return serve
