"""Front matter: the header between two `---` lines, and the body after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from karnay.errors import InvalidPost, Problem

if TYPE_CHECKING:
    from karnay.content.source import Source

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")
_MISSING = (
    "the header is missing: begin the file with a line ---, "
    "then lines such as `title: ...`, then a line --- again"
)
_UNCLOSED = "the header that begins here is not closed: put a line --- after its last key"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A post file in its two halves; the body is without the blank lines around it."""

    header: Source
    body: Source


def split(source: Source) -> Sheet:
    """The header and the body. Raises InvalidPost for a missing or unclosed header."""
    opening = _FENCE.match(source.text)
    if not opening:
        raise InvalidPost([Problem(source.place(), _MISSING)])
    closing = _FENCE.search(source.text, opening.end())
    if not closing:
        raise InvalidPost([Problem(source.place(), _UNCLOSED)])
    header = source.part(opening.end() + 1, closing.start())
    return Sheet(header, _body(source, closing.end() + 1))


def _body(source: Source, start: int) -> Source:
    rest = source.text[start:].rstrip()
    blank = _BLANK_LINES.match(rest)
    first = min(start + (blank.end() if blank else 0), len(source.text))
    return source.part(first, start + len(rest))
