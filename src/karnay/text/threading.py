"""Threads: the cheapest way to cut a text into as few parts as can be, or one more."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from karnay.text.breaks import Breaks
from karnay.text.costs import Costs
from karnay.text.ladder import STEPS, Ladder, Uncuttable
from karnay.text.richtext import RichText, cut_up
from karnay.text.ruler import Ruler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.costs import Node
    from karnay.text.measure import Counter
    from karnay.text.sentences import Break

_SPARE = 1  # parts more than the optimum that better places to cut are worth
_TRIES = 8  # how often to leave more room where cutting made the network read the text anew
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
        """Where the parts begin and end: cut at the best rank that needs no more than one more."""
        costs = Costs(self._text, self._ruler, room)
        enough = min(self._most, len(closest) + 1 + _SPARE)
        for cuts, _ in groupby(ladder.cuts(rank) for rank in STEPS):
            bounds = _cheapest(costs.nodes(cuts), self._ruler, room)
            if 0 < len(bounds) <= enough:
                return bounds
        return _cheapest(costs.nodes(closest), self._ruler, room)

    def _least(self, room: Sequence[int]) -> int:
        """A number of parts that cannot be undercut, to refuse early what is far too long.

        White space between parts is left out, so half of the text might go.
        """
        if min(room) <= 0:
            return self._most + 1
        used = self._ruler.used(0, len(self._text.text))
        return max(units // space for units, space in zip(used, room, strict=True)) // 2


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest way to a node: how many parts, at what cost, and the node before."""

    parts: int
    cost: float
    before: int


def _cheapest(nodes: Sequence[Node], ruler: Ruler, room: Sequence[int]) -> list[tuple[int, int]]:
    """Where the parts begin and end: as few as can be; none if a piece does not fit."""
    ways: list[_Way | None] = [_Way(0, 0.0, 0), *([None] * (len(nodes) - 1))]
    for index, node in enumerate(nodes):
        way = ways[index]
        if way is not None:
            reach = ruler.reach(node.start, room)
            _go_on(nodes, ways, _Way(way.parts + 1, way.cost, index), reach)
    return _bounds(nodes, ways)


def _go_on(nodes: Sequence[Node], ways: list[_Way | None], way: _Way, reach: int) -> None:
    """Take the way by one part further, to each node that it reaches, where it is the cheapest."""
    here = nodes[way.before]
    for index in range(way.before + 1, len(nodes)):
        node = nodes[index]
        if node.end > reach:
            return
        known = ways[index]
        cost = way.cost + here.cost_to(node)
        if known is None or (way.parts, cost) < (known.parts, known.cost):
            ways[index] = _Way(way.parts, cost, way.before)


def _bounds(nodes: Sequence[Node], ways: Sequence[_Way | None]) -> list[tuple[int, int]]:
    path = [len(nodes) - 1]
    while path[-1]:
        way = ways[path[-1]]
        if way is None:
            return []
        path.append(way.before)
    return [(nodes[left].start, nodes[right].end) for left, right in pairwise(reversed(path))]


def _label(digits: int) -> str:
    return " " + "9" * digits + "/" + "9" * digits
