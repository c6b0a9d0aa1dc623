"""Durations as people write them: `1 hour`, `10 min`, `2h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = timedelta(days=3660)
"""No duration that a person means is longer than ten years."""

_SECONDS: dict[str, int] = {
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
}
_PIECE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([a-z]+)\s*(?:,\s*|and\s+)?")
_WHOLE = re.compile(rf"(?:{_PIECE.pattern})+")
_REMEDY = "write it as 10 min, 1 hour or 2h30m"


class BadDuration(ValueError):
    """A text that says no duration; the message says why and how to write one."""


def parse(text: str) -> timedelta:
    """The duration that the text says, at most ten years. Raises BadDuration."""
    words = text.strip().lower()
    if re.fullmatch(r"[0-9.]+", words):
        raise BadDuration(f'"{text}" has no unit: {_REMEDY}')
    if not _WHOLE.fullmatch(words):
        raise BadDuration(f'"{text}" is not a duration: {_REMEDY}')
    seconds = sum(_seconds(*found.groups()) for found in _PIECE.finditer(words))
    if seconds > LONGEST.total_seconds():
        raise BadDuration(f'"{text}" is longer than ten years')
    return timedelta(seconds=seconds)


def _seconds(number: str, unit: str) -> float:
    if unit not in _SECONDS:
        raise BadDuration(f'"{unit}" is not a unit of time: {_REMEDY}')
    return float(number) * _SECONDS[unit]
