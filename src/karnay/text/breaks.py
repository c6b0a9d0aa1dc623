"""Where a RichText may be cut and what a cut there costs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from karnay.text import graphemes
from karnay.text.richtext import ENTITIES, Kind
from karnay.text.sentences import Break, Rank, breaks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.text.richtext import RichText, Span

UNCUT = ENTITIES | {Kind.CODE}
"""What no cut goes through."""


def allowed(text: RichText) -> list[Break]:
    """The breaks between words that go through no entity, in order."""
    closed = Cover(span for span in text.spans if span.kind in UNCUT)
    return [cut for cut in breaks(text.text) if not closed.over(cut.end, cut.start)]


def between_graphemes(text: RichText, start: int, end: int) -> list[Break]:
    """Cuts between any two graphemes within the piece, but through no entity."""
    closed = Cover(span for span in text.spans if span.kind in UNCUT)
    places = (start + place for place in graphemes.starts(text.text[start:end])[1:-1])
    return [Break(place, place, Rank.GRAPHEME) for place in places if not closed.over(place, place)]


class Cover:
    """Tells whether a cut goes through one of the spans."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [span.start for span in ordered]
        self._furthest = list(accumulate((span.end for span in ordered), max))
        self._ends = sorted(span.end for span in ordered)

    def over(self, end: int, start: int) -> bool:
        """Whether a span begins before the left piece's end and goes on where the right begins."""
        index = bisect_left(self._starts, end)
        return index > 0 and self._furthest[index - 1] > start

    def depth(self, place: int) -> int:
        """How many spans begin before the place and end after it."""
        return bisect_left(self._starts, place) - bisect_right(self._ends, place)
