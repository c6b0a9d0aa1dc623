"""What the parts of a thread cost: how well they end, how full they are, what they tear."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from karnay.text.breaks import Cover
from karnay.text.richtext import ENTITIES, Kind
from karnay.text.sentences import Break, Rank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karnay.text.richtext import RichText
    from karnay.text.ruler import Ruler

_OF_RANK = {
    Rank.PARAGRAPH: 0.0,
    Rank.LINE: 0.15,
    Rank.SENTENCE: 0.2,
    Rank.CLAUSE: 1.0,
    Rank.WORD: 3.0,
    Rank.TIGHT: 4.0,
    Rank.GRAPHEME: 6.0,
}
_PART = 0.5  # a part more than there could be
_TORN = 1.0  # a list item, quotation or code that goes on in the next part
_LEAD = 1.0  # ... of which only the first words are in this one
_COMMA = 0.25  # more than `;`, `:` or a dash
_ENUMERATION = 0.25  # a comma that another one is near: those are of one list
_LED = 1.2  # `Topics:` at the end, and the topics in the next part
_LINK = 1.0  # a link that begins the next part, away from its sentence
_HEADING = 1.0  # a heading at the end, away from its text
_NO_WORDS = 3.0  # nothing but links, tags and signs

_WHOLE = (Kind.ITEM, Kind.QUOTE, Kind.PRE)
_LONGEST_LEAD = 80  # code points
_NEAR = 40  # code points from one comma to the next
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Node:
    """A place to cut: one part ends at `end`, the next begins at `start`.

    `full_at_end` and `full_at_start` say how full one long part would be there, `worded` how many
    pieces between nodes before it have words.
    """

    end: int
    start: int
    ending: float
    full_at_end: float
    full_at_start: float
    worded: int

    def cost_to(self, later: Node) -> float:
        """The cost of the part between the two.

        For the same number of parts the sum of the squares of how full they are is least when they
        are balanced; the other costs are in units of a full part.
        """
        full = later.full_at_end - self.full_at_start
        wordless = _NO_WORDS if later.worded == self.worded else 0.0
        return full * full + later.ending + wordless


class Costs:
    """The costs of the parts of one text."""

    def __init__(self, text: RichText, ruler: Ruler, room: Sequence[int]) -> None:
        self._text = text.text
        self._used, self._space = ruler.tightest(room)
        whole = [span for span in text.spans if span.kind in _WHOLE]
        self._whole = Cover(whole)
        self._leads = Cover(
            replace(span, end=min(span.end, span.start + _LONGEST_LEAD)) for span in whole
        )
        self._links = frozenset(span.start for span in text.spans if span.kind is Kind.LINK)
        self._headings = frozenset(_headings(text))
        self._own_words = _without_entities(text)

    def nodes(self, cuts: Sequence[Break]) -> list[Node]:
        """The beginning of the text, the cuts, and its end."""
        size = len(self._text)
        edges = (Break(0, 0, Rank.PARAGRAPH), Break(size, size, Rank.PARAGRAPH))
        places = [edges[0], *cuts, edges[1]]
        worded = accumulate(self._worded(places), initial=0)
        return list(map(self._node, places, worded))

    def of_parts(self, count: int) -> float:
        """What so many parts cost, apart from where they are cut.

        Of each number it takes what balanced parts would cost, so that two numbers can be compared.
        """
        full = self._used[-1] / self._space
        return _PART * count - full * full / count

    def _worded(self, places: Sequence[Break]) -> Iterator[bool]:
        """Whether there is a word from each place to the next."""
        for left, right in pairwise(places):
            yield _WORD.search(self._own_words, left.start, right.end) is not None

    def _node(self, cut: Break, worded: int) -> Node:
        return Node(
            end=cut.end,
            start=cut.start,
            ending=self._ending(cut),
            full_at_end=self._used[cut.end] / self._space,
            full_at_start=self._used[cut.start] / self._space,
            worded=worded,
        )

    def _ending(self, cut: Break) -> float:
        if cut.end == len(self._text):
            return 0.0
        return (
            _OF_RANK[cut.rank]
            + _TORN * self._whole.depth(cut.end)
            + _LEAD * self._leads.depth(cut.end)
            + _LED * (cut.rank >= Rank.LINE and self._text.endswith(":", 0, cut.end))
            + self._after_comma(cut.end)
            + _LINK * (cut.start in self._links)
            + _HEADING * (cut.end in self._headings)
        )

    def _after_comma(self, end: int) -> float:
        if not self._text.endswith(",", 0, end):
            return 0.0
        near = "," in self._text[max(0, end - 1 - _NEAR) : end - 1]
        near = near or "," in self._text[end : end + _NEAR]
        return _COMMA + _ENUMERATION * near


def _without_entities(text: RichText) -> str:
    """The text with blanks in the place of links, mentions and tags."""
    pieces, place = [], 0
    for span in sorted(span for span in text.spans if span.kind in ENTITIES):
        start = max(place, span.start)
        pieces += [text.text[place:start], " " * (span.end - start)]
        place = max(place, span.end)
    return "".join([*pieces, text.text[place:]])


def _headings(text: RichText) -> Iterator[int]:
    """Where a bold line ends that is a paragraph of its own."""
    for span in text.spans:
        alone = text.text.endswith("\n\n", 0, span.start) or span.start == 0
        if span.kind is Kind.BOLD and alone and text.text.startswith("\n\n", span.end):
            yield span.end
