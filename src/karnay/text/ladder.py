"""The cuts of a text from the best rank down, finer only where a piece would not fit otherwise."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from typing import TYPE_CHECKING

from karnay.text.sentences import Break, Rank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from karnay.text.breaks import Breaks
    from karnay.text.ruler import Ruler

STEPS = (Rank.SENTENCE, Rank.CLAUSE, Rank.WORD, Rank.TIGHT)
"""The ranks at which a thread is cut, the best first; graphemes only in a word that is too long."""

_CUTS_IN_A_PART = 16


class Uncuttable(Exception):
    """An entity or a grapheme does not fit into a part."""


class Ladder:
    """The cuts of one text for parts that have so much room.

    However dense they are, only so many of them are offered for each part, so that looking for the
    cheapest way stays linear; the closest packing is known apart.
    """

    def __init__(self, breaks: Breaks, ruler: Ruler, room: Sequence[int]) -> None:
        self._breaks = breaks
        self._words = breaks.between_words
        self._places = [cut.end for cut in self._words]
        self._ruler = ruler
        self._room = room
        self._size = breaks.size
        self._stride = ruler.span(room) // _CUTS_IN_A_PART or 1

    def closest(self) -> list[Break]:
        """The cuts between as few parts as there can be. Raises Uncuttable."""
        long = set(self._too_long(self._words))
        ends = [*self._places, self._size]
        starts = [0, *(cut.start for cut in self._words)]
        cuts: list[Break] = []
        place = 0
        while (reach := self._ruler.reach(place, self._room)) < self._size:
            index = bisect_right(ends, reach) - 1
            in_long = (starts[index + 1], ends[index + 1]) in long and starts[index + 1] < reach
            cut = self._within_word(max(place, starts[index + 1]), reach) if in_long else None
            if cut is None and index >= 0 and ends[index] > place:
                cut = self._words[index]
            if cut is None:
                raise Uncuttable
            cuts.append(cut)
            place = cut.start
        return cuts

    def cuts(self, rank: Rank) -> list[Break]:
        """All cuts of that rank and better, and finer ones in pieces that are too long without."""
        wanted = [cut for cut in self._words if cut.rank >= rank]
        for step in (step for step in STEPS if step < rank):
            wanted = self._finer(wanted, partial(self._within, step))
        return self._thinned(self._finer(wanted, self._graphemes))

    def _thinned(self, cuts: Sequence[Break]) -> list[Break]:
        """Of cuts close to each other the best one, the last of those of the same rank."""
        if self._stride == 1 or len(cuts) * self._stride < self._size:
            return list(cuts)
        best: dict[int, Break] = {}
        for cut in cuts:
            known = best.get(cut.end // self._stride)
            if known is None or cut.rank >= known.rank:
                best[cut.end // self._stride] = cut
        return list(best.values())

    def _within(self, rank: Rank, start: int, end: int) -> list[Break]:
        first, last = bisect_left(self._places, start + 1), bisect_left(self._places, end)
        return [cut for cut in self._words[first:last] if cut.rank >= rank]

    def _graphemes(self, start: int, end: int) -> list[Break]:
        return self._thinned(self._breaks.between_graphemes(start, end))

    def _within_word(self, start: int, reach: int) -> Break | None:
        """The last cut between graphemes up to there."""
        return next(reversed(self._breaks.between_graphemes(start, reach + 1)), None)

    def _finer(
        self, cuts: Sequence[Break], between: Callable[[int, int], list[Break]]
    ) -> list[Break]:
        """The cuts with more of them in each piece that is too long."""
        more = [cut for start, end in self._too_long(cuts) for cut in between(start, end)]
        return sorted([*cuts, *more], key=lambda cut: cut.end) if more else list(cuts)

    def _too_long(self, cuts: Sequence[Break]) -> list[tuple[int, int]]:
        starts = [0, *(cut.start for cut in cuts)]
        ends = [*(cut.end for cut in cuts), self._size]
        pieces = list(zip(starts, ends, strict=True))
        return [pieces[index] for index in self._ruler.too_long(pieces, self._room)]
