"""What measuring a text means: counters with their limits, and how a network shows rich text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from karnay.text.richtext import Kind, RichText, Span

Measure = Callable[[RichText], int]
"""How many units a text takes; pure, and linear in its length."""

Detect = Callable[[str], tuple[Span, ...]]
"""What a network itself makes of a plain text: links, mentions, hashtags; code points."""


def nothing(_text: str) -> tuple[Span, ...]:
    """The detector of a network that detects nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Counter:
    """One way in which a network counts, with its limit in the same unit."""

    unit: str
    limit: int
    measure: Measure

    def fits(self, text: RichText) -> bool:
        """Whether the network would take a text of this size."""
        return self.measure(text) <= self.limit


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a network shows rich text: the spans that it keeps, and what it detects by itself.

    Spans of other kinds are put in plain form before anything is measured: a link becomes
    `words (address)`, a list item keeps its bullet, bold becomes plain words. `show_link` is how
    the network's own app shortens the text of a bare address whose whole is kept in the span.
    """

    keeps: frozenset[Kind] = frozenset()
    detect: Detect = field(default=nothing)
    show_link: Callable[[str], str] = field(default=str)


@dataclass(frozen=True, slots=True)
class Additive:
    """A measure that also tells what each code point adds, so that splitting need not re-measure.

    The weights of any piece that cuts no entity and no grapheme add up to its measure, but where
    cutting changes how the network reads its edges; whoever cuts therefore measures the piece.
    """

    total: Measure
    weights: Callable[[RichText], Sequence[int]]

    def __call__(self, text: RichText) -> int:
        """The units that the whole text takes."""
        return self.total(text)
