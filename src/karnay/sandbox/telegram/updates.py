"""What a bot hears by `getUpdates`: the posts of others in the channels that it is in.

https://core.telegram.org/bots/api#getupdates. Every bot of the sandbox is in every channel; none
is told of its own posts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.clock import Clock

KEPT = timedelta(hours=24)
MOST = 100
KIND = "channel_post"


@dataclass(frozen=True, slots=True)
class _Post:
    author: str  # the number of the bot
    message: Mapping[str, Any] = field(hash=False)
    at: datetime


class Updates:
    """All posts in order, and how far each bot has confirmed them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posts: list[_Post] = []
        self._confirmed: dict[str, int] = {}

    def add(self, author: str, message: Mapping[str, Any]) -> None:
        """A bot has posted in a channel."""
        self._posts.append(_Post(author, message, self._clock.now()))

    def told(self, bot: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What that bot has not confirmed; an `offset` confirms all before it."""
        if offset := _whole(given.get("offset"), 0):
            # A negative one counts from the end, and forgets what is before it.
            start = offset - 1 if offset > 0 else max(0, len(self._posts) + offset)
            self._confirmed[bot] = max(start, self._confirmed.get(bot, 0))
        wanted = given.get("allowed_updates") or [KIND]
        most = min(MOST, max(1, _whole(given.get("limit"), MOST)))
        return list(islice(self._unconfirmed(bot), most)) if KIND in wanted else []

    def _unconfirmed(self, bot: str) -> Iterator[dict[str, Any]]:
        oldest = self._clock.now() - KEPT
        first = self._confirmed.get(bot, 0)
        for number, post in enumerate(islice(self._posts, first, None), start=first + 1):
            if post.author != bot and post.at >= oldest:
                yield {"update_id": number, KIND: post.message}


def _whole(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return otherwise
