"""Grapheme clusters (UAX #29): what a reader takes for one character."""

from __future__ import annotations

import regex

# A flag that another one follows is taken as a pair: at each, \X would count all those before it.
_CLUSTER = regex.compile(r"[\U0001f1e6-\U0001f1ff]{2}(?=[\U0001f1e6-\U0001f1ff])|\X")
_BORING = regex.compile(r"[\n\u0020-\u007e\u00a0-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027]*")


def count(text: str) -> int:
    """How many grapheme clusters there are."""
    if _BORING.fullmatch(text):
        return len(text)
    return sum(1 for _ in _CLUSTER.finditer(text))


def starts(text: str) -> list[int]:
    """The code point index at which each cluster begins, and the length of the text."""
    if _BORING.fullmatch(text):
        return list(range(len(text) + 1))
    return [*(cluster.start() for cluster in _CLUSTER.finditer(text)), len(text)]
