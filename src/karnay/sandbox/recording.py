"""Recording: every API request is kept in order, whole, with its secrets masked."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from karnay.sandbox.networks import networks
from karnay.sandbox.world import Recorded

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from karnay.sandbox.world import World

MASK = "•••"
_LARGEST_BODY = 100_000  # bytes that are kept; of what is larger, or no text, length and hash


@cache
def _endpoints() -> re.Pattern[str]:
    known = networks().values()
    return re.compile("|".join(f"/({network.name})/(?:{network.endpoints})" for network in known))


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile("|".join(one.token for one in networks().values() if one.token))


class Recording:
    """ASGI middleware that reads each API request, keeps it, and passes it on unchanged."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        platform = _platform(scope)
        if not platform:
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        number = self.world.recorder.add(self._recorded(scope, platform, body))
        await self.app(scope, _again(body, receive), self._noting(number, send))

    def _recorded(self, scope: Scope, platform: str, body: bytes) -> Recorded:
        return Recorded(
            platform=platform,
            method=scope["method"],
            path=_path(scope),
            headers={
                name.decode("latin-1"): _masked(name, value) for name, value in scope["headers"]
            },
            body=readable(body),
            received_at=self.world.clock.now(),
        )

    def _noting(self, number: int, send: Send) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.world.recorder.answered(number, message["status"])
            await send(message)

        return noting


def readable(body: bytes) -> str:
    """A text as it is; of a file, or of very much text, the length and the hash."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if len(body) <= _LARGEST_BODY and (text or not body):
        return text
    return f"<{len(body):,} bytes, sha256 {hashlib.sha256(body).hexdigest()}>"


def _platform(scope: Scope) -> str:
    found = _endpoints().match(scope["path"]) if scope["type"] == "http" else None
    return next(filter(None, found.groups())) if found else ""


def _path(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1") + ("?" + query if query else "")
    return _tokens().sub(MASK, path)


def _masked(name: bytes, value: bytes) -> str:
    text = value.decode("latin-1")
    return f"{text.partition(' ')[0]} {MASK}" if name == b"authorization" else text


async def _whole(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return unread.pop() if unread else await receive()

    return read
