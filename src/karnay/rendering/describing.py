"""The card of a post's link: of the post's own words, and else of what the page says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from karnay.cards.found import PageFound
from karnay.media.limits import MediaLimits
from karnay.rendering.variant import Card

if TYPE_CHECKING:
    from karnay.content.post import Wording
    from karnay.media.asset import Asset
    from karnay.rendering.carrying import Darkroom
    from karnay.rendering.limits import Limits


class Pages(Protocol):
    """Reads pages; one that was read lately is remembered, so that a preview stays the same."""

    def page(self, address: str) -> PageFound:
        """What the page at that address says of itself; never raises."""
        ...

    def remembered(self) -> Pages:
        """The same, telling only what it knows: it asks nobody, and is quick."""
        ...


class NoPages:
    """Looks at no page."""

    def page(self, _address: str) -> PageFound:
        """Nothing of it."""
        return PageFound()

    def remembered(self) -> Pages:
        """The same."""
        return self


@dataclass(frozen=True, slots=True)
class Described:
    """A card, and what is missing of it, for previews."""

    card: Card | None = None
    notes: tuple[str, ...] = ()


def described(wording: Wording, limits: Limits, darkroom: Darkroom, pages: Pages) -> Described:
    """The card of the post's link, where the network shows one that we describe."""
    if not limits.card or not wording.link:
        return Described()
    page = pages.page(wording.link)
    thumbnail = _thumbnail(page, limits, darkroom)
    title = wording.title or page.title or wording.link
    card = Card(wording.link, title, wording.summary or page.description, thumbnail)
    return Described(card, (f"the card of the link: {page.problem}",) if page.problem else ())


def _thumbnail(page: PageFound, limits: Limits, darkroom: Darkroom) -> Asset | None:
    """The page's picture made to fit; a card without one is better than none."""
    if limits.card_images is None or page.image is None:
        return None
    taken = MediaLimits(most=1, images=limits.card_images)
    return darkroom.ready(page.image, taken, alt="", focus=(0.5, 0.5)).asset
