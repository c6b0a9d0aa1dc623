"""Making the parts fit the limits: as they are, shortened, or split into a thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from karnay.content.post import Overflow
from karnay.text import fitting
from karnay.text.richtext import Kind, RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karnay.rendering.limits import Limits
    from karnay.text.measure import Counter

_WORKING = frozenset({Kind.FLEX, Kind.ITEM})  # of use only until everything fits


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parts as they will be sent, what was done to them, and what could not be done.

    `doubts` say what the network might object to, though by its documents it should not.
    """

    parts: tuple[RichText, ...]
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """How texts are made to fit: within which limits, and what may be done to those too long."""

    limits: Limits
    overflow: Overflow = Overflow.SHORTEN
    numbered: bool = False

    def all(self, texts: Sequence[RichText]) -> Fitted:
        """Every text as one part, or as several where a thread is wanted and it is too long."""
        if len(texts) > self.limits.parts:
            return Fitted(tuple(texts), faults=(self._too_many(len(texts)),))
        room = self.limits.parts - len(texts) + 1
        fitted: list[Fitted] = []
        for text in texts:
            fitted.append(self._one(text, most=room, numbered=self.numbered and len(texts) == 1))
            room -= len(fitted[-1].parts) - 1
        whole = _together(fitted)
        return replace(whole, doubts=self._doubts(whole.parts))

    def _doubts(self, parts: Sequence[RichText]) -> tuple[str, ...]:
        """Each warning about any part, once."""
        return tuple(dict.fromkeys(said for part in parts for said in self.limits.warnings(part)))

    def _one(self, text: RichText, *, most: int, numbered: bool) -> Fitted:
        if self.limits.fits(text):
            return Fitted((text,))
        ways: Mapping[Overflow, Callable[[], Fitted]] = {
            Overflow.SHORTEN: partial(self._shortened, text),
            Overflow.THREAD: partial(self._split, text, most=most, numbered=numbered),
            Overflow.REFUSE: partial(self._refused, text),
        }
        return ways[self.overflow]()

    def _shortened(self, text: RichText) -> Fitted:
        short = fitting.shorten(text, self.limits.counters)
        if short is None:
            remedy = "what may not shrink is too much by itself: write less, or `overflow: thread`"
            return Fitted((text,), faults=(f"{self._excess(text)}; {remedy}",))
        return Fitted((short,), (_shortening(text, short),))

    def _split(self, text: RichText, *, most: int, numbered: bool) -> Fitted:
        if self.limits.parts == 1:
            remedy = "there are no threads here: write less, or `overflow: shorten`"
            return Fitted((text,), faults=(f"{self._excess(text)}; {remedy}",))
        parts = fitting.split(text, self.limits.counters, most=most, numbered=numbered)
        if parts is None:
            remedy = f"it does not go into {most} parts: write less, or `overflow: shorten`"
            return Fitted((text,), faults=(f"{self._excess(text)}; {remedy}",))
        return Fitted(tuple(parts), (f"split into {len(parts)} parts",))

    def _refused(self, text: RichText) -> Fitted:
        remedy = "write less, or `overflow: shorten` or `overflow: thread`"
        return Fitted((text,), faults=(f"{self._excess(text)}; {remedy}",))

    def _excess(self, text: RichText) -> str:
        """By how much the text is too long, in the unit of the first counter that refuses it."""
        counter = _refusing(self.limits.counters, text)
        used = counter.measure(text)
        return (
            f"the text is {used - counter.limit:,} {counter.unit} over the limit "
            f"({used:,} of {counter.limit:,})"
        )

    def _too_many(self, count: int) -> str:
        most = self.limits.parts
        allowed = "takes a single part" if most == 1 else f"takes at most {most} parts"
        return f"the text has {count} parts (`---` begins one), and the network {allowed}"


def _refusing(counters: Sequence[Counter], text: RichText) -> Counter:
    return next((counter for counter in counters if not counter.fits(text)), counters[0])


def _shortening(text: RichText, short: RichText) -> str:
    """How much is left of what could shrink, in characters."""
    flexible = sum(span.end - span.start for span in text.spans if span.kind is Kind.FLEX)
    left = max(0, flexible - (len(text.text) - len(short.text)))
    return f"shortened: {left:,} of {flexible:,} flexible characters are left"


def _together(fitted: Sequence[Fitted]) -> Fitted:
    return Fitted(
        tuple(part.without(_WORKING) for one in fitted for part in one.parts),
        tuple(note for one in fitted for note in one.notes),
        tuple(fault for one in fitted for fault in one.faults),
    )
