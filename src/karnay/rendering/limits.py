"""What a platform accepts; platforms fill these in, rendering obeys them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from karnay.media.limits import ImageLimits, MediaLimits
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from karnay.text.richtext import RichText


@dataclass(frozen=True, slots=True)
class Doubt:
    """A second reading of a rule that documents leave open: its excess is a warning, no refusal.

    `says` is the warning, with `{used}` and `{limit}` where the counter's numbers stand.
    """

    counter: Counter
    says: str

    def warning(self, text: RichText) -> str:
        """What to say of the text; empty where there is nothing to doubt."""
        used, limit = self.counter.measure(text), self.counter.limit
        return self.says.format(used=f"{used:,}", limit=f"{limit:,}") if used > limit else ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account accepts in one part, given its tier, its server and whether media go along.

    The first counter is the one that previews show. `parts` is how long a thread may be; 1 means
    that the platform has no threads. Its later parts answer the one before them where it is
    `chained`, and else only follow. `doubts` are told and stop nothing.
    """

    counters: tuple[Counter, ...]
    dialect: Dialect = field(default_factory=Dialect)
    parts: int = 1
    chained: bool = True
    media: MediaLimits = MediaLimits()
    alt_in_text: bool = False  # what files show is added to the text
    card_images: ImageLimits | None = None  # what the card's picture is made to fit
    card: bool = False  # shows a card for the post's link that we describe ourselves
    doubts: tuple[Doubt, ...] = ()

    def used(self, text: RichText) -> int:
        """Units of the first counter that the text takes."""
        return self.counters[0].measure(text)

    @property
    def limit(self) -> int:
        """The first counter's limit."""
        return self.counters[0].limit

    def fits(self, text: RichText) -> bool:
        """Whether every counter is content."""
        return all(counter.fits(text) for counter in self.counters)

    def warnings(self, text: RichText) -> tuple[str, ...]:
        """What is doubtful about the text."""
        said = (doubt.warning(text) for doubt in self.doubts)
        return tuple(words for words in said if words)
