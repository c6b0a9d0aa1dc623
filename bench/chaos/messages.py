"""HTTP/1.1 as the line reads and passes it: whole requests in, whole answers out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import cached_property

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection: *[\w-]+", re.IGNORECASE)
_HEAD_ENDS = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request, byte for byte."""

    head: bytes
    body: bytes

    @cached_property
    def text(self) -> str:
        """All of it, to look for words in."""
        return (self.head + self.body).decode(errors="replace")

    @cached_property
    def line(self) -> str:
        """Method, path and query; a bot's token is left out."""
        first = self.text.partition("\r\n")[0].rpartition(" ")[0]
        return re.sub(r"/bot[^/]+", "/bot", first)

    @property
    def platform(self) -> str:
        """The network that it is for."""
        return self.line.partition(" /")[2].partition("/")[0]

    @property
    def publishes(self) -> bool:
        """Whether it would make something public."""
        return self.line.startswith("POST") and "announcement" in self.text

    def header(self, name: str) -> str:
        """The value of that header, or empty."""
        found = re.search(rf"\r\n{name}: *([^\r\n]*)", self.text, re.IGNORECASE)
        return found[1] if found else ""

    def without(self, header: str) -> Request:
        """The same request without that header."""
        pattern = rb"\r\n" + header.encode() + rb": *[^\r\n]*"
        return Request(re.sub(pattern, b"", self.head, flags=re.IGNORECASE), self.body)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request on a connection; None where the other end has nothing more to say."""
    try:
        head = await reader.readuntil(_HEAD_ENDS)
        found = _LENGTH.search(head)
        return Request(head, await reader.readexactly(int(found[1]) if found else 0))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def ask(request: Request, host: str, port: int) -> bytes:
    """Have the server at that address answer, on a connection of its own; the whole answer."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        head = _CONNECTION.sub(b"", request.head).removesuffix(b"\r\n")
        writer.write(head + b"connection: close\r\n\r\n" + request.body)
        await writer.drain()
        return _CONNECTION.sub(b"", await reader.read(), count=1)
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status of a whole answer."""
    return int(answer[9:12])


def answer(status: int, body: bytes, kind: str = "application/json", **headers: str) -> bytes:
    """A whole answer; an underscore in a header's name stands for a hyphen."""
    told = {"content-type": kind, "content-length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Chaos\r\n{lines}\r\n".encode() + body
