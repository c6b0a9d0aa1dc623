"""Where X finds addresses: also without `https://`, if the top-level domain is known."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from karnay.text.addresses import CYRILLIC, LATIN, domain_end, hosts, is_valid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.text.addresses import Host

_GENERAL = rf"[A-Za-z0-9{CYRILLIC}{LATIN}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PARENTHESES = rf"\((?:{_GENERAL}++|{_GENERAL}*+\({_GENERAL}++\){_GENERAL}*+)\)"
_PATH = re.compile(rf"/(?:{_GENERAL}++|{_PARENTHESES})*+")
_LAST_GROUP = re.compile(rf"{_PARENTHESES}\Z")
_NO_PATH_END = "!*';:,.$%[]\u2013~@|&"
_PORT = re.compile(r":[0-9]+")
_QUERY = re.compile(r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*")
_NO_QUERY_END = "!?*'@();:+$%[].,~|"
_UNFIT_BEFORE = "-_./"
_SHORT = re.compile(
    r"https?://t\.co/(?P<slug>[a-z0-9]+)"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_SLUG = 40
_ASCII_RUN = re.compile(f"[-A-Za-z0-9{LATIN}.]+")


@lru_cache(maxsize=16)
def addresses(text: str) -> tuple[tuple[int, int], ...]:
    """Where each address begins and ends, in order; the last texts asked about are remembered."""
    return tuple(_addresses(text)) if "." in text else ()


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for host in hosts(text, lambda host: _end(text, host)):
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
    path = _PATH.match(text, place)
    return place + max(1, len(_without_loose_end(path[0]))) if path else place


def _without_loose_end(path: str) -> str:
    """The path without the signs that may not end it, nor a group in parentheses after one."""
    path = path.rstrip(_NO_PATH_END)
    while (group := _LAST_GROUP.search(path)) and path[group.start() - 1] in _NO_PATH_END:
        path = path[: group.start()].rstrip(_NO_PATH_END)
    return path


def _with_protocol(text: str, host: Host, end: int) -> Iterator[tuple[int, int]]:
    """The address; of X's own short ones only what may belong to it."""
    short = _SHORT.match(text, host.address, end)
    if short is None:
        yield host.address, end
    elif len(short["slug"]) <= _LONGEST_SLUG:
        yield host.address, short.end()


def _bare(text: str, host: Host, end: int) -> Iterator[tuple[int, int]]:
    """Of a domain without a protocol the pieces in Latin letters; the last one has the path."""
    if host.start and text[host.start - 1] in _UNFIT_BEFORE:
        return
    pieces = list(_latin_domains(text, host))
    if pieces and _has_path(text, host):
        pieces[-1] = (pieces[-1][0], end)
    yield from pieces


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
