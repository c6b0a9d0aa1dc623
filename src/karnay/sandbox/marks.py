"""Marks: what is bold, a link or a hashtag in a published text, and how a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import regex
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text, in code points, end exclusive; `target` is the address of a link."""

    start: int
    end: int
    kind: str
    target: str = ""


_ELEMENTS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
    "blockquote": "q",
    "expandable_blockquote": "q",
}
_ADDRESS = regex.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]»”']")
_TAG = regex.compile(r"(?<![\w&/])#(?=\d*[\p{L}\p{M}_])[\p{L}\p{M}\p{N}_]+")
_MENTION = regex.compile(r"(?<![\w/@])@\w+(?:@[\w-]+(?:\.[\w-]+)+)?")


@lru_cache(maxsize=64)  # one answer asks for it several times
def detected(text: str) -> tuple[Mark, ...]:
    """What a network would make clickable in a plain text: addresses, hashtags, mentions."""
    links = [Mark(*found.span(), "link", found[0]) for found in _ADDRESS.finditer(text)]
    tags = [Mark(*found.span(), "hashtag") for found in _TAG.finditer(text)]
    mentions = [Mark(*found.span(), "mention") for found in _MENTION.finditer(text)]
    return (*links, *(mark for mark in (*tags, *mentions) if not _inside(mark, links)))


def _inside(mark: Mark, others: Iterable[Mark]) -> bool:
    return any(other.start < mark.end and mark.start < other.end for other in others)


def shown(text: str, marks: Iterable[Mark]) -> Markup:
    """The text as HTML with its marks, nested; one that crosses another's end is cut there."""
    return _between(text, 0, len(text), list(marks))


def _between(text: str, start: int, end: int, marks: list[Mark]) -> Markup:
    pieces = []
    while marks:
        first, *others = sorted(marks, key=lambda mark: (mark.start, -mark.end))
        inner = _between(text, first.start, first.end, _clipped(others, 0, first.end))
        pieces += [escape(text[start : first.start]), _wrapped(inner, first)]
        start, marks = first.end, _clipped(others, first.end, end)
    return Markup("").join([*pieces, escape(text[start:end])])


def _clipped(marks: Iterable[Mark], start: int, end: int) -> list[Mark]:
    cut = (replace(mark, start=max(mark.start, start), end=min(mark.end, end)) for mark in marks)
    return [mark for mark in cut if mark.start < mark.end]


def _wrapped(piece: Markup, mark: Mark) -> Markup:
    if mark.kind == "link" and mark.target.startswith(("http://", "https://")):
        return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(mark.target, piece)
    if mark.kind in _ELEMENTS:
        return Markup("<{0}>{1}</{0}>").format(_ELEMENTS[mark.kind], piece)
    return Markup('<span class="{}">{}</span>').format(mark.kind, piece)
