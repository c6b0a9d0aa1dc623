"""Threads: the cheapest way to cut a text into parts that fit."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from karnay.text.breaks import allowed, between_graphemes
from karnay.text.richtext import RichText
from karnay.text.ruler import Ruler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.measure import Counter
    from karnay.text.sentences import Break


class Threading:
    """One text on its way into parts."""

    def __init__(
        self, text: RichText, counters: Sequence[Counter], most: int, *, numbered: bool
    ) -> None:
        self._text, self._counters, self._most, self._numbered = text, counters, most, numbered

    def result(self) -> list[RichText] | None:
        """The parts, or None."""
        ruler = Ruler(self._text, self._counters)
        label = " 99/99" if self._numbered else ""
        room = [
            counter.limit - (counter.measure(RichText(label)) if label else 0)
            for counter in self._counters
        ]
        cuts = allowed(self._text)
        parts: list[RichText] = []
        start, size = 0, len(self._text.text)
        while start < size:
            reach = ruler.reach(start, room)
            if reach >= size:
                parts.append(self._text.slice(start, size).strip())
                break
            cut = _best(cuts, start, reach) or _best(
                between_graphemes(self._text, start, reach + 1), start, reach
            )
            if cut is None or len(parts) + 1 >= self._most:
                return None
            parts.append(self._text.slice(start, cut.end).strip())
            start = cut.start
        if self._numbered:
            parts = [
                part + RichText(f" {index}/{len(parts)}") for index, part in enumerate(parts, 1)
            ]
        return parts


def _best(cuts: Sequence[Break], start: int, reach: int) -> Break | None:
    ends = [cut.end for cut in cuts]
    window = cuts[bisect_left(ends, start + 1) : bisect_left(ends, reach + 1)]
    return max(
        window,
        key=lambda cut: (cut.rank if cut.end - start > (reach - start) // 2 else -1, cut.end),
        default=None,
    )
