"""RichText: a plain string and the spans that lie on it, kept through every operation."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Kind(StrEnum):
    """What a span is."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"
    PRE = "pre"
    QUOTE = "quote"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"
    CASHTAG = "cashtag"
    FLEX = "flex"  # what may shrink; its value is the order of preference, "1" first
    ITEM = "item"  # a list item: not torn where it can be helped


ENTITIES = frozenset({Kind.LINK, Kind.MENTION, Kind.HASHTAG, Kind.CASHTAG})
"""The kinds that are never cut: half a link, mention or tag is another one, or none."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`text[start:end]` is a `kind`; offsets are code points, end exclusive.

    `value` is a link's address, a mention's handle, a hashtag without its sign, code's language.
    """

    start: int
    end: int
    kind: Kind
    value: str = ""

    def moved(self, by: int) -> Span:
        """The span `by` code points further right."""
        return Span(self.start + by, self.end + by, self.kind, self.value)

    def within(self, start: int, end: int) -> Span | None:
        """What of this span lies in [start, end), or nothing."""
        left, right = max(self.start, start), min(self.end, end)
        return Span(left, right, self.kind, self.value) if left < right else None


@dataclass(frozen=True, slots=True)
class RichText:
    """A string and its spans: the only currency from the template's Markdown to the network."""

    text: str = ""
    spans: tuple[Span, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self.text)

    def __add__(self, other: RichText) -> RichText:
        """Both texts, the second one's spans moved along."""
        moved = (span.moved(len(self.text)) for span in other.spans)
        return RichText(self.text + other.text, (*self.spans, *moved))

    def slice(self, start: int, end: int) -> RichText:
        """The code points [start, end) with what of the spans lies in them."""
        inside = (span.within(start, end) for span in self.spans)
        return RichText(
            self.text[start:end], tuple(span.moved(-start) for span in inside if span is not None)
        )

    def strip(self) -> RichText:
        """Without white space at either end."""
        left = len(self.text) - len(self.text.lstrip())
        return self.slice(left, max(left, len(self.text.rstrip())))

    def only(self, kinds: Iterable[Kind]) -> RichText:
        """The same text with only the spans of these kinds."""
        wanted = frozenset(kinds)
        return replace(self, spans=tuple(span for span in self.spans if span.kind in wanted))

    def without(self, kinds: Iterable[Kind]) -> RichText:
        """The same text without the spans of these kinds."""
        return self.only(frozenset(Kind) - frozenset(kinds))

    def with_spans(self, spans: Iterable[Span]) -> RichText:
        """The same text with these spans added, in order."""
        return replace(self, spans=tuple(sorted({*self.spans, *spans})))

    def as_json(self) -> dict[str, object]:
        """A form that JSON can hold and `from_json` reads back."""
        spans = [[span.start, span.end, span.kind.value, span.value] for span in self.spans]
        return {"text": self.text, "spans": spans}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> RichText:
        """The inverse of `as_json`."""
        spans = value["spans"]
        assert isinstance(spans, list)  # noqa: S101 - our own writing
        return cls(
            str(value["text"]),
            tuple(Span(start, end, Kind(kind), data) for start, end, kind, data in spans),
        )


def join(separator: str, parts: Iterable[RichText]) -> RichText:
    """The parts with the separator between them."""
    pieces = list(parts)
    between = RichText(separator)
    glued = [piece if not index else between + piece for index, piece in enumerate(pieces)]
    return sum_of(glued)


def sum_of(parts: Iterable[RichText]) -> RichText:
    """All parts in a row, in linear time."""
    pieces = list(parts)
    starts = accumulate((len(piece.text) for piece in pieces), initial=0)
    spans = (
        span.moved(start)
        for start, piece in zip(starts, pieces, strict=False)
        for span in piece.spans
    )
    return RichText("".join(piece.text for piece in pieces), tuple(spans))


def utf16_offsets(text: str) -> list[int]:
    """For each code point index 0..len(text), its offset in UTF-16 code units."""
    if not text or max(text) <= "\uffff":
        return list(range(len(text) + 1))
    return list(accumulate((1 + (char > "\uffff") for char in text), initial=0))


def utf8_offsets(text: str) -> list[int]:
    """For each code point index 0..len(text), its offset in UTF-8 bytes."""
    if text.isascii():
        return list(range(len(text) + 1))
    data = text.encode("utf-8", "surrogatepass")
    return [place for place, byte in enumerate(data) if byte & 0xC0 != 0x80] + [len(data)]


def cut_up(text: RichText, bounds: Sequence[tuple[int, int]]) -> list[RichText]:
    """The pieces [start, end) of the text, in order and apart, with their spans; in linear time."""
    ends = [end for _, end in bounds]
    spans: list[list[Span]] = [[] for _ in bounds]
    for span in text.spans:
        for index in range(bisect_right(ends, span.start), len(bounds)):
            start, end = bounds[index]
            inside = span.within(start, end)
            if start >= span.end:
                break
            if inside is not None:
                spans[index].append(inside.moved(-start))
    return [
        RichText(text.text[start:end], tuple(found))
        for (start, end), found in zip(bounds, spans, strict=True)
    ]
