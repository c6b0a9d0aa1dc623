"""The cuts of a text from the best rank down, finer only where a piece would not fit otherwise."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from karnay.text.sentences import Break, Rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from karnay.text.breaks import Breaks, Cover
    from karnay.text.ruler import Ruler

    _Between = Callable[[int, int], list[Break]]

STEPS = (Rank.SENTENCE, Rank.CLAUSE, Rank.WORD, Rank.TIGHT)
"""The ranks at which a thread is cut, the best first; graphemes only in a word that is too long."""

_CUTS_IN_A_PART = 8
_END, _START = attrgetter("end"), attrgetter("start")


class Uncuttable(Exception):
    """An entity or a grapheme does not fit into a part."""


class Ladder:
    """The cuts of one text for parts that have so much room.

    However dense they are, only so many of them are offered for each part, so that looking for the
    cheapest way stays linear; the closest packing is known apart. No cut goes through what is
    `whole`, but where that does not fit into a part together with what it cannot be cut from.
    """

    def __init__(self, breaks: Breaks, ruler: Ruler, room: Sequence[int], *, whole: Cover) -> None:
        self._breaks = breaks
        self._ruler = ruler
        self._room = room
        self._size = breaks.size
        self._stride = ruler.span(room) // _CUTS_IN_A_PART or 1
        self._take(breaks.between_words)
        if whole:
            outside = whole.spared(self._words)
            within = partial(self._within, Rank.TIGHT)
            self._take(_with_more(outside, self._too_long(outside), within))

    def _take(self, words: list[Break]) -> None:
        """Know these as the cuts between words."""
        self._words = words
        self._places = list(map(_END, words))

    def closest(self) -> list[Break]:
        """The cuts between as few parts as there can be. Raises Uncuttable."""
        ends = [*self._places, self._size]
        starts = [0, *map(_START, self._words)]
        cuts: list[Break] = []
        place = 0
        while (reach := self._ruler.reach(place, self._room)) < self._size:
            index = bisect_right(ends, reach) - 1
            long = self._ruler.reach(starts[index + 1], self._room) < ends[index + 1]
            cut = self._within_word(max(place, starts[index + 1]), reach) if long else None
            if cut is None and index >= 0 and ends[index] > place:
                cut = self._words[index]
            if cut is None:
                raise Uncuttable
            cuts.append(cut)
            place = cut.start
        return cuts

    def suffice(self, cuts: Sequence[Break], most: int) -> bool:
        """Whether at some of these cuts the text goes into so many parts."""
        ends = list(map(_END, cuts))
        place, parts = 0, 1
        while (reach := self._ruler.reach(place, self._room)) < self._size and parts < most:
            index = bisect_right(ends, reach) - 1
            if index < 0 or ends[index] <= place:
                return False
            place, parts = cuts[index].start, parts + 1
        return reach >= self._size

    def offers(self, closest: Sequence[Break]) -> Iterator[list[Break]]:
        """Between clauses; then between words, with the closest packing among them."""
        if any(cut.rank < Rank.CLAUSE for cut in self._words):
            yield self.cuts(Rank.CLAUSE)
        yield sorted({*self.cuts(Rank.WORD), *closest}, key=_END)

    def cuts(self, rank: Rank) -> list[Break]:
        """All cuts of that rank and better, and finer ones in pieces that are too long without."""
        wanted = [cut for cut in self._words if cut.rank >= rank]
        for between in self._finer_than(rank):
            long = self._too_long(wanted)
            if not long:
                break
            wanted = _with_more(wanted, long, between)
        return self._thinned(wanted)

    def _finer_than(self, rank: Rank) -> list[_Between]:
        """How to cut pieces at which there is no cut of that rank, the best way first."""
        steps = [partial(self._within, step) for step in STEPS if step < rank]
        return [*steps, self._graphemes]

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
        return self._breaks.last_between_graphemes(start, reach + 1)

    def _too_long(self, cuts: Sequence[Break]) -> list[tuple[int, int]]:
        pieces = list(zip([0, *map(_START, cuts)], [*map(_END, cuts), self._size], strict=True))
        return [pieces[index] for index in self._ruler.too_long(pieces, self._room)]


def _with_more(
    cuts: list[Break], pieces: Iterable[tuple[int, int]], between: _Between
) -> list[Break]:
    """The cuts, and those between the ends of these pieces."""
    more = [cut for start, end in pieces for cut in between(start, end)]
    return sorted([*cuts, *more], key=_END) if more else cuts
