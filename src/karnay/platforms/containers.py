"""Containers: in them a post of Instagram's, or of Threads', is made ready out of sight.

A container says later whether it was published, though not as which post; so a lost answer is
settled by it, and by the account's list of posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.errors import NotReady, Rejected, Transient
from karnay.platforms import hosting
from karnay.platforms.base import Absent, CannotTell, Receipt, Sighting
from karnay.platforms.graph import Graph, done, moment, number
from karnay.platforms.sightings import SKEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime, timedelta

    from karnay.accounts import Account
    from karnay.platforms.base import Step

PAGE, PAGES = 25, 4
"""Posts in an answer, and answers that are looked through."""

_CODES = ("IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED")
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container#fields"""


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a container, and what the network says of it."""

    code: str
    told: str

    def __str__(self) -> str:
        return f"{self.code} {self.told}".strip()


@dataclass(frozen=True, slots=True)
class Containers:
    """Those of one network, by its title and by the fields in which it tells a container's status.

    `code` is the field with one of five words, `told` the one with a reason.
    """

    network: str
    code: str
    told: str

    @property
    def fields(self) -> str:
        """What is asked of a container."""
        return f"{self.code},{self.told}"

    def status(self, body: Mapping[str, Any]) -> Status:
        """The status in an answer. Raises LookupError or ValueError where there is none."""
        code = body[self.code]
        if code not in _CODES:
            raise ValueError("no status")
        return Status(code, str(body.get(self.told) or ""))

    def check_ready(self, status: Status, again: datetime) -> None:
        """Raises NotReady while it is being made, and Rejected when it never will be ready."""
        match status.code:
            case "FINISHED" | "PUBLISHED":
                return
            case "IN_PROGRESS":
                raise NotReady(f"{self.network} is still making it ready", again)
            case _:
                raise Rejected(f"{self.network} could not make it ready: {status}")

    def found(self, graph: Graph, step: Step, posts: Callable[[], list[Receipt]]) -> Sighting:
        """What the container of a filled publishing step tells; `posts` as `settled` has them."""
        container = step.call.body["creation_id"]
        return self.settled(graph.get(f"/{container}", self.status, fields=self.fields), posts)

    def settled(self, status: Status, posts: Callable[[], list[Receipt]]) -> Sighting:
        """What the container tells, and `posts`: those of the account that may be the one."""
        match status.code:
            case "PUBLISHED":
                return self._one_of(posts())
            case "IN_PROGRESS":
                return CannotTell(f"{self.network} is still making it ready")
            case _:
                return Absent()

    def _one_of(self, found: list[Receipt]) -> Sighting:
        """There is no way from a container to its post: only a single candidate is believed."""
        if len(found) == 1:
            return found[0]
        if not found:
            return CannotTell(f"it is published, but {self.network} does not list it yet")
        links = " ".join(receipt.link for receipt in found)
        return CannotTell(f"it is published, as one of these: {links}", for_good=True)


@dataclass(frozen=True, slots=True)
class Desk:
    """Performs the steps of one account; `reading` is the way to what may not be seen at times.

    A container that is still being made is asked for again after `poll`, ever more seldom.
    """

    containers: Containers
    account: Account
    graph: Graph
    reading: Graph
    poll: timedelta

    def perform(self, step: Step) -> Receipt:
        """Make one call, or copy. Raises a PublishingError, and nothing else."""
        match step.name.partition("-")[0]:
            case "host":
                return hosting.put(step, self.account, self.graph.wire)
            case "await":
                return self._awaited(step)
            case "link":
                return linked(lambda: self.reading.ask(step.call, effect=step.effect, read=shown))
            case "upload":
                self.graph.ask(step.call, effect=step.effect, read=done)
                return Receipt(_last(step))
            case _:
                return Receipt(self.graph.ask(step.call, effect=step.effect, read=number))

    def _awaited(self, step: Step) -> Receipt:
        """The container, when it is ready. Raises NotReady while it is not."""
        read = self.containers.status
        status = self.reading.ask(step.call, effect=step.effect, read=read)
        self.containers.check_ready(status, self.graph.wire.clock.now() + self.poll)
        return Receipt(_last(step))


def _last(step: Step) -> str:
    """The id that a filled step's address ends with."""
    return step.call.url.partition("?")[0].rpartition("/")[2]


def shown(body: Mapping[str, Any]) -> Receipt:
    """The post in an answer. Raises LookupError or ValueError where there is none."""
    return Receipt(number(body), number(body, "permalink"))


def linked(ask: Callable[[], Receipt]) -> Receipt:
    """The post's address. It is public already: that this is refused is no refusal of it.

    Raises a PublishingError, but never Rejected.
    """
    try:
        return ask()
    except Rejected as error:
        raise Transient(str(error)) from None


def newer(graph: Graph, path: str, fields: str, since: datetime) -> Iterator[Mapping[str, Any]]:
    """What an edge lists, as far as it was made since then. Raises a PublishingError."""
    for page in graph.pages(path, PAGES, fields=f"{fields},timestamp", limit=str(PAGE)):
        for item in page:
            if moment(item["timestamp"]) >= since - SKEW:
                yield item
