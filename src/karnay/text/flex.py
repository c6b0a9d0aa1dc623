"""The marks by which a piece of Markdown is known again as flexible after it was parsed."""

from __future__ import annotations

import re

# Noncharacters (Unicode 23.7): never in text that people exchange, and refused in content. The dots
# around them are punctuation, so that emphasis that begins or ends at a mark is read as ever.
_OPEN, _CLOSE, _ZERO = "\ufdd0", "\ufdd1", 0xFDD2
_DOT = "\u00b7"

MARK = re.compile(f"{_DOT}(?:{_OPEN}([\ufdd2-\ufddb]+)|{_CLOSE}){_DOT}")
"""A mark; its group is the order of a region that begins, and nothing at the end of one."""


def marked_inline(piece: str, order: int) -> str:
    """The piece between marks."""
    return f"{_opening(order)}{piece}{_DOT}{_CLOSE}{_DOT}"


def marked_block(piece: str, order: int) -> str:
    """The piece between marks in paragraphs of their own."""
    return f"{_opening(order)}\n\n{piece}\n\n{_DOT}{_CLOSE}{_DOT}"


def order_of(digits: str) -> str:
    """The order in a mark's group, in decimal digits."""
    return "".join(str(ord(digit) - _ZERO) for digit in digits)


def _opening(order: int) -> str:
    digits = "".join(chr(_ZERO + int(digit)) for digit in str(order))
    return f"{_DOT}{_OPEN}{digits}{_DOT}"
