"""Where a fetch may go: to public addresses, on the web's ports, and not for long.

A name is looked up once and the very address that was judged is connected to, so that no second
answer of a name server can lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence

WEB_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Stands for IPv4 addresses on networks without them: RFC 6052, section 2.1."""


class Unreachable(Exception):
    """Why nothing was fetched, in words that follow the address."""


class Deadline:
    """Seconds for everything together, counted from when it is made."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises Unreachable where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(f"does not answer within {self._seconds:g} seconds")
        return left


def is_public(address: str) -> bool:
    """Whether the address is one of the open Internet, and no way into the house.

    Neither private, loopback, link-local, shared by a provider (CGNAT), multicast nor reserved,
    nor one of these in the clothes of IPv6.
    """
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped or number.sixtofour or number.teredo:
            return False
        if number in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)))
    return number.is_global and not number.is_multicast


def _looked_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to; tests let themselves in through `permits`, `ports` and `lookup`."""

    permits: Callable[[str], bool] = is_public
    ports: frozenset[int] = WEB_PORTS
    lookup: Callable[[str, int], Sequence[str]] = _looked_up

    def addresses(self, host: str, port: int, deadline: Deadline) -> list[str]:
        """Those of the host's addresses that may be connected to. Raises Unreachable."""
        if port not in self.ports:
            raise Unreachable(f"is on port {port}: only the web's own ports are fetched from")
        known = _in_time(lambda: self.lookup(host, port), deadline)
        allowed = [address for address in known if self.permits(address)]
        if not allowed:
            raise Unreachable("leads into a private network: nothing is fetched from there")
        return allowed


def _in_time(lookup: Callable[[], Sequence[str]], deadline: Deadline) -> Sequence[str]:
    """What a look-up finds; the system's own has no time-out, so that a thread waits for it."""
    found: list[Sequence[str]] = []

    def look() -> None:
        try:
            found.append(lookup())
        except OSError:
            found.append(())

    waiting = Thread(target=look, daemon=True, name="looks up a card's host")
    waiting.start()
    waiting.join(deadline.left())
    deadline.left()
    if not found or not found[0]:
        raise Unreachable("is on a host that nobody knows")
    return found[0]


class Backend(httpcore.NetworkBackend):
    """Connects within reach, and before the deadline."""

    def __init__(self, reach: Reach, deadline: Deadline) -> None:
        self._reach, self._deadline = reach, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline's business
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first permitted address that answers. Raises Unreachable."""
        for address in self._reach.addresses(host, port, self._deadline):
            try:
                left = self._deadline.left()
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
                return TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise Unreachable("cannot be reached")


class TimedStream(httpcore.NetworkStream):
    """A connection on which nothing, however slowly it drips, outlasts the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Some bytes; empty at the end."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send them all."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """The same connection, secured."""
        left = self._deadline.left()
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know of the socket."""
        return self._stream.get_extra_info(info)
