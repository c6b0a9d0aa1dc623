"""Where a text may be cut: between paragraphs, lines, sentences, clauses, words.

Own rules for English, Russian and Uzbek in both scripts; where they cannot tell whether a full stop
ends a sentence they say that a clause ends. Linear: each gap is judged by the words beside it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import partial
from typing import NamedTuple

import regex

from karnay.text.abbreviations import MAY_END, NEVER_ENDS, STARTS
from karnay.text.enumerations import begins_item, ends_sign


class Rank(IntEnum):
    """How good a place is to cut; the higher the better."""

    GRAPHEME = 0
    TIGHT = 1  # between a number or an initial and the word that it belongs to
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    LINE = 5
    PARAGRAPH = 6


class Break(NamedTuple):
    """The text may end at `end` and go on at `start`; white space between them is left out."""

    end: int
    start: int
    rank: Rank


_break = partial(tuple.__new__, Break)  # as Break(...) does, in half the time
_NO_BREAK = re.compile("[\u00a0\u202f\u2007]+")  # alone they hold together what they stand between
_EAST_ASIAN_STOP = re.compile(r"[。！？]")
_PLAIN_SPACE = r"( )(?<=[^\W\d_] )(?![\s\d•.—–-]|\w[.)])"  # from a letter to another word
_SPACES = re.compile(rf"{_PLAIN_SPACE}|\s+")
_SPACES_OR_STOP = re.compile(rf"{_SPACES.pattern}|(?<=[。！？])(?=[^\s」』）。！？”’])")
_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_QUOTATION = "\"'»”’“"
_CLOSING = "\"'»”’“)]}」』）*"
_OPENING = "\"'«„“‘([{「『（"
_OMISSIONS = ("[...]", "(...)", "[…]", "(…)")
_DOTS = re.compile(r"\.+(?=[\s\"»”’)\]]|\Z)")  # ... with a space before each
_DOTTED = regex.compile(r"\p{L}{1,2}(?:\.\p{L}{1,2})+")
_STRONG = "!?…。！？"
_CLAUSE_ENDS = ",;:—–，；："
_DASHES = ("—", "–", "-")
_GOING_ON = (*_DASHES, "№")
_INITIAL = r"(?:\p{Lu}|Sh|Ch|Yo|Yu|Ya|Ye|Ts|O'|G'|Дж)"
_INITIALS = regex.compile(rf"(?:{_INITIAL}\.)*{_INITIAL}")
_APOSTROPHES = str.maketrans("’‘ʻʼ`", "'" * 5)
_LONGEST_WORD = 40  # characters before a gap that are looked at
_LETTERS = re.compile(r"[^\W\d_]{0,12}")
_OF_NUMBERS = regex.compile(r"[\p{Nd}.,:/%№#-]*\p{Nd}|№|#|\$|€")


def breaks(text: str) -> list[Break]:
    """All places between words, in order."""
    pattern = _SPACES_OR_STOP if _EAST_ASIAN_STOP.search(text) else _SPACES
    gaps = pattern.finditer(text)
    if _NO_BREAK.search(text):
        gaps = (gap for gap in gaps if not _NO_BREAK.fullmatch(text, *gap.span()))
    word = Rank.WORD  # nearly all
    return [
        _break((gap.start(), gap.end(), word if gap.lastindex else _rank(text, *gap.span())))
        for gap in gaps
    ]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the white space between them."""
    cuts = [cut for cut in breaks(text) if cut.rank >= Rank.SENTENCE]
    starts = [0, *(cut.start for cut in cuts)]
    ends = [*(cut.end for cut in cuts), len(text)]
    pieces = (text[start:end] for start, end in zip(starts, ends, strict=True))
    return [piece for piece in pieces if piece.strip()]


def _rank(text: str, end: int, start: int) -> Rank:
    lines = 0 if text[end:start] == " " else len(_LINE_END.findall(text, end, start))
    if lines:
        return Rank.PARAGRAPH if lines > 1 else Rank.LINE
    if ends_sign(text, end) or _DOTS.match(text, start):
        return Rank.TIGHT
    return Rank.SENTENCE if begins_item(text, start) else _after_word(text, end, start)


def _after_word(text: str, end: int, start: int) -> Rank:
    word = "" if text[end - 1 : end].isalpha() else _word_before(text, end)
    if not word:
        return _before_dash(text, start)
    if word[-1] in _STRONG:
        return Rank.CLAUSE if _goes_on(text, start) else Rank.SENTENCE
    if word[-1] == ".":
        return _after_full_stop(text, word, start)
    if word[-1] in _CLAUSE_ENDS:
        return Rank.CLAUSE
    return Rank.TIGHT if _OF_NUMBERS.fullmatch(word) else _before_dash(text, start)


def _word_before(text: str, end: int) -> str:
    """The word that ends there, without quotation marks and brackets."""
    words = text[max(0, end - _LONGEST_WORD) : end].rsplit(None, 1)
    word = words[-1].rstrip(_QUOTATION) if words else ""
    return "" if word.endswith(_OMISSIONS) else word.rstrip(_CLOSING).lstrip(_OPENING)


def _before_dash(text: str, start: int) -> Rank:
    return Rank.CLAUSE if text.startswith(_DASHES, start) else Rank.WORD


def _goes_on(text: str, start: int) -> bool:
    """Whether what follows begins like the rest of a sentence: in lower case, or with a dash."""
    following = text[start : start + 4].lstrip(_OPENING)
    return following[:1].islower() or following.startswith(_GOING_ON)


def _after_full_stop(text: str, word: str, start: int) -> Rank:
    if word.endswith("..") or word == ".":
        return Rank.CLAUSE if _goes_on(text, start) else Rank.SENTENCE
    known = word[:-1].translate(_APOSTROPHES)
    lower = known.lower()
    if lower in MAY_END and _first_word(text, start) in STARTS:
        return Rank.SENTENCE
    if _INITIALS.fullmatch(known) or (
        _DOTTED.fullmatch(known) and text[start : start + 1].isdigit()
    ):
        return Rank.TIGHT
    if _goes_on(text, start):
        return Rank.TIGHT if lower in NEVER_ENDS else Rank.WORD
    return _after_abbreviation(text, lower, start)


def _after_abbreviation(text: str, word: str, start: int) -> Rank:
    """... if it is one: what follows might begin a sentence."""
    if word in MAY_END or _spaced(text, word, start) in MAY_END:
        return _may_end(text, word, start)
    return Rank.TIGHT if word in NEVER_ENDS else Rank.SENTENCE


def _may_end(text: str, word: str, start: int) -> Rank:
    """`2024 г.` ends a sentence where `г. Ташкент` does not: it depends on what stands before."""
    before = _word_but_one(text, start)
    ends = word not in NEVER_ENDS or before[-1:].isdigit() or before.endswith(".")
    return Rank.SENTENCE if ends else Rank.TIGHT


def _spaced(text: str, word: str, start: int) -> str:
    """`т. д` as `т.д`: an abbreviation together with the one before it."""
    before = _word_but_one(text, start).lower()
    return before + word if before.endswith(".") else ""


def _first_word(text: str, start: int) -> str:
    """The word that begins there."""
    found = _LETTERS.match(text, start)
    return found[0] if found else ""


def _word_but_one(text: str, start: int) -> str:
    """The word before the one that ends before `start`."""
    return next(iter(text[max(0, start - _LONGEST_WORD) : start].split()[-2:-1]), "")
