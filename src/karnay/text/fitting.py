"""Making a text fit: shortening what is flexible, or splitting it into the parts of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.text.richtext import Kind
from karnay.text.shortening import Shortening
from karnay.text.threading import Threading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.measure import Counter
    from karnay.text.richtext import RichText

_FLEX = frozenset({Kind.FLEX})


def fits(text: RichText, counters: Sequence[Counter]) -> bool:
    """Whether every counter is content."""
    return all(counter.fits(text) for counter in counters)


def shorten(text: RichText, counters: Sequence[Counter]) -> RichText | None:
    """The text with its FLEX regions cut as little as needed, or None if what is fixed is too long.

    Regions shrink in the order of their value, 1 first; of those of one order the last one first.
    Each ends at a sentence, else a clause, else a word, else a grapheme, with an ellipsis that is
    counted; no entity is cut. A region of which nothing is left takes its blank lines along.
    Text that fits is returned whole; the result has no FLEX spans.
    """
    if fits(text, counters):
        return text.without(_FLEX)
    short = Shortening(text, counters).result()
    return short.without(_FLEX) if short is not None else None


def split(
    text: RichText, counters: Sequence[Counter], *, most: int, numbered: bool = False
) -> list[RichText] | None:
    """The parts of a thread, at most one more than could be; None if that is more than `most`.

    Cut between paragraphs, else sentences, else clauses, else words, else (in a word that is too
    long for a part) graphemes; never through an entity, and None if one alone does not fit. A list
    item that fits into a part is not torn either, which may take more parts, unless there would be
    more than `most`. Parts are balanced; a heading, a link and the hashtags stay with what they
    belong to where they can. `numbered` adds ` 1/4` to each of several parts, and counts it.
    """
    whole = text.without(_FLEX).strip()
    if fits(whole, counters):
        return [whole]
    return Threading(whole, counters, most, numbered=numbered).result()
