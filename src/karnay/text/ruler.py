"""Prefix sums of what a text takes, so that no candidate is measured twice."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from karnay.text import graphemes
from karnay.text.measure import Additive
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.measure import Counter, Measure


class Ruler:
    """Tells for any piece of one text what it takes of each counter, and how far the room reaches.

    A piece is `[start, end)` in code points and cuts no entity and no grapheme.
    """

    def __init__(self, text: RichText, counters: Sequence[Counter]) -> None:
        self.counters = tuple(counters)
        self._sums = [
            list(accumulate(_weights(counter.measure, text), initial=0)) for counter in counters
        ]

    def used(self, start: int, end: int) -> tuple[int, ...]:
        """Units of each counter that the piece takes."""
        return tuple(sums[end] - sums[start] for sums in self._sums)

    def reach(self, start: int, room: Sequence[int]) -> int:
        """The furthest end of a piece that starts there and takes no more than the room."""
        return min(
            [
                bisect_right(sums, sums[start] + units, lo=start) - 1
                for sums, units in zip(self._sums, room, strict=True)
            ]
        )

    def too_long(self, pieces: Sequence[tuple[int, int]], room: Sequence[int]) -> list[int]:
        """The indices of the pieces that take more than the room."""
        return sorted(
            {
                index
                for sums, units in zip(self._sums, room, strict=True)
                if sums[-1] > units
                for index, (start, end) in enumerate(pieces)
                if sums[end] - sums[start] > units
            }
        )

    def span(self, room: Sequence[int]) -> int:
        """How many code points a part has room for, on the average."""
        full = max(sums[-1] / units for sums, units in zip(self._sums, room, strict=True))
        return int((len(self._sums[0]) - 1) / max(full, 1))

    def tightest(self, room: Sequence[int]) -> tuple[Sequence[int], int]:
        """What the text before each place takes of the tightest counter, and its room in a part."""
        return max(zip(self._sums, room, strict=True), key=lambda pair: pair[0][-1] / pair[1])


def _weights(measure: Measure, text: RichText) -> Sequence[int]:
    """What each code point takes; a measure that does not tell is asked for each grapheme."""
    if isinstance(measure, Additive):
        return measure.weights(text)
    weights = [0] * len(text.text)
    for start, end in pairwise(graphemes.starts(text.text)):
        weights[start] = measure(RichText(text.text[start:end]))
    return weights
