"""Fetches from addresses that nobody has checked: little, briefly, and from the open web only."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx

from karnay import __version__
from karnay.cards.reach import Backend, Deadline, Reach, Unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping

SECONDS = 10.0
"""For a page and its picture together."""

REDIRECTS = 3
"""Times that an answer may point elsewhere."""

_MOVED = (301, 302, 303, 307, 308)
_HEADERS = (
    (b"User-Agent", f"karnay/{__version__} (link card)".encode()),
    (b"Accept-Encoding", b"identity"),
    (b"Connection", b"close"),
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address held: where it was found at last, its type as told, and its beginning."""

    address: str
    type: str
    content: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches within `reach`; no cookies, no proxy, no credentials."""

    reach: Reach = field(default_factory=Reach)

    def fetched(self, address: str, *, accept: str, most: int, deadline: Deadline) -> Fetched:
        """The first `most` bytes of what is there, redirects followed. Raises Unreachable."""
        with _in_words(), contextlib.closing(self._pool(deadline)) as pool:
            for _ in range(REDIRECTS + 1):
                found = _asked(pool, _web(address), accept, most)
                if isinstance(found, Fetched):
                    return found
                address = found
        raise Unreachable("points from address to address without end")

    def _pool(self, deadline: Deadline) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=Backend(self.reach, deadline)
        )


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _web(address: str) -> httpx.URL:
    """The address, if it is one that we fetch from. Raises Unreachable."""
    url = httpx.URL(address)
    if url.scheme not in ("http", "https") or not url.host:
        raise Unreachable("is no web address")
    if url.userinfo:
        raise Unreachable("holds a user's name: nothing is fetched with it")
    return url


def _asked(pool: httpcore.ConnectionPool, url: httpx.URL, accept: str, most: int) -> Fetched | str:
    """What is there, or the next address."""
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    with pool.stream("GET", target, headers=[*_HEADERS, (b"Accept", accept.encode())]) as answer:
        headers = _read(answer.headers)
        if answer.status in _MOVED and headers.get("location"):
            return str(url.join(headers["location"]))
        if answer.status != 200:
            raise Unreachable(f"answers {answer.status}")
        content = _at_most(most, _unpacked(answer.iter_stream(), headers, most))
        kind = headers.get("content-type", "")
        return Fetched(str(url), kind, content[:most], len(content) <= most)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _at_most(most: int, pieces: Iterator[bytes]) -> bytes:
    """The content, or little more than `most` bytes of it."""
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > most:
            break
    return bytes(content)


def _unpacked(pieces: Iterator[bytes], headers: Mapping[str, str], most: int) -> Iterator[bytes]:
    """The pieces as they are meant; no piece grows beyond what is wanted of it."""
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing == "identity":
        yield from pieces
        return
    if packing not in _PACKINGS:
        raise Unreachable(f'answers packed as "{packing[:20]}", unasked')
    unpacking = _PACKINGS[packing]()
    for piece in pieces:
        yield unpacking.decompress(piece, most + 1)


_PACKINGS: Mapping[str, Callable[[], zlib._Decompress]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "deflate": zlib.decompressobj,
}


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Whatever goes wrong on the way is Unreachable."""
    try:
        yield
    except Unreachable:
        raise
    except httpcore.TimeoutException:
        raise Unreachable("does not answer in time") from None
    except (httpcore.NetworkError, OSError):
        raise Unreachable("breaks off, or has no secure connection") from None
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Unreachable("is no web address") from None
    except Exception as error:  # noqa: BLE001 - a stranger's answer may be anything
        raise Unreachable(f"answers nonsense ({type(error).__name__})") from None
