"""Threads: the cheapest way to cut a text into as few parts as can be, or one more."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from karnay.text.breaks import Breaks
from karnay.text.costs import Costs
from karnay.text.ladder import Ladder, Uncuttable
from karnay.text.richtext import RichText, cut_up
from karnay.text.ruler import Ruler
from karnay.text.sentences import Rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.costs import Node
    from karnay.text.measure import Counter
    from karnay.text.sentences import Break

_SPARE = 1  # parts more than the optimum that better places to cut are worth
_TRIES = 8  # how often to leave more room where cutting made the network read the text anew
_RANKS = (Rank.CLAUSE, Rank.WORD, Rank.TIGHT)  # sentences are among clauses, and cheaper
_DIGITS = (1, 2, 3, 4)


class Threading:
    """One text on its way into parts."""

    def __init__(
        self, text: RichText, counters: Sequence[Counter], most: int, *, numbered: bool
    ) -> None:
        self._text = text
        self._counters = counters
        self._most = most
        self._numbered = numbered
        self._ruler = Ruler(text, counters)
        self._breaks = Breaks(text)

    def result(self) -> list[RichText] | None:
        """The parts, or None."""
        if not self._numbered:
            return self._parts("")
        for digits in _DIGITS:
            parts = self._parts(_label(digits))
            if parts is None or len(str(len(parts))) <= digits:
                return parts
        return None

    def _parts(self, label: str) -> list[RichText] | None:
        """The parts, each of which has room for the label; measured as the network will."""
        room = [counter.limit - counter.measure(RichText(label)) for counter in self._counters]
        for _ in range(_TRIES):
            parts = self._labelled(self._cut(room))
            over = self._over(parts)
            if not any(over):
                return parts or None
            room = [units - more for units, more in zip(room, over, strict=True)]
        return None

    def _labelled(self, parts: Sequence[RichText]) -> list[RichText]:
        if not self._numbered:
            return list(parts)
        return [part + RichText(f" {n}/{len(parts)}") for n, part in enumerate(parts, 1)]

    def _over(self, parts: Sequence[RichText]) -> list[int]:
        """By how much the longest part is too long, for each counter."""
        return [
            max(0, 0, *(counter.measure(part) - counter.limit for part in parts))
            for counter in self._counters
        ]

    def _cut(self, room: Sequence[int]) -> list[RichText]:
        """The parts, or none if there would be too many or something cannot be cut."""
        if self._least(room) > self._most:
            return []
        ladder = Ladder(self._breaks, self._ruler, room)
        try:
            closest = ladder.closest()
        except Uncuttable:
            return []
        fewest = len(closest) + 1
        return [] if fewest > self._most else cut_up(self._text, self._best(ladder, closest, room))

    def _best(
        self, ladder: Ladder, closest: Sequence[Break], room: Sequence[int]
    ) -> list[tuple[int, int]]:
        """Where the parts begin and end: the cheapest way that needs no more than one part more.

        Words are cut apart only where sentences and clauses do not do.
        """
        costs = Costs(self._text, self._ruler, room)
        enough = min(self._most, len(closest) + 1 + _SPARE)
        offered = chain((ladder.cuts(rank) for rank in _RANKS), [closest])
        found = (self._cheapest(costs, cuts, enough) for cuts in offered)
        return next(filter(None, found), [])

    def _cheapest(self, costs: Costs, cuts: Sequence[Break], enough: int) -> list[tuple[int, int]]:
        """The cheapest parts; none if there must be more than enough."""
        nodes = costs.nodes(cuts)
        ways = _ways(nodes, self._ruler, costs.room)
        totals = [
            (way.cost + costs.of_parts(parts), parts)
            for parts, way in ways[-1].items()
            if parts <= enough
        ]
        if not totals:
            return []
        path = _path(ways, min(totals)[1])
        return [(nodes[left].start, nodes[right].end) for left, right in pairwise(path)]

    def _least(self, room: Sequence[int]) -> int:
        """A number of parts that cannot be undercut, to refuse early what is far too long.

        White space between parts is left out, so half of the text might go.
        """
        if min(room) <= 0:
            return self._most + 1
        used = self._ruler.used(0, len(self._text.text))
        return max(units // space for units, space in zip(used, room, strict=True)) // 2


class _Way(NamedTuple):
    """The cheapest way to a node in so many parts: its cost, and the node before."""

    cost: float
    before: int


_Ways = dict[int, _Way]
"""By the number of parts."""


def _ways(nodes: Sequence[Node], ruler: Ruler, room: Sequence[int]) -> list[_Ways]:
    """The ways to each node, in as few parts as can be and in some more; none if there is none."""
    ways: list[_Ways] = [{0: _Way(0.0, 0)}, *({} for _ in nodes[1:])]
    for index, node in enumerate(nodes):
        if ways[index]:
            _go_on(nodes, ways, index, ruler.reach(node.start, room))
    return ways


def _go_on(nodes: Sequence[Node], ways: list[_Ways], index: int, reach: int) -> None:
    """Take the ways by one part further, to each node in reach, where they are the cheapest."""
    here, fewest = nodes[index], min(ways[index])
    known = [(parts + 1, way.cost) for parts, way in ways[index].items()]
    known = [(parts, cost) for parts, cost in known if parts <= fewest + 1 + _SPARE]
    for later in range(index + 1, len(nodes)):
        if nodes[later].end > reach:
            return
        more = here.cost_to(nodes[later])
        for parts, cost in known:
            other = ways[later].get(parts)
            if other is None or cost + more < other.cost:
                ways[later][parts] = _Way(cost + more, index)


def _path(ways: Sequence[_Ways], count: int) -> list[int]:
    """The nodes between so many parts."""
    path = [len(ways) - 1]
    for parts in range(count, 0, -1):
        path.append(ways[path[-1]][parts].before)
    return path[::-1]


def _label(digits: int) -> str:
    return " " + "9" * digits + "/" + "9" * digits
