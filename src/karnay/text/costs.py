"""What the parts of a thread cost: how well they end, how full they are, what they tear."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

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
    Rank.CLAUSE: 0.6,
    Rank.WORD: 1.0,
    Rank.TIGHT: 1.5,
    Rank.GRAPHEME: 3.0,
}
_TORN = 0.5  # a list item, quotation or code that goes on in the next part
_LED = 0.5  # `Topics:` at the end, and the topics in the next part
_LINK = 1.0  # a link that begins the next part, away from its sentence
_HEADING = 1.0  # a heading at the end, away from its text
_NO_WORDS = 3.0  # nothing but links, tags and signs

_WHOLE = (Kind.ITEM, Kind.QUOTE, Kind.PRE)
_WORD = regex.compile(r"[\p{L}\p{N}]+")


@dataclass(frozen=True, slots=True)
class Node:
    """A place to cut: one part ends at `end`, the next begins at `start`.

    `filled` and `words` say how full one long part would be there, and how many words it would
    have, each at the end of the left part and at the start of the right one.
    """

    end: int
    start: int
    ending: float
    filled: tuple[float, float]
    words: tuple[int, int]

    def cost_to(self, later: Node) -> float:
        """The cost of the part between the two.

        For the same number of parts the sum of the squares of how full they are is least when they
        are balanced; the other costs are in units of a full part.
        """
        full = later.filled[0] - self.filled[1]
        wordless = _NO_WORDS if later.words[0] == self.words[1] else 0.0
        return full * full + later.ending + wordless


class Costs:
    """The costs of the parts of one text."""

    def __init__(self, text: RichText, ruler: Ruler, room: Sequence[int]) -> None:
        self._text = text.text
        self._filled = ruler.filled(room)
        self._whole = Cover(span for span in text.spans if span.kind in _WHOLE)
        self._links = frozenset(span.start for span in text.spans if span.kind is Kind.LINK)
        self._headings = frozenset(_headings(text))
        self._words = [word.start() for word in _WORD.finditer(_without_entities(text))]

    def nodes(self, cuts: Sequence[Break]) -> list[Node]:
        """The beginning of the text, the cuts, and its end."""
        size = len(self._text)
        edges = (Break(0, 0, Rank.PARAGRAPH), Break(size, size, Rank.PARAGRAPH))
        return [self._node(cut) for cut in (edges[0], *cuts, edges[1])]

    def _node(self, cut: Break) -> Node:
        return Node(
            end=cut.end,
            start=cut.start,
            ending=self._ending(cut),
            filled=(self._filled[cut.end], self._filled[cut.start]),
            words=(bisect_left(self._words, cut.end), bisect_left(self._words, cut.start)),
        )

    def _ending(self, cut: Break) -> float:
        if cut.end == len(self._text):
            return 0.0
        return (
            _OF_RANK[cut.rank]
            + _TORN * self._whole.depth(cut.end)
            + _LED * self._text.endswith(":", 0, cut.end)
            + _LINK * (cut.start in self._links)
            + _HEADING * (cut.end in self._headings)
        )


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
