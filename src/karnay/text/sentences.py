"""Where a text may be cut: between paragraphs, sentences, clauses, words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import regex


class Rank(IntEnum):
    """How good a place is to cut; the higher the better."""

    GRAPHEME = 0
    WORD = 1
    CLAUSE = 2
    SENTENCE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class Break:
    """The text may end at `end` and go on at `start`; white space between them is left out."""

    end: int
    start: int
    rank: Rank


_GAP = regex.compile(r"[^\S\u00a0\u202f]+")
_ENDED = regex.compile(r"[.!?…][\"'»”’)\]]*$")
_CLAUSE_ENDED = regex.compile(r"[,;:—–]$")


def breaks(text: str) -> list[Break]:
    """All places between words, in order."""
    return [Break(gap.start(), gap.end(), _rank(text, gap)) for gap in _GAP.finditer(text)]


def _rank(text: str, gap: regex.Match[str]) -> Rank:
    before = text[max(0, gap.start() - 20) : gap.start()]
    if gap[0].count("\n") > 1:
        return Rank.PARAGRAPH
    if "\n" in gap[0] or _ENDED.search(before):
        return Rank.SENTENCE
    if _CLAUSE_ENDED.search(before) or text[gap.end() : gap.end() + 1] in ("—", "–"):
        return Rank.CLAUSE
    return Rank.WORD
