"""Items that are numbered or lettered within a line: `1) this 2) that`."""

from __future__ import annotations

import re

_LONGEST_LINE = 1000  # code points before an item that are looked at
_LONGEST_SIGN = 4
_SIGN_ENDS = ("•", ".", ")")
_SIGN = r"(?:•\s+)?(?:(?P<number>\d{1,2})|(?P<letter>[a-zа-яё]))[.)]{1,2}(?=\s)"
_FIRST = re.compile(r"[ \t]*" + _SIGN)
_ITEM = re.compile(_SIGN)
_LAST_WORD = re.compile(r"(?<!\S)\S+\Z")


def begins_item(text: str, start: int) -> bool:
    """Whether an item begins there, after another one of its kind that begins the line."""
    item = _ITEM.match(text, start)
    return item is not None and _kind(text, start) == item.lastgroup


def ends_sign(text: str, end: int) -> bool:
    """Whether a bullet or an item's number or letter ends there."""
    if not text.endswith(_SIGN_ENDS, 0, end):
        return False
    word = _LAST_WORD.search(text, max(0, end - _LONGEST_SIGN), end)
    if word is None or word[0] == "•":
        return word is not None
    item = _ITEM.match(text, word.start())
    return item is not None and item.end() == end and _kind(text, end) == item.lastgroup


def _kind(text: str, place: int) -> str | None:
    """Of what kind the item is that begins the line in which the place is."""
    line = text.rfind("\n", max(0, place - _LONGEST_LINE), place) + 1
    if not line and place > _LONGEST_LINE:
        return None
    first = _FIRST.match(text, line)
    return first.lastgroup if first else None
