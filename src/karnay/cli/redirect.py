"""Where a browser comes back to after a log-in: one request on the loopback, then nothing listens.

https://www.rfc-editor.org/rfc/rfc8252#section-7.3
"""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Self

from karnay.errors import NotPossible
from karnay.serving import LOOPBACK

if TYPE_CHECKING:
    from types import TracebackType

PATH = "/karnay"
"""Browsers also ask for icons: only what comes here ends the waiting."""

_PAGE = (
    b"<!doctype html><meta charset=utf-8><title>karnay</title>"
    b"<p>karnay has the answer. Close this window, and go on in the terminal."
)
_SLOW = 5.0  # seconds for a request to come in whole


class Redirect:
    """Listens from the beginning: `with Redirect(port) as redirect: ... redirect.wait(...)`.

    `port=0` takes any free one. Raises NotPossible where it cannot listen.
    """

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server((LOOPBACK, port), _Handler)
        except OSError as error:
            raise NotPossible(
                f"cannot listen on {LOOPBACK}:{port}: {error.strerror}. Choose another --port."
            ) from None
        self.address = f"http://{LOOPBACK}:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        """It listens already."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Listen no more."""
        self._server.server_close()

    def wait(self, seconds: float) -> str:
        """The address that the browser ended on. Raises NotPossible when none came in time."""
        end = time.monotonic() + seconds
        while self._server.came is None:
            self._server.timeout = end - time.monotonic()
            if self._server.timeout <= 0:
                raise NotPossible("nobody came back from the network in time: begin again")
            self._server.handle_request()
        origin, _, _ = self.address.partition(PATH)
        return f"{origin}{self._server.came}"


class _Server(HTTPServer):
    came: str | None = None  # path and query


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SLOW

    def do_GET(self) -> None:
        """Take what comes to our path, and nothing else."""
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        self.server.came = self.path
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE)

    def version_string(self) -> str:
        """No word about what we are made of."""
        return "karnay"

    def log_message(self, *_: object) -> None:
        """Nothing: the code is in the path."""
