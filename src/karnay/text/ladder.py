"""The cuts of a text from the best rank down, finer only where a piece would not fit otherwise."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING

from karnay.text.sentences import Break, Rank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from karnay.text.breaks import Breaks
    from karnay.text.ruler import Ruler

STEPS = (Rank.SENTENCE, Rank.CLAUSE, Rank.WORD, Rank.TIGHT)
"""The ranks at which a thread is cut, the best first; graphemes only in a word that is too long."""


class Ladder:
    """The cuts of one text for parts that have so much room."""

    def __init__(self, breaks: Breaks, ruler: Ruler, room: Sequence[int]) -> None:
        self._breaks = breaks
        self._words = breaks.between_words
        self._places = [cut.end for cut in self._words]
        self._ruler = ruler
        self._room = room
        self._size = breaks.size

    def fewest(self) -> int:
        """The least number of parts that there can be; 0 if something cannot be cut."""
        cuts = [*self.cuts(Rank.TIGHT), Break(self._size, self._size, Rank.PARAGRAPH)]
        ends = [cut.end for cut in cuts]
        parts, start = 0, 0
        while start < self._size:
            last = bisect_left(ends, self._ruler.reach(start, self._room) + 1) - 1
            if last < 0 or ends[last] <= start:
                return 0
            parts, start = parts + 1, cuts[last].start
        return parts

    def cuts(self, rank: Rank) -> list[Break]:
        """All cuts of that rank and better, and finer ones in pieces that are too long without."""
        wanted = [cut for cut in self._words if cut.rank >= rank]
        for step in (step for step in STEPS if step < rank):
            wanted = self._finer(wanted, partial(self._within, step))
        return self._finer(wanted, self._breaks.between_graphemes)

    def _within(self, rank: Rank, start: int, end: int) -> list[Break]:
        first, last = bisect_left(self._places, start + 1), bisect_left(self._places, end)
        return [cut for cut in self._words[first:last] if cut.rank >= rank]

    def _finer(
        self, cuts: Sequence[Break], between: Callable[[int, int], list[Break]]
    ) -> list[Break]:
        """The cuts with more of them in each piece that is too long."""
        starts = [0, *(cut.start for cut in cuts)]
        ends = [*(cut.end for cut in cuts), self._size]
        pieces = list(zip(starts, ends, strict=True))
        long = [pieces[index] for index in self._ruler.too_long(pieces, self._room)]
        more = [cut for start, end in long for cut in between(start, end)]
        return sorted([*cuts, *more], key=lambda cut: cut.end) if more else list(cuts)
