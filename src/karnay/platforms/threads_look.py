"""Looking for what became of a post: by its container first, then in the profile's lists.

https://developers.facebook.com/docs/threads/troubleshooting
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

STATUS = "status,error_message"
"""What is asked of a container."""


def mark_of(text: str) -> str:
    """What tells a text from others, whatever Threads makes of it.

    It changes white space, and takes the sign from the hashtag that becomes the topic:
    https://developers.facebook.com/docs/threads/create-posts#topic-tags
    """
    plain = essence(text).replace("#", "")
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a container."""

    code: str
    told: str

    def __str__(self) -> str:
        return f"{self.code} {self.told}".strip()


_CODES = ("IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED")


def status_of(body: Mapping[str, Any]) -> Status:
    """The status in an answer. Raises LookupError or ValueError where there is none."""
    code = body["status"]
    if code not in _CODES:
        raise ValueError("no status")
    return Status(code, str(body.get("error_message") or ""))


def shown(body: Mapping[str, Any]) -> Receipt:
    """The post in an answer. Raises LookupError or ValueError where there is none."""
    return Receipt(number(body), number(body, "permalink"))


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
        container = step.call.body["creation_id"]
        status = self.graph.get(f"/{container}", status_of, fields=STATUS)
        match status.code:
            case "PUBLISHED":
                return _one_of(self._posts(Clue.of(step)))
            case "IN_PROGRESS":
                return CannotTell("Threads is still at work on it")
            case _:
                return Absent()

    def _posts(self, clue: Clue) -> list[Receipt]:
        """Replies are in a list of their own."""
        edge, more = ("replies", ",replied_to") if clue.parent else ("threads", "")
        fields = f"id,text,timestamp,permalink,media_type{more}"
        listed = self._newer(f"/{self.user}/{edge}", fields)
        return [shown(item) for item in listed if clue.fits(item)]

    def _newer(self, path: str, fields: str) -> Iterator[Mapping[str, Any]]:
        for page in self.graph.pages(path, PAGES, fields=fields, limit=str(PAGE)):
            for item in page:
                if moment(item["timestamp"]) >= self.since - SKEW:
                    yield item


def _one_of(found: list[Receipt]) -> Sighting:
    """There is no way from a container to its post: only a single candidate is believed."""
    if len(found) == 1:
        return found[0]
    if not found:
        return CannotTell("it is published, but Threads does not list it yet")
    links = " ".join(receipt.link for receipt in found)
    return CannotTell(f"it is published, as one of these: {links}", for_good=True)
