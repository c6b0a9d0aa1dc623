"""Measures that need no network: UTF-16 units, UTF-8 bytes, and how many entities there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.text.measure import Additive

if TYPE_CHECKING:
    from collections.abc import Callable

    from karnay.text.measure import Detect
    from karnay.text.richtext import Kind, RichText, Span


def utf16_size(text: str) -> int:
    """UTF-16 code units of a text; a lone surrogate is one."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_size(text: str) -> int:
    """UTF-8 bytes of a text; a lone surrogate takes three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def each(size: Callable[[str], int]) -> Additive:
    """The measure of a network that adds up the sizes of single code points."""
    return Additive(lambda rich: size(rich.text), lambda rich: [size(char) for char in rich.text])


utf16_units = each(utf16_size)
"""UTF-16 code units: no network counts more of a character than this, but for bytes."""

utf8_bytes = each(utf8_size)
"""Bytes of UTF-8."""


def number_of(kind: Kind, detect: Detect) -> Additive:
    """How many entities of that kind the network will detect in the plain text."""

    def found(rich: RichText) -> list[Span]:
        return [span for span in detect(rich.text) if span.kind is kind]

    return Additive(lambda rich: len(found(rich)), lambda rich: _first_places(rich, found(rich)))


def number_of_different(kind: Kind, detect: Detect) -> Additive:
    """The same, but those of one value count once (a piece of a text may weigh too much, then)."""

    def found(rich: RichText) -> list[Span]:
        return [span for span in detect(rich.text) if span.kind is kind]

    return Additive(
        lambda rich: len({span.value for span in found(rich)}),
        lambda rich: _first_places(rich, found(rich)),
    )


def _first_places(rich: RichText, spans: list[Span]) -> list[int]:
    """One at the first code point of each span."""
    weights = [0] * len(rich.text)
    for span in spans:
        weights[span.start] = 1
    return weights
