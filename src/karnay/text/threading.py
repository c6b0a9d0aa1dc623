"""Threads: the cheapest way to cut a text into as few parts as can be, or one more."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from karnay.text.breaks import Breaks, Cover
from karnay.text.costs import Costs
from karnay.text.ladder import Ladder, Uncuttable
from karnay.text.richtext import Kind, RichText, cut_up
from karnay.text.ruler import Ruler

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karnay.text.costs import Node
    from karnay.text.measure import Counter
    from karnay.text.richtext import Span
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
        """The parts, or None; list items that fit are torn only where there would be too many."""
        items = tuple(span for span in self._text.spans if span.kind is Kind.ITEM)
        tried = (
            self._parts(label, most, whole)
            for whole in dict.fromkeys((items, ()))
            for label, most in self._labels()
        )
        return next(filter(None, tried), None)

    def _labels(self) -> list[tuple[str, int]]:
        """Labels, each as long as any of so many parts needs."""
        if not self._numbered:
            return [("", self._most)]
        return [(_label(digits), min(self._most, 10**digits - 1)) for digits in _DIGITS]

    def _parts(self, label: str, most: int, whole: Sequence[Span]) -> list[RichText]:
        """At most so many parts with room for the label in each; measured as the network will."""
        room = [counter.limit - counter.measure(RichText(label)) for counter in self._counters]
        for _ in range(_TRIES):
            parts = self._labelled(self._cut(room, most, whole))
            over = self._over(parts)
            if not any(over):
                return parts
            room = [units - more for units, more in zip(room, over, strict=True)]
        return []

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

    def _cut(self, room: Sequence[int], most: int, whole: Sequence[Span]) -> list[RichText]:
        """The parts, or none if there would be too many or something cannot be cut."""
        if self._least(room) > most:
            return []
        kept = self._fitting(whole, room)
        ladder = Ladder(self._breaks, self._ruler, room, whole=kept)
        return cut_up(self._text, self._best(ladder, room, most))

    def _fitting(self, spans: Sequence[Span], room: Sequence[int]) -> Cover:
        """Those that fit into a part."""
        long = frozenset(self._ruler.too_long([(span.start, span.end) for span in spans], room))
        return Cover(span for index, span in enumerate(spans) if index not in long)

    def _best(self, ladder: Ladder, room: Sequence[int], most: int) -> list[tuple[int, int]]:
        """Where the parts begin and end: the cheapest way that needs no more than one part more.

        Words are cut apart only where sentences and clauses do not do.
        """
        try:
            closest = ladder.closest()
        except Uncuttable:
            return []
        if len(closest) >= most:
            return []
        enough = min(most, len(closest) + 1 + _SPARE)
        offers = ladder.offers(closest)
        cuts = next(cuts for cuts in offers if ladder.suffice(cuts, enough))
        return self._cheapest(cuts, room, enough)

    def _cheapest(
        self, cuts: Sequence[Break], room: Sequence[int], enough: int
    ) -> list[tuple[int, int]]:
        """The cheapest parts, of which there need be no more than enough."""
        costs = Costs(self._text, self._ruler, room)
        nodes = costs.nodes(cuts)
        ways = _ways(nodes, self._ruler, room)
        totals = [
            (cost + costs.of_parts(parts), parts)
            for parts, (cost, _) in ways[-1].items()
            if parts <= enough
        ]
        path = _path(ways, min(totals)[1])
        return [(nodes[left].start, nodes[right].end) for left, right in pairwise(path)]

    def _least(self, room: Sequence[int]) -> float:
        """A number of parts that cannot be undercut, to refuse early what is far too long.

        White space between parts is left out, so half of the text might go.
        """
        if min(room) <= 0:
            return inf
        used = self._ruler.used(0, len(self._text.text))
        return max(units // space for units, space in zip(used, room, strict=True)) // 2


_Way = tuple[float, int]
"""The cheapest way to a node in so many parts: its cost, and the node before."""

_Ways = dict[int, _Way]
"""By the number of parts."""


def _ways(nodes: Sequence[Node], ruler: Ruler, room: Sequence[int]) -> list[_Ways]:
    """The ways to each node, in as few parts as can be and in some more; none if there is none."""
    ways: list[_Ways] = [{0: (0.0, 0)}, *({} for _ in nodes[1:])]
    ends = [node.end for node in nodes]
    for index, node in enumerate(nodes):
        if ways[index]:
            later = slice(index + 1, bisect_right(ends, ruler.reach(node.start, room)))
            ahead = zip(ways[later], map(node.cost_to, nodes[later]), strict=True)
            _go_on(ways[index], index, ahead)
    return ways


def _go_on(here: _Ways, index: int, ahead: Iterable[tuple[_Ways, float]]) -> None:
    """Take the ways to this node by one part further, wherever they are the cheapest there."""
    most = min(here) + _SPARE
    known = [(parts + 1, cost) for parts, (cost, _) in here.items() if parts <= most]
    for there, more in ahead:
        for parts, cost in known:
            total, best = cost + more, there.get(parts)
            if best is None or total < best[0]:
                there[parts] = (total, index)


def _path(ways: Sequence[_Ways], count: int) -> list[int]:
    """The nodes between so many parts."""
    path = [len(ways) - 1]
    for parts in range(count, 0, -1):
        path.append(ways[path[-1]][parts][1])
    return path[::-1]


def _label(digits: int) -> str:
    return " " + "9" * digits + "/" + "9" * digits
