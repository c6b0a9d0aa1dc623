"""What is announced: to whom, when, in how many parts; each part says its number.

Thus every part that is public anywhere can be told from all others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.chaos import accounts
from karnay.content.post import Late
from karnay.delivery.delivery import Order
from karnay.rendering.variant import Part, Variant
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

MOST_PARTS = 4
ROUND = timedelta(seconds=12)
"""Every account gets an announcement in each such time of the attack's clock."""

_BURSTS = 0.3  # how many are due at one and the same moment
_MARK = re.compile(r"announcement (\d+), part (\d+) of (\d+)")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """What tells a part: its announcement's number, and its place in the thread, from 1."""

    number: int
    part: int

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark that a text, or a request that bears it, holds."""
        found = _MARK.search(text)
        return cls(int(found[1]), int(found[2])) if found else None


def number_of(order: Order) -> int:
    """The announcement's number, from 1."""
    return int(order.post.removeprefix("announcement-"))


def marks_of(order: Order) -> list[Mark]:
    """The marks of all its parts, in order."""
    parts = len(order.variant.parts)
    return [Mark(number_of(order), place) for place in range(1, parts + 1)]


def orders(random: Random, first: int, begin: datetime) -> Iterator[Order]:
    """A round: one announcement for every account, some of them due at the same second."""
    together = begin + timedelta(seconds=int(random.uniform(0, ROUND.total_seconds())))
    for number, account in enumerate(accounts.names(), start=first):
        alone = begin + ROUND * random.random()
        planned = together if random.random() < _BURSTS else alone
        yield Order(
            f"announcement-{number}",
            _variant(account, number, random.choice((1, 1, 1, 2, 2, 3, MOST_PARTS))),
            planned,
            late=Late.PUBLISH,
            max_late=timedelta(days=30),
        )


def _variant(account: str, number: int, parts: int) -> Variant:
    texts = (
        f"Open day: announcement {number}, part {part} of {parts}." for part in range(1, parts + 1)
    )
    platform = account.partition("_")[0]
    made = tuple(Part(RichText(text)) for text in texts)
    return Variant(account, platform, "en", "default/default.md.j2", made)
