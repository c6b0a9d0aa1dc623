"""Looking for what became of a post: by its container first, then in the profile's lists.

https://developers.facebook.com/docs/threads/troubleshooting
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.platforms.containers import Containers, newer, shown
from karnay.platforms.sightings import essence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from karnay.platforms.base import Receipt, Sighting, Step
    from karnay.platforms.graph import Graph

CONTAINERS = Containers("Threads", "status", "error_message")
"""https://developers.facebook.com/docs/threads/reference/publishing"""


def mark_of(text: str) -> str:
    """What tells a text from others, whatever Threads makes of it.

    It changes white space, and takes the sign from the hashtag that becomes the topic:
    https://developers.facebook.com/docs/threads/create-posts#topic-tags
    """
    plain = essence(text).replace("#", "")
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Clue:
    """What a publishing step tells of its post, behind the `#` of its address, which is not sent.

    `parent` is the id of the post that it answers, or empty.
    """

    mark: str
    parent: str = ""

    def __str__(self) -> str:
        return f"{self.mark}/{self.parent}" if self.parent else self.mark

    @classmethod
    def of(cls, step: Step) -> Clue:
        """The clue of a filled step."""
        mark, _, parent = step.call.url.partition("#")[2].partition("/")
        return cls(mark, parent)

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Whether a post of a list may be the one."""
        answered = item.get("replied_to") or {}
        return mark_of(item.get("text") or "") == self.mark and (
            not answered or answered.get("id") == self.parent
        )


@dataclass(frozen=True, slots=True)
class Look:
    """Looks for what may have been made; changes nothing."""

    graph: Graph
    user: str
    since: datetime

    def post(self, step: Step) -> Sighting:
        """The container tells whether it is public, and the profile's lists as which post."""
        return CONTAINERS.found(self.graph, step, lambda: self._posts(Clue.of(step)))

    def _posts(self, clue: Clue) -> list[Receipt]:
        """Replies are in a list of their own."""
        edge, more = ("replies", ",replied_to") if clue.parent else ("threads", "")
        fields = f"id,text,permalink,media_type{more}"
        listed = newer(self.graph, f"/{self.user}/{edge}", fields, self.since)
        return [shown(item) for item in listed if clue.fits(item)]
