"""Keeping of things found in a text those that do not lie on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.text.richtext import Span


def without_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order; of two that overlap the one that begins first, else the one that is given first."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
    return tuple(kept)
