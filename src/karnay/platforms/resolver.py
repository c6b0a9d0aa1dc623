"""Names of servers to addresses, once for all threads.

Hundreds of posts to one network that are due in the same second would else ask for its address
hundreds of times in that second.
"""

from __future__ import annotations

import socket
import time
from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING

import httpcore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import httpx

KEPT_FOR = 60.0
"""Seconds; networks move between addresses within minutes, and a failed connection asks anew."""


class Resolver:
    """Remembers addresses for a while; `lookup` and `monotonic` are seams for tests."""

    def __init__(
        self,
        lookup: Callable[[str, int], Sequence[str]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup or _looked_up
        self._monotonic = monotonic
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._known: dict[str, tuple[float, Sequence[str]]] = {}

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The host's addresses in the system's order. Raises OSError where there are none."""
        with self._locks[host]:  # whoever comes second waits for the first one's answer
            asked_at, known = self._known.get(host, (0.0, ()))
            if not known or self._monotonic() - asked_at >= KEPT_FOR:
                known = self._lookup(host, port)
                self._known[host] = (self._monotonic(), known)
            return known

    def forget(self, host: str) -> None:
        """Ask anew next time: its addresses did not answer."""
        self._known.pop(host, None)


class Backend(httpcore.SyncBackend):
    """Connects by way of a resolver."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers. Raises ConnectError, ConnectTimeout."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        self._resolver.forget(host)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return self._resolver.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


def resolve_with(client: httpx.Client, resolver: Resolver) -> None:
    """Have the client's own connections resolve that way; a proxy resolves for itself."""
    pool = getattr(client._transport, "_pool", None)  # httpx has no other way to hand it in
    if isinstance(pool, httpcore.ConnectionPool):
        pool._network_backend = Backend(resolver)


def _looked_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


SHARED = Resolver()
"""The process's own."""
