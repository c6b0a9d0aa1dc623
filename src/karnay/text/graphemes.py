"""Grapheme clusters (UAX #29): what a reader takes for one character."""

from __future__ import annotations

import re

import regex

_PLAIN = (
    "\\n\\u0020-\\u007e\\u00a0-\\u00a8\\u00aa-\\u00ad\\u00af-\\u02ff\\u0370-\\u0482\\u048a-\\u0590"
    "\\u2010-\\u2027"
)
_ODD = re.compile(f"[^{_PLAIN}]+")  # what may be part of a longer cluster, or joins what is beside

# A flag that another one follows is taken as a pair: at each, \\X would count all those before it.
_CLUSTER = regex.compile(r"[\U0001f1e6-\U0001f1ff]{2}(?=[\U0001f1e6-\U0001f1ff])|\X")
_VIRAMA = regex.compile(r"\p{InCB=Linker}")
# A virama joins two consonants (rule GB9c); `\\X` lets one join also where none precedes it.
_IDLE_VIRAMA = regex.compile(
    r"(?:^|\p{InCB=None})\p{InCB=Extend}*+\p{InCB=Linker}[\p{InCB=Extend}\p{InCB=Linker}]*+"
    r"(?=\p{InCB=Consonant})"
)


def count(text: str) -> int:
    """How many grapheme clusters there are."""
    clusters = len(text)
    for odd in _ODD.finditer(text):
        # With a character on either side: what is odd may join to both.
        piece = text[max(0, odd.start() - 1) : odd.end() + 1]
        found = _beginnings(piece) if _VIRAMA.search(piece) else _CLUSTER.findall(piece)
        clusters += len(found) - len(piece)
    return clusters


def starts(text: str) -> list[int]:
    """The code point index at which each cluster begins, and the length of the text."""
    if not _ODD.search(text):
        return list(range(len(text) + 1))
    return [*sorted(_beginnings(text)), len(text)]


def _beginnings(text: str) -> set[int]:
    begun = {cluster.start() for cluster in _CLUSTER.finditer(text)}
    return begun | {virama.end() for virama in _IDLE_VIRAMA.finditer(text)}
