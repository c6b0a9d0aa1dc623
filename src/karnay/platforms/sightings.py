"""Telling whether something seen on a network is what we sent there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from karnay.platforms.base import Absent, CannotTell, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.platforms.base import Sighting

SKEW = timedelta(minutes=2)
"""How far a network's clock may be from ours."""

_LOST = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})


class Unsure(Exception):
    """A look cannot tell; its text is for the person who must decide.

    `for_good`: nor will any later look.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


def essence(text: str) -> str:
    """What of a text every network keeps: neither white space nor anything that has no width.

    It is meant to be coarse. Two posts that differ in nothing else are taken for one; a post that a
    network has tidied up, and that is not known again, would be sent a second time.
    """
    plain = unicodedata.normalize("NFC", text)
    return "".join(one for one in plain if unicodedata.category(one) not in _LOST)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something public: when it was made (aware UTC), its essence, and the id that it answers.

    `doubtful`: its words are not those that it was published with, or cannot be read.
    """

    receipt: Receipt
    made: datetime
    essence: str
    reply_to: str | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: its essence, the id that it answers, and when it was first tried.

    `orphaned`: the network publishes an answer to something deleted as if it answered nothing; its
    ids are then numbers that grow.
    """

    essence: str
    reply_to: str | None
    since: datetime
    orphaned: bool = False

    @property
    def earliest(self) -> datetime:
        """Nothing that was made before this can be it, whatever the clocks say."""
        return self.since - SKEW

    def fits(self, one: Seen) -> bool:
        """Whether that could be it."""
        alike = one.essence == self.essence and one.made >= self.earliest
        return alike and (one.reply_to == self.reply_to or self._may_be_orphan(one))

    def _may_be_orphan(self, one: Seen) -> bool:
        alone = self.orphaned and self.reply_to is not None and one.reply_to is None
        return alone and int(one.receipt.id) > int(self.reply_to or 0)


def look(posts: Iterable[Seen], wanted: Wanted) -> Sighting:
    """What the posts tell, which are all since `wanted.earliest`, or end in Unsure."""
    seen, doubt = _all_of(posts)
    found = nearest(filter(wanted.fits, seen), wanted.since)
    if found is not None:
        return found.receipt
    if doubt is not None:
        return CannotTell(str(doubt), for_good=doubt.for_good)
    return _perhaps(seen, wanted) or Absent()


def _all_of(posts: Iterable[Seen]) -> tuple[list[Seen], Unsure | None]:
    """As many as there are, and what kept us from reading on."""
    seen: list[Seen] = []
    try:
        for post in posts:
            seen.append(post)
    except Unsure as doubt:
        return seen, doubt
    return seen, None


def _perhaps(seen: list[Seen], wanted: Wanted) -> CannotTell | None:
    doubtful = (one.receipt for one in seen if one.doubtful and one.made >= wanted.earliest)
    other = next(doubtful, None)
    if other is None:
        return None
    return CannotTell(f"this may have been it, before an edit: {other.link}", for_good=True)


def nearest(seen: Iterable[Seen], since: datetime) -> Seen | None:
    """Of several that fit, the first made since then, else the last one before."""
    start = since.replace(microsecond=0)  # networks round moments down
    return min(seen, key=lambda one: (one.made < start, abs(one.made - start)), default=None)
