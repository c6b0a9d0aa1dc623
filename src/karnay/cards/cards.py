"""Cards of links: what a page says of itself, fetched once and kept for a while."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from karnay.cards.fetching import SECONDS, Fetcher
from karnay.cards.found import PageFound
from karnay.cards.pages import described, one_line
from karnay.cards.reach import Deadline, Unreachable
from karnay.media.limits import in_words
from karnay.media.notes import Notes
from karnay.media.sniffing import HEAD, sniffed

if TYPE_CHECKING:
    from karnay.cards.fetching import Fetched
    from karnay.cards.pages import Described
    from karnay.clock import Clock
    from karnay.media.cabinet import Cabinet

LIFETIME = timedelta(days=1)
"""How long a card is good for."""

RETRY = timedelta(minutes=10)
"""How long a page, or a picture, that could not be had is left alone."""

LARGEST_PAGE = 1_000_000
"""Bytes of a page that are read; pages describe themselves at their beginning."""

LARGEST_IMAGE = 5_000_000
"""Bytes of a picture that are read; a larger one is done without."""

_PAGES = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class PageCard:
    """What a page says of itself: for the card of a link to it.

    `image` is the picture's hash in the cabinet, empty where there is none. `problem` says in
    words, which name the address, what could not be had; the card is then poorer by that.
    """

    address: str
    title: str = ""
    description: str = ""
    image: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards by address. Never raises for what strangers serve; waits ten seconds at most.

    One that does not `ask` tells what was kept, however long ago, and nothing of other pages.
    """

    cabinet: Cabinet
    clock: Clock
    fetcher: Fetcher = field(default_factory=Fetcher)
    seconds: float = SECONDS
    ask: bool = True

    def page(self, address: str) -> PageFound:
        """The same with its picture as a file, to be worded and made to fit."""
        card = self.card(address)
        image = self.cabinet.path(card.image) if card.image else None
        return PageFound(card.title, card.description, image, card.problem)

    def remembered(self) -> Cards:
        """The same without asking anybody."""
        return replace(self, ask=False)

    def card(self, address: str) -> PageCard:
        """The card of that page: as it was kept, or fetched anew.

        Where it cannot be fetched, one that was kept for longer is still better than none.
        """
        kept, good_until = self._kept(address)
        if not self.ask:
            return kept or PageCard(address)
        if kept is not None and self.clock.now() < good_until:
            return kept
        card = self._fetched(address)
        if card.problem and kept is not None and not kept.problem:
            card = kept
        self._keep(card, LIFETIME if not card.problem else RETRY)
        return card

    def _fetched(self, address: str) -> PageCard:
        deadline = Deadline(self.seconds)
        try:
            page = self._page(address, deadline)
        except Unreachable as why:
            return PageCard(address, problem=one_line(f"{address} {why}"))
        said = described(page.content, page.type, page.address)
        return self._with_image(PageCard(address, said.title, said.description), said, deadline)

    def _with_image(self, card: PageCard, said: Described, deadline: Deadline) -> PageCard:
        try:
            return replace(card, image=self._image(said.image, deadline)) if said.image else card
        except Unreachable as why:
            which = f"the picture {said.image[:200]} of {card.address}"
            return replace(card, problem=one_line(f"{which} {why}"))

    def _page(self, address: str, deadline: Deadline) -> Fetched:
        page = self.fetcher.fetched(
            address, accept="text/html,*/*;q=0.1", most=LARGEST_PAGE, deadline=deadline
        )
        kind = page.type.partition(";")[0].strip().lower()
        if kind not in _PAGES:
            raise Unreachable(f"is no page, but {kind[:60]}")
        return page

    def _image(self, address: str, deadline: Deadline) -> str:
        found = self.fetcher.fetched(
            address, accept="image/*", most=LARGEST_IMAGE, deadline=deadline
        )
        if not found.whole:
            raise Unreachable(f"has more than {in_words(LARGEST_IMAGE)}")
        if not sniffed(found.content[:HEAD]).startswith("image/"):
            raise Unreachable("is no picture that karnay knows")
        return self._put(found.content)

    def _put(self, content: bytes) -> str:
        try:
            return self.cabinet.put(content)
        except OSError as error:
            raise Unreachable(f"cannot be kept: {error.strerror}") from None

    def _kept(self, address: str) -> tuple[PageCard | None, datetime]:
        """The card as it was kept, and until when it is good."""
        with suppress(OSError, ValueError, LookupError, TypeError):
            value = self._notes.read(_key(address))
            card, until = PageCard(**value["card"]), datetime.fromisoformat(value["until"])
            if card.image:
                self.cabinet.used(card.image)
            return card, until.astimezone(UTC)
        return None, self.clock.now()

    def _keep(self, card: PageCard, lifetime: timedelta) -> None:
        until = self.clock.now() + lifetime
        self._notes.write(_key(card.address), {"card": asdict(card), "until": until.isoformat()})

    @property
    def _notes(self) -> Notes:
        return Notes(self.cabinet.folder / "cards")


def _key(address: str) -> str:
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
