"""Containers: what is to be a post, made ready out of sight, for a day.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-container
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from karnay.sandbox.containers import LIVES, Kept
from karnay.sandbox.instagram import rules

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

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


class Containers(Kept[Container]):
    """All of them; their state follows from the clock."""

    def __init__(self, world: World) -> None:
        super().__init__(world, rules.no_container)

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
        items = self.items(container)
        media = self.media(container)
        if container.waits or not all(one.is_ready(self.world.clock.now()) for one in media):
            return "IN_PROGRESS"
        return "FINISHED" if all(map(_is_good, items)) else "ERROR"

    def publish(self, container: Container) -> None:
        """Note that it is public, and its items with it."""
        for name in (container.id, *container.children):
            self.put(replace(self._kept[name], published=True))


def _is_good(item: Container) -> bool:
    """A picture was looked at when it was fetched."""
    file = item.medium
    return file is not None and (not item.is_film or rules.fits(file.look, len(file.content)))
