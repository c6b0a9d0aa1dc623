"""Where X finds addresses: also without `https://`, if the top-level domain is known."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from karnay.text.addresses import CYRILLIC, JAVASCRIPT, LATIN, domain_end, hosts, is_valid
from karnay.text.sizes import utf16_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.text.addresses import Host

_GENERAL = rf"[A-Za-z0-9{CYRILLIC}{LATIN}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PARENTHESES = rf"\((?:{_GENERAL}++|{_GENERAL}*+\({_GENERAL}++\){_GENERAL}*+)\)"
_SEGMENT = re.compile(rf"(?P<plain>{_GENERAL}++)|{_PARENTHESES}")
_NO_PATH_END = "!*';:,.$%[]\u2013~@|&"
_PORT = re.compile(r":[0-9]+")
_QUERY = re.compile(r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*")
_NO_QUERY_END = "!?*'@();:+$%[].,~|"
_UNFIT_BEFORE = frozenset("-_./")
_SHORT = re.compile(
    r"https?://t\.co/(?P<slug>[a-z0-9]+)"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_SLUG = 40
_ASCII_RUN = re.compile(f"[-A-Za-z0-9{LATIN}.]+")


class Address(NamedTuple):
    """`text[start:end]` is an address; what stands from `rest` on is counted by itself.

    That is its end, unless letters that are not Latin stand between the domain and the path:
    twitter-text leaves them out of the address, and passes over only as many units as are left.
    """

    start: int
    end: int
    rest: int


@lru_cache(maxsize=16)
def addresses(text: str) -> tuple[Address, ...]:
    """All addresses, in order; the last texts asked about are remembered."""
    return tuple(_addresses(text)) if "." in text else ()


def _addresses(text: str) -> Iterator[Address]:
    for host in hosts(text, lambda host: _end(text, host), JAVASCRIPT):
        end = _end(text, host)
        if is_valid(text, host, end) and not _falsely_encoded(text, host):
            yield from (
                _with_protocol(text, host, end) if host.has_protocol else _bare(text, host, end)
            )


def _falsely_encoded(text: str, host: Host) -> bool:
    """Whether a domain says that it is Punycode and has none of its letters only."""
    encoded = text.startswith("xn--", host.start)
    return encoded and next(_latin_domains(text, host), None) is None


def _end(text: str, host: Host) -> int:
    """Where port, path and query end."""
    port = _PORT.match(text, host.end)
    place = _path_end(text, port.end() if port else host.end)
    query = _QUERY.match(text, place)
    shown = query[0].rstrip(_NO_QUERY_END) if query else ""
    return place + len(shown)


def _path_end(text: str, place: int) -> int:
    if not text.startswith("/", place):
        return place
    return max(_path_ends(text, place + 1), default=place + 1)


def _path_ends(text: str, place: int) -> Iterator[int]:
    """Wherever a path may end: not at a sign of `_NO_PATH_END`, nor at a parenthesis after one."""
    loose = False
    while (segment := _SEGMENT.match(text, place)) is not None:
        place = segment.end()
        shown = len(segment[0].rstrip(_NO_PATH_END))
        if segment["plain"]:
            loose = shown < len(segment[0])
        if shown and not (loose and segment["plain"] is None):
            yield segment.start() + shown


def _with_protocol(text: str, host: Host, end: int) -> Iterator[Address]:
    """The address; of X's own short ones only what may belong to it."""
    short = _SHORT.match(text, host.address, end)
    if short is None:
        yield Address(host.address, end, end)
    elif len(short["slug"]) <= _LONGEST_SLUG:
        yield Address(host.address, short.end(), short.end())


def _bare(text: str, host: Host, end: int) -> Iterator[Address]:
    """Of a domain without a protocol the pieces in Latin letters; the last one has the path."""
    if host.before in _UNFIT_BEFORE:
        return
    pieces = [Address(start, stop, stop) for start, stop in _latin_domains(text, host)]
    if pieces and _has_path(text, host):
        pieces[-1] = _with_path(text, pieces[-1], host, end)
    yield from pieces


def _with_path(text: str, piece: Address, host: Host, end: int) -> Address:
    left_out = utf16_size(text[piece.end : host.end])
    return Address(piece.start, end, max(piece.end, end - left_out))


def _has_path(text: str, host: Host) -> bool:
    port = _PORT.match(text, host.end)
    return text.startswith("/", port.end() if port else host.end)


def _latin_domains(text: str, host: Host) -> Iterator[tuple[int, int]]:
    place = host.start
    while run := _ASCII_RUN.search(text, place, host.end):
        found = _first_domain(text, run.start(), run.end(), host.end)
        if found is None:
            place = run.end()
            continue
        yield found
        place = found[1]


def _first_domain(text: str, start: int, stop: int, limit: int) -> tuple[int, int] | None:
    """The first chain of labels in the run that leads to a top-level domain, as long as can be."""
    for chain in re.finditer(r"[^.]+(?:\.[^.]+)*\.?", text[start:stop]):
        begin = start + chain.start()
        dots = [start + chain.start() + dot.start() for dot in re.finditer(r"\.", chain[0])]
        ends = [end for dot in dots if 0 < (end := domain_end(text, dot + 1)) <= limit]
        if ends:
            return begin, ends[-1]
    return None
