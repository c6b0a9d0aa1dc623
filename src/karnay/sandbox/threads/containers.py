"""Containers: what is to be a post, made ready out of sight, for a day.

https://developers.facebook.com/docs/threads/troubleshooting
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from karnay.sandbox.containers import LIVES, Kept
from karnay.sandbox.threads import rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Container:
    """One of them, ready from a moment on.

    `children` are ids, `medium` is its own file where it has one, `options` are those of the post.
    """

    id: str
    account: str
    kind: str
    made: datetime
    ready_at: datetime
    text: str = ""
    reply_to: str = ""
    medium: Upload | None = None
    children: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_item: bool = False
    published_at: datetime | None = None

    @property
    def fault(self) -> str:
        """Why its video cannot be shown; a picture was looked at when it was fetched."""
        if self.kind != "VIDEO":
            return ""
        file = self.medium
        return rules.plays(file.look, len(file.content)) if file else "FAILED_DOWNLOADING_VIDEO"


class Containers(Kept[Container]):
    """All of them; their state follows from the clock."""

    def __init__(self, world: World) -> None:
        super().__init__(world, rules.not_there)

    def today(self, account: str, *, replies: bool) -> int:
        """How many posts, or replies, were published in the last day."""
        since = self.world.clock.now() - LIVES
        return sum(
            one.account == account
            and not one.is_item
            and bool(one.reply_to) is replies
            and one.published_at is not None
            and one.published_at > since
            for one in self._kept.values()
        )

    def state(self, container: Container) -> str:
        """IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED."""
        now = self.world.clock.now()
        if container.published_at is not None:
            return "PUBLISHED"
        if now >= container.made + LIVES:
            return "EXPIRED"
        if now < container.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if self.fault(container) else "FINISHED"

    def fault(self, container: Container) -> str:
        """What is wrong with its files, in one word; empty where nothing is."""
        faults = (item.fault for item in self.items(container))
        return next(filter(None, faults), "")

    def publish(self, container: Container) -> None:
        """Note that it is public, and its items with it."""
        for name in (container.id, *container.children):
            self.put(replace(self._kept[name], published_at=self.world.clock.now()))
