"""Measuring and splitting single texts as a platform does, without an account or a workspace."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from karnay.accounts import Account
from karnay.content.post import Overflow
from karnay.platforms.registry import limits_of
from karnay.rendering.fit import Fit
from karnay.text.markdown import lower
from karnay.text.plain import adapted
from karnay.text.richtext import RichText, utf8_offsets, utf16_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from karnay.rendering.limits import Limits

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEXT_PART = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)

NATIVE_UNITS = {"telegram": "utf-16", "bluesky": "utf-8"}
"""In what a platform's API tells where an entity is; everywhere else in code points, as X does."""

_OFFSETS: dict[str, Callable[[str], Sequence[int]]] = {
    "utf-16": utf16_offsets,
    "utf-8": utf8_offsets,
}


class Unmeasurable(Exception):
    """The text cannot be measured or split; the message says why."""


class _Details(BaseModel):
    """Of an account that exists only to be measured for."""

    tier: str


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one counter's limit is used."""

    unit: str
    used: int
    limit: int

    @property
    def excess(self) -> str:
        """By how much it is too much; empty where it is not."""
        over = f"{self.used - self.limit:,} {self.unit} over the limit"
        return f"{over} ({self.used:,} of {self.limit:,})" if self.used > self.limit else ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a platform makes of a text; the first use is of the counter that previews show."""

    text: RichText
    uses: tuple[Use, ...]
    warnings: tuple[str, ...]
    native_unit: str

    @property
    def fits(self) -> bool:
        """Whether the platform would take it: every counter is content."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """Each limit that is exceeded."""
        return tuple(use.excess for use in self.uses if use.used > use.limit)

    def entities(self) -> list[dict[str, Any]]:
        """Links, mentions, hashtags and cashtags, in order; ends are exclusive."""
        spans, native = self.text.spans, self._native()
        return [
            {
                "kind": span.kind.value,
                "text": self.text.text[span.start : span.end],
                "start": span.start,
                "end": span.end,
                "native_start": native[span.start],
                "native_end": native[span.end],
            }
            for span in spans
        ]

    def _native(self) -> Sequence[int]:
        """The native offset of each code point."""
        text = self.text.text
        if not self.text.spans or text.isascii() or self.native_unit not in _OFFSETS:
            return range(len(text) + 1)
        return _OFFSETS[self.native_unit](text)


class Yardstick:
    """A platform's way to measure, for accounts of that tier and with that limit.

    `limit` replaces the first counter's (an instance's own); `markdown` tells that texts are
    Markdown, else they are measured as typed. Raises NotFound for an unknown platform.
    """

    def __init__(
        self, platform: str, *, tier: str = "", limit: int | None = None, markdown: bool = False
    ) -> None:
        self.platform = platform
        self._account = Account(platform, platform, "und", details=_Details(tier=tier))
        self._limits_of = limits_of(platform)
        self._limit = limit
        self._markdown = markdown
        self.limits = lru_cache(maxsize=64)(self._limits)

    def has_tiers(self) -> bool:
        """Whether the tier matters on this platform."""
        plain = replace(self._account, details=_Details(tier=""))
        return self._limits_of(plain).limit != self._limits_of(self._account).limit

    def _limits(self, media: bool, spoiler: str) -> tuple[Limits, int]:
        """The limits, and how many units of the first counter the content warning takes."""
        bare = self._limits_of(self._account, media=media)
        warned = self._limits_of(self._account, media=media, options={"spoiler": spoiler})
        taken = bare.limit - warned.limit if spoiler else 0
        if self._limit is None:
            return warned, taken
        first = replace(warned.counters[0], limit=self._limit - taken)
        return replace(warned, counters=(first, *warned.counters[1:])), taken

    def measure(self, text: str, *, media: bool = False, spoiler: str = "") -> Measurement:
        """What the platform makes of the text. Raises Unmeasurable."""
        _check(text, spoiler)
        limits, taken = self.limits(media, spoiler)
        rich = self._only(self._read(text, limits))
        first, *others = limits.counters
        used = Use(first.unit, first.measure(rich) + taken, first.limit + taken)
        uses = (Use(other.unit, other.measure(rich), other.limit) for other in others)
        unit = NATIVE_UNITS.get(self.platform, "code-points")
        return Measurement(rich, (used, *uses), limits.warnings(rich), unit)

    def split(
        self, text: str, *, media: bool = False, spoiler: str = "", numbered: bool = False
    ) -> list[str]:
        """The parts of a thread, each of which fits; none of a blank text. Raises Unmeasurable."""
        _check(text, spoiler)
        limits, taken = self.limits(media, spoiler)
        if limits.limit <= 0:
            raise Unmeasurable(
                f"the content warning alone takes {taken:,} of {limits.limit + taken:,}: shorten it"
            )
        stripped = [piece.strip() for piece in self._pieces(text, limits)]
        pieces = [piece for piece in stripped if piece]
        fitted = Fit(limits, Overflow.THREAD, numbered).all(pieces) if pieces else None
        if fitted and fitted.faults:
            raise Unmeasurable("; ".join(fitted.faults))
        return [part.text for part in fitted.parts] if fitted else []

    def _only(self, pieces: Sequence[RichText]) -> RichText:
        if len(pieces) > 1:
            raise Unmeasurable(
                f"the Markdown has {len(pieces)} parts (`---` begins one): measure each, or split"
            )
        return pieces[0]

    def _pieces(self, text: str, limits: Limits) -> list[RichText]:
        """The text as read, in the parts that its `---` lines make."""
        if self._markdown:
            return self._read(text, limits)
        pieces = _NEXT_PART.split(text)
        return [piece for part in pieces for piece in self._read(part, limits)]

    def _read(self, text: str, limits: Limits) -> list[RichText]:
        if self._markdown:
            return [adapted(part, limits.dialect) for part in lower(text)]
        return [RichText(text, limits.dialect.detect(text))]


def _check(*texts: str) -> None:
    """Raises Unmeasurable for what cannot be sent in any encoding."""
    for text in texts:
        found = None if text.isascii() else _SURROGATE.search(text)
        if found:
            raise Unmeasurable(
                f"a lone surrogate (U+{ord(found[0]):04X}) stands at {found.start()}: "
                "it is half of a character, and no network takes it"
            )
