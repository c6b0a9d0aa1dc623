"""Containers: what is to be a post, made ready out of sight, for a day.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.sandbox.instagram import rules

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

LIVES = timedelta(days=1)
MOST = 400  # in a day


@dataclass(frozen=True, slots=True)
class Container:
    """One of them; `children` are ids, `medium` is its own file where it has one."""

    id: str
    account: str
    made: datetime
    caption: str = ""
    medium: Upload | None = None
    children: tuple[str, ...] = ()
    is_item: bool = False
    is_film: bool = False
    waits: bool = False  # for the bytes of a resumable upload
    published: bool = False


class Containers:
    """All of them, by id; their state follows from the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: dict[str, Container] = {}

    def put(self, container: Container) -> None:
        """Keep it, or what has become of it."""
        self._kept[container.id] = container

    def of(self, account: str, identifier: str) -> Container:
        """The account's own of that id. Raises Refusal."""
        found = self._kept.get(identifier)
        if found is None or found.account != account:
            raise rules.no_container()
        return found

    def holds(self, identifier: str) -> bool:
        """Whether the id is that of a container."""
        return identifier in self._kept

    def today(self, account: str, *, published: bool = False) -> int:
        """How many were made, or published, in the last day."""
        since = self.world.clock.now() - LIVES
        return sum(
            one.account == account
            and one.made > since
            and (not published or (one.published and not one.is_item))
            for one in self._kept.values()
        )

    def state(self, container: Container) -> str:
        """IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED."""
        if container.published:
            return "PUBLISHED"
        if self.world.clock.now() >= container.made + LIVES:
            return "EXPIRED"
        items = self._items(container)
        media = self.media(container)
        if container.waits or not all(one.is_ready(self.world.clock.now()) for one in media):
            return "IN_PROGRESS"
        return "FINISHED" if all(map(_is_good, items)) else "ERROR"

    def media(self, container: Container) -> tuple[Upload, ...]:
        """The files of the post that it becomes."""
        return tuple(item.medium for item in self._items(container) if item.medium is not None)

    def _items(self, container: Container) -> list[Container]:
        return [self._kept[name] for name in container.children] or [container]

    def publish(self, container: Container) -> None:
        """Note that it is public, and its items with it."""
        for name in (container.id, *container.children):
            self.put(replace(self._kept[name], published=True))


def _is_good(item: Container) -> bool:
    """A picture was looked at when it was fetched."""
    file = item.medium
    return file is not None and (not item.is_film or rules.fits(file.look, len(file.content)))
