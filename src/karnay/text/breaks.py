"""Where a RichText may be cut."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

import regex

from karnay.text import graphemes
from karnay.text.richtext import ENTITIES, Kind
from karnay.text.sentences import Break, Rank, breaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from karnay.text.richtext import RichText, Span

_GAP = re.compile(r"[\s。！？]")  # what there may be a cut beside within an entity: nearly never
_WHITE = re.compile(r"\s")
_BLANKS = regex.compile(r"\s++(?![\p{M}\u200d])")  # those that carry a mark are part of it
_END, _START = attrgetter("end"), attrgetter("start")

UNCUT = ENTITIES | {Kind.CODE}
"""What no cut goes through."""


class Cover:
    """Tells how many of some spans lie over a place; each answer takes logarithmic time."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [span.start for span in ordered]
        self._ends = sorted(span.end for span in ordered)
        self._furthest = list(accumulate((span.end for span in ordered), max))

    def __bool__(self) -> bool:
        """Whether there are any spans."""
        return bool(self._starts)

    def over(self, end: int, start: int) -> bool:
        """Whether a span begins before the left piece's end and goes on where the right begins."""
        index = bisect_left(self._starts, end)
        return index > 0 and self._furthest[index - 1] > start

    def spared(self, cuts: Sequence[Break]) -> list[Break]:
        """Those of the cuts, which are in order, that no span lies over."""
        kept: list[Break] = []
        place = 0
        for start, end in self._regions():
            first = bisect_right(cuts, start, lo=place, key=_END)
            kept += cuts[place:first]
            place = bisect_left(cuts, end, lo=first, key=_START)
        return [*kept, *cuts[place:]]

    def _regions(self) -> Iterator[tuple[int, int]]:
        """What the spans lie over, spans that overlap as one."""
        opened = [
            index
            for index, start in enumerate(self._starts)
            if not index or self._furthest[index - 1] <= start
        ]
        for first, after in pairwise([*opened, len(self._starts)]):
            yield self._starts[first], self._furthest[after - 1]

    def depth(self, place: int) -> int:
        """How many spans begin before the place and end after it."""
        return bisect_left(self._starts, place) - bisect_right(self._ends, place)


class Breaks:
    """The places of one text at which no cut goes through an entity."""

    def __init__(self, text: RichText) -> None:
        self._text = text.text
        self._closed = Cover(span for span in text.spans if span.kind in UNCUT)
        self.size = len(text.text)
        self.between_words = self._between_words(text)

    def _between_words(self, text: RichText) -> list[Break]:
        cuts = breaks(text.text)
        first = bool(cuts) and cuts[0].end == 0
        last = len(cuts) - (bool(cuts) and cuts[-1].start == self.size)
        cuts = cuts[first:last]
        closed = (span for span in text.spans if span.kind in UNCUT)
        if any(_GAP.search(text.text, span.start, span.end) for span in closed):
            return [cut for cut in cuts if self._is_open(cut)]
        return cuts

    def _is_open(self, cut: Break) -> bool:
        inside = cut.end > 0 and cut.start < self.size
        return inside and not self._closed.over(cut.end, cut.start)

    def between_graphemes(self, start: int, end: int) -> list[Break]:
        """All within the piece, in order; white space between two words is left out."""
        places = self._starts(start, end)
        if _WHITE.search(self._text, start, end):
            cuts = [cut for place in places for cut in self._at(place)]
            return [cut for cut in cuts if self._is_open(cut)]
        cuts = [Break(place, place, Rank.GRAPHEME) for place in places]
        return [cut for cut in cuts if self._is_open(cut)] if self._closed else cuts

    def last_between_graphemes(self, start: int, end: int) -> Break | None:
        """The last of those within the piece, if there is any."""
        cuts = (cut for place in reversed(self._starts(start, end)) for cut in self._at(place))
        return next(filter(self._is_open, cuts), None)

    def _starts(self, start: int, end: int) -> list[int]:
        """Where the graphemes of the piece begin, but for the first one."""
        return [start + place for place in graphemes.starts(self._text[start:end])[1:-1]]

    def _at(self, place: int) -> list[Break]:
        """The cut at that grapheme, if there is one: none within white space."""
        if not _WHITE.search(self._text, place - 1, place + 1):
            return [Break(place, place, Rank.GRAPHEME)]
        blanks = None if self._text[place - 1].isspace() else _BLANKS.match(self._text, place)
        return [Break(place, blanks.end(), Rank.GRAPHEME)] if blanks else []
