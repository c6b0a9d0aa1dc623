"""Where Mastodon finds addresses: only after a protocol, with nearly any character in the path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from karnay.text.addresses import hosts, is_valid

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
_PATH = regex.compile(
    r"/(?:[^\p{White_Space}<>()?]++"
    r"|\((?:[^\p{White_Space}<>()?]++"
    r"|[^\p{White_Space}<>()?]*+\([^\p{White_Space}<>()?]++\)[^\p{White_Space}<>()?]*+)\))*+"
)
_NO_PATH_END = "!*\"'「」;:=,.$%[]~&|@"
_PORT = re.compile(r":[0-9]+")
_QUERY = re.compile(
    r"\?[a-zA-Z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef"
    r"\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd\U00040000-\U000dfffd"
    r"\U000e1000-\U0010fffd]*"
)
_NO_QUERY_END = "!?*'();:+$%[].,~|@^"
_LONGEST_DOMAIN = 253
_SHORT = re.compile(
    r"https?://t\.co/(?P<slug>[a-z0-9]+)(?:\?[^\s<>]*[a-z0-9_&=#/-])?", re.IGNORECASE | re.ASCII
)
_LONGEST_SLUG = 40


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where each address begins and ends, in order."""
    if "://" not in text:
        return
    for host in hosts(text, lambda host: _end(text, host), labels=_LABELS, protocols=_PROTOCOLS):
        end = _shown_end(text, host)
        if host.has_protocol and end and _is_valid(text, host, end):
            yield host.address, end


def _is_valid(text: str, host: Host, end: int) -> bool:
    return host.end - host.start <= _LONGEST_DOMAIN and is_valid(text, host, end)


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
    path = _PATH.match(text, place)
    return place + max(1, len(path[0].rstrip(_NO_PATH_END))) if path else place
