"""Looking for what became of an Instagram post: by its container first, then in the list of posts.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from karnay.platforms.base import Absent, Receipt, Sighting, Step
from karnay.platforms.containers import Containers, newer, shown
from karnay.platforms.graph import Graph, number
from karnay.platforms.sightings import essence

if TYPE_CHECKING:
    from datetime import datetime

CONTAINERS = Containers("Instagram", "status_code", "status")
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container#fields"""


def mark_of(caption: str) -> str:
    """What tells a caption from others, whatever white space Instagram makes of it."""
    return hashlib.sha256(essence(caption).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Look:
    """Looks for what may have been made; changes nothing."""

    graph: Graph
    user: str
    since: datetime

    def post(self, step: Step) -> Sighting:
        """The container tells whether it is public, and the account's list as which post."""
        mark = step.call.url.partition("#")[2]
        return CONTAINERS.found(self.graph, step, lambda: self._posts(mark))

    def comment(self, step: Step) -> Sighting:
        """Among those under the post."""
        wanted = essence(step.call.body["message"])
        path = step.call.url.removeprefix(self.graph.base)
        listed = newer(self.graph, path, "id,text,username", self.since)
        alike = [
            Receipt(number(item)) for item in listed if essence(item.get("text") or "") == wanted
        ]
        return alike[0] if alike else Absent()

    def _posts(self, mark: str) -> list[Receipt]:
        fields = "id,caption,permalink,media_type"
        listed = newer(self.graph, f"/{self.user}/media", fields, self.since)
        return [shown(item) for item in listed if mark_of(item.get("caption") or "") == mark]
