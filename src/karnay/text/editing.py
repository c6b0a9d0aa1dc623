"""Replacing pieces of a RichText while its spans stay where they belong."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from karnay.text.richtext import ENTITIES, RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.text.richtext import Span


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`text[start:end]` becomes `words`; nothing is replaced where both are the same."""

    start: int
    end: int
    words: str

    @property
    def growth(self) -> int:
        """By how many code points the text gets longer."""
        return len(self.words) - (self.end - self.start)


def edited(text: RichText, edits: Sequence[Edit]) -> RichText:
    """The text after all edits, which must be in order and not overlap.

    Spans move along; one that is left with nothing is gone. What is put in at the end of a span
    belongs to it, unless it is an entity, whose words are its own.
    """
    if not edits:
        return text
    moves = _Moves(edits)
    moved = (_moved(span, moves) for span in text.spans)
    return RichText(
        _new_text(text.text, edits), tuple(span for span in moved if span.start < span.end)
    )


class _Moves:
    """Where a place of the old text is in the new one."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._ends = [edit.end for edit in edits]
        self._growth = list(accumulate((edit.growth for edit in edits), initial=0))

    def start(self, place: int) -> int:
        """Of a span that begins there: after what is put in, or at its own new words."""
        index = bisect_right(self._ends, place)
        if index < len(self._edits) and self._edits[index].start < place:
            return self._ends[index] + self._growth[index + 1]
        return place + self._growth[index]

    def end(self, place: int) -> int:
        """Of a span that ends there: after what is put in."""
        index = bisect_right(self._ends, place)
        if index < len(self._edits) and self._edits[index].start < place:
            return self._edits[index].start + self._growth[index]
        return place + self._growth[index]

    def end_of_entity(self, place: int) -> int:
        """Of an entity that ends there: before what is put in."""
        index = bisect_left(self._ends, place)
        if index < len(self._edits) and self._edits[index].start < place == self._ends[index]:
            return place + self._growth[index + 1]
        if index < len(self._edits) and self._edits[index].start < place:
            return self._edits[index].start + self._growth[index]
        return place + self._growth[index]


def _moved(span: Span, moves: _Moves) -> Span:
    end = moves.end_of_entity(span.end) if span.kind in ENTITIES else moves.end(span.end)
    return replace(span, start=moves.start(span.start), end=end)


def _new_text(text: str, edits: Sequence[Edit]) -> str:
    starts = [0, *(edit.end for edit in edits)]
    kept = (text[start : edit.start] for start, edit in zip(starts, edits, strict=False))
    pieces = (piece for pair in zip(kept, edits, strict=True) for piece in (pair[0], pair[1].words))
    return "".join([*pieces, text[starts[-1] :]])
