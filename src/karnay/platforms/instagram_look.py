"""Looking for what became of an Instagram post: by its container first, then in the list of posts.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.platforms.base import Absent, CannotTell, Receipt, Sighting, Step
from karnay.platforms.graph import Graph, moment, number
from karnay.platforms.sightings import SKEW, essence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

PAGE, PAGES = 25, 4
"""Posts in an answer, and answers that are looked through."""


def mark_of(caption: str) -> str:
    """What tells a caption from others, whatever white space Instagram makes of it."""
    return hashlib.sha256(essence(caption).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a container."""

    code: str
    told: str

    def __str__(self) -> str:
        return self.told or self.code


_CODES = ("IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED")
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container#fields"""


def status_of(body: Mapping[str, Any]) -> Status:
    code = body["status_code"]
    if code not in _CODES:
        raise ValueError("no status")
    return Status(code, str(body.get("status") or ""))


def shown(body: Mapping[str, Any]) -> Receipt:
    return Receipt(number(body), number(body, "permalink"))


@dataclass(frozen=True, slots=True)
class Look:
    """Looks for what may have been made; changes nothing."""

    graph: Graph
    user: str
    since: datetime

    def post(self, step: Step) -> Sighting:
        """The container tells whether it is public, and the account's list as which post."""
        container = step.call.body["creation_id"]
        status = self.graph.get(f"/{container}", status_of, fields="status_code,status")
        match status.code:
            case "PUBLISHED":
                return self._one_of(self._posts(step.call.url.partition("#")[2]))
            case "IN_PROGRESS":
                return CannotTell("Instagram is still making it ready")
            case _:
                return Absent()

    def comment(self, step: Step) -> Sighting:
        """Among those under the post."""
        wanted = essence(step.call.body["message"])
        path = step.call.url.removeprefix(self.graph.base)
        alike = [
            Receipt(number(item))
            for item in self._newer(path, "id,text,timestamp,username")
            if essence(item.get("text") or "") == wanted
        ]
        return alike[0] if alike else Absent()

    def _posts(self, mark: str) -> list[Receipt]:
        fields = "id,caption,timestamp,permalink,media_type"
        listed = self._newer(f"/{self.user}/media", fields)
        return [shown(item) for item in listed if mark_of(item.get("caption") or "") == mark]

    def _newer(self, path: str, fields: str) -> Iterator[Mapping[str, Any]]:
        for page in self.graph.pages(path, PAGES, fields=fields, limit=str(PAGE)):
            for item in page:
                if moment(item["timestamp"]) >= self.since - SKEW:
                    yield item

    @staticmethod
    def _one_of(found: list[Receipt]) -> Sighting:
        """There is no way from a container to its post: only a single candidate is believed."""
        if len(found) == 1:
            return found[0]
        if not found:
            return CannotTell("it is published, but Instagram does not list it yet")
        links = " ".join(receipt.link for receipt in found)
        return CannotTell(f"it is published, as one of these: {links}", for_good=True)
