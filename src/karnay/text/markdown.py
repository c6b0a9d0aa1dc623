"""Markdown to RichText: one dialect for all platforms (CommonMark and `~~strike~~`, no HTML)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karnay.text.commonmark import parser
from karnay.text.flex import marked_block, marked_inline
from karnay.text.lowering import Lowering

if TYPE_CHECKING:
    from karnay.text.richtext import RichText

_MEANINGFUL = re.compile(r"[!#&()*+\-.<=>\[\\\]_`{|}~]")
_EDGES = re.compile(r"^\s+|\s+$", re.MULTILINE)
_PARAGRAPH = ["paragraph_open", "inline", "paragraph_close"]


def lower(markdown: str) -> list[RichText]:
    """The parts of a thread; a line `---` outside of lists and quotes starts the next one.

    At least one part; empty ones are left out. Paragraphs are separated by a blank line, list items
    are lines with a bullet or a number, a heading is a bold paragraph.
    """
    return Lowering().parts(parser().parse(markdown))


def flexible(markdown: str, order: int = 1) -> str:
    """The same Markdown, marked as what may shrink; regions of a lower order shrink first.

    After `lower`, a FLEX span with `order` as its value lies over it. A piece of a single paragraph
    may stand amid a line; several blocks, a list, a quote or a heading stand on their own.
    """
    piece = markdown.strip("\n")
    if not piece.strip():
        return piece
    blocks = [token.type for token in parser().parse(piece)]
    return (
        marked_inline(piece.strip(), order) if blocks == _PARAGRAPH else marked_block(piece, order)
    )


def escaped(text: str) -> str:
    """Plain text as Markdown that reads as itself, also at the start of a line.

    Line breaks stay line breaks, blank lines stay between paragraphs.
    """
    safe = _MEANINGFUL.sub(r"\\\g<0>", text)
    return _EDGES.sub(_as_references, safe)


def _as_references(space: re.Match[str]) -> str:
    """White space at the edge of a line as references, which Markdown does not strip."""
    return "".join(char if char == "\n" else f"&#{ord(char)};" for char in space[0])
