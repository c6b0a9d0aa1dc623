"""Shortening: how much of each flexible region stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import regex

from karnay.text.breaks import Breaks, Cover
from karnay.text.editing import Edit, edited
from karnay.text.richtext import ENTITIES, Kind, RichText
from karnay.text.ruler import Ruler
from karnay.text.sentences import Rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from karnay.text.measure import Counter
    from karnay.text.richtext import Span
    from karnay.text.sentences import Break

ELLIPSIS = "…"
_WORTH = 4  # a better place to cut may cost all but this part (a quarter) of what would fit
_AHEAD = 64  # code points; no more than a few behind a gap say what kind of a break it is
_TRIES = 8  # how often to take more away where cutting made the network read the text anew
_BLANKS = regex.compile(r"\s*")
_TAIL = regex.compile(r"[\s,;:\-–—(«“„\[]+\Z")
_ENDED = regex.compile(r"[.!?…][\"'»”’)\]]*\Z")


@dataclass(frozen=True, slots=True)
class _Cut:
    """The region keeps what is before `place`."""

    place: int
    mark: str


class Shortening:
    """The regions of one text that is too long, and how it is made to fit the counters."""

    def __init__(self, text: RichText, counters: Sequence[Counter]) -> None:
        self._counters = counters
        self._text = text

    def result(self) -> RichText | None:
        """The text that fits, or None."""
        text = self._text
        while (region := _next_region(text)) is not None:
            short = _shrunk(text, region, self._counters)
            if short is not None:
                return short
            text = _emptied(text, region)
            if all(counter.fits(text) for counter in self._counters):
                return text
        return None


def _next_region(text: RichText) -> Span | None:
    """The region to shrink now: lowest order, then the last one; none inside an entity."""
    entities = Cover(span for span in text.spans if span.kind in ENTITIES)
    regions = [
        span
        for span in text.spans
        if span.kind is Kind.FLEX and not entities.over(span.start + 1, span.end - 1)
    ]
    return min(regions, key=lambda span: (int(span.value or 1), -span.start), default=None)


def _shrunk(text: RichText, region: Span, counters: Sequence[Counter]) -> RichText | None:
    """The text with the region cut so that all fits; None if nothing of it can stay."""
    places = _Places(text, region, Ruler(text, counters))
    slack = [0] * len(counters)
    for _ in range(_TRIES):
        cut = places.best(slack)
        if cut is None:
            return None
        short = _with_cut(text, region, cut)
        over = [max(0, counter.measure(short) - counter.limit) for counter in counters]
        if not any(over):
            return short
        slack = [before + more for before, more in zip(slack, over, strict=True)]
    return None


class _Places:
    """The places where a region may be cut."""

    def __init__(self, text: RichText, region: Span, ruler: Ruler) -> None:
        self._text = text
        self._region = region
        self._ruler = ruler
        self._links = frozenset(span.end for span in text.spans if span.kind in ENTITIES)
        self._breaks = Breaks(text.slice(0, self._seen()))
        cuts = self._breaks.between_words
        self._words = [cut for cut in cuts if region.start < cut.end < region.end]

    def _seen(self) -> int:
        """The end of what decides where to cut: some words more than there is room for."""
        reach = self._reach([0] * len(self._ruler.counters))
        blanks = _BLANKS.match(self._text.text, reach)
        return (blanks.end() if blanks else reach) + _AHEAD

    def best(self, slack: Sequence[int]) -> _Cut | None:
        """The best place that leaves as much room free as `slack` says, or None."""
        reach = self._reach(slack)
        places = (place for place in self._candidates(reach) if place and self._worth(place, reach))
        return next((self._cut(place) for place in places), None)

    def _candidates(self, reach: int) -> Iterator[int | None]:
        """The last place of each rank, the best rank first."""
        within = [cut for cut in self._words if cut.end <= reach]
        for rank in (Rank.SENTENCE, Rank.CLAUSE, Rank.WORD):
            yield _last(within, rank)
        yield self._last_grapheme(reach)

    def _reach(self, slack: Sequence[int]) -> int:
        return self._ruler.reach(self._region.start, self._room(slack))

    def _room(self, slack: Sequence[int]) -> list[int]:
        region = self._region
        counters = self._ruler.counters
        total = self._ruler.used(0, len(self._text.text))
        own = self._ruler.used(region.start, region.end)
        mark = [counter.measure(RichText(ELLIPSIS)) for counter in counters]
        return [
            counter.limit - everything + inside - dots - free
            for counter, everything, inside, dots, free in zip(
                counters, total, own, mark, slack, strict=True
            )
        ]

    def _worth(self, place: int, reach: int) -> bool:
        start = self._region.start
        return (place - start) * _WORTH >= reach - start > 0

    def _last_grapheme(self, reach: int) -> int | None:
        end = min(self._region.end, reach + 1)
        last = self._breaks.last_between_graphemes(self._region.start, end)
        return last and last.end

    def _cut(self, place: int) -> _Cut:
        start = self._region.start
        kept = self._text.text[start:place]
        kept = kept if place in self._links else _TAIL.sub("", kept)
        spaced = _ENDED.search(kept) or start + len(kept) in self._links
        return _Cut(start + len(kept), f" {ELLIPSIS}" if spaced else ELLIPSIS)


def _last(cuts: Iterable[Break], rank: Rank) -> int | None:
    return max((cut.end for cut in cuts if cut.rank >= rank), default=None)


def _with_cut(text: RichText, region: Span, cut: _Cut) -> RichText:
    kept = _without_spans_in(text, cut.place, region.end)
    kept = replace(kept, spans=tuple(span for span in kept.spans if span != region))
    return edited(kept, [Edit(cut.place, region.end, cut.mark)])


def _emptied(text: RichText, region: Span) -> RichText:
    """Without the region, and with only the wider one of the gaps round it."""
    start = len(text.text[: region.start].rstrip())
    after = _BLANKS.match(text.text, region.end)
    end = after.end() if after else region.end
    gaps = (text.text[start : region.start], text.text[region.end : end])
    gap = max(gaps, key=lambda blanks: (blanks.count("\n"), len(blanks)))
    inner = start > 0 and end < len(text.text)
    return edited(
        _without_spans_in(text, region.start, region.end),
        [Edit(start, end, gap if inner else "")],
    )


def _without_spans_in(text: RichText, start: int, end: int) -> RichText:
    outside = (span for span in text.spans if not start <= span.start <= span.end <= end)
    return replace(text, spans=tuple(outside))
