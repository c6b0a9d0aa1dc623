"""Where Mastodon finds addresses: only after a protocol, with nearly any character in the path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from karnay.text.addresses import LATIN, Grammar, domain_end, hosts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.text.addresses import Host

# Ruby's [[:punct:]] is of all Unicode, where JavaScript's twitter-text knows that of ASCII.
_LABELS = regex.compile(
    r"(?:[^\p{P}$+<=>^`|~\s\p{Cc}\u180e\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
    r"\ufffe\ufeff\uffff]|[-._])+"
)
_PROTOCOLS = re.compile(
    r"(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://\Z", re.IGNORECASE | re.ASCII
)
_GRAMMAR = Grammar(_LABELS, _PROTOCOLS)
_SEGMENT = regex.compile(
    r"(?P<plain>[^\p{White_Space}<>()?]++)"
    r"|\((?:[^\p{White_Space}<>()?]++"
    r"|[^\p{White_Space}<>()?]*+\([^\p{White_Space}<>()?]++\)[^\p{White_Space}<>()?]*+)\)"
)
_GENERAL = rf"[a-zA-Z\p{{Cyrillic}}0-9!*';:=+,.$/%#\[\]\p{{Pd}}_~&|@{LATIN}]"
_PARENTHESES = regex.compile(rf"\((?:{_GENERAL}++|{_GENERAL}*+\({_GENERAL}++\){_GENERAL}*+)\)")
_NO_PATH_END = "!*\"'「」;:=,.$%[]~&|"
_PORT = re.compile(r":[0-9]+")
_QUERY = re.compile(
    r"\?[a-zA-Z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef"
    r"\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd\U00040000-\U000dfffd"
    r"\U000e1000-\U0010fffd]*"
)
_NO_QUERY_END = "!?*'();:+$%[].,~|@^"
_SHORT = re.compile(r"https?://t\.co/(?P<slug>[a-z0-9]+)", re.IGNORECASE | re.ASCII)
_LONGEST_ADDRESS = 4096

_NODE = r"[a-zA-Z0-9._~!$()*+,;=%-]"
_OTHER = regex.compile(
    r"(?<![a-zA-Z0-9@＠$#＃])(?:(?P<magnet>magnet:)(?=\?)"
    rf"|xmpp:(?://{_NODE}++@{_NODE}++/)?+(?:{_NODE}++@)?+(?P<host>[\p{{L}}\p{{M}}\p{{N}}.-]++)"
    rf"(?:/[a-zA-Z0-9._~!$&'()*+,;=%-]++)?+)",
    regex.IGNORECASE,
)
_LONGEST_SLUG = 40


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where each address begins and ends, in order."""
    if "://" not in text:
        return
    for host in hosts(text, lambda host: _end(text, host), _GRAMMAR):
        end = _shown_end(text, host)
        if host.has_protocol and host.address < end <= host.address + _LONGEST_ADDRESS:
            yield host.address, end


def other_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Addresses of `xmpp:` and `magnet:`, which become links and are counted in full."""
    for match in _OTHER.finditer(text) if ":" in text else ():
        if match["magnet"] or _is_host(match["host"]):
            query = _QUERY.match(text, match.end())
            shown = query[0].rstrip(_NO_QUERY_END) if query else ""
            yield match.start(), match.end() + len(shown)


def _is_host(host: str) -> bool:
    dot = host.rfind(".")
    return dot > 0 and domain_end(host, dot + 1) == len(host)


def _shown_end(text: str, host: Host) -> int:
    """The end, of one of X's short addresses only what may belong to it; 0 if it is none."""
    end = _end(text, host)
    short = _SHORT.match(text, host.address, end)
    if short is None:
        return end
    return short.end() if len(short["slug"]) <= _LONGEST_SLUG else 0


def _end(text: str, host: Host) -> int:
    """Where port, path and query end."""
    port = _PORT.match(text, host.end)
    place = _path_end(text, port.end() if port else host.end)
    query = _QUERY.match(text, place)
    return place + len(query[0].rstrip(_NO_QUERY_END)) if query else place


def _path_end(text: str, place: int) -> int:
    if not text.startswith("/", place):
        return place
    ends = [_segment_end(segment) for segment in _segments(text, place + 1)]
    return max(ends, default=0) or place + 1


def _segments(text: str, place: int) -> Iterator[regex.Match[str]]:
    """Runs of ordinary characters, and what stands in parentheses, without a gap."""
    while (segment := _SEGMENT.match(text, place)) is not None:
        yield segment
        place = segment.end()


def _segment_end(segment: regex.Match[str]) -> int:
    """Where an address may end in this segment; 0 if it may not."""
    if segment["plain"] is None:
        return segment.end() if _PARENTHESES.fullmatch(segment[0]) else 0
    shown = segment[0].rstrip(_NO_PATH_END)
    return segment.start() + len(shown) if shown else 0
