"""Containers of Meta's networks: what is to be a post, made ready out of sight, for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from karnay.sandbox.http import Refusal
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

LIVES = timedelta(days=1)


class Container(Protocol):
    """One of them; `children` are ids, `medium` is its own file where it has one."""

    @property
    def id(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def made(self) -> datetime: ...

    @property
    def medium(self) -> Upload | None: ...

    @property
    def children(self) -> tuple[str, ...]: ...


C = TypeVar("C", bound=Container)


class Kept(Generic[C]):
    """All containers of a network, by id; `refusal` is what it says of one that is not there."""

    def __init__(self, world: World, refusal: Callable[[], Refusal]) -> None:
        self.world = world
        self._refusal = refusal
        self._kept: dict[str, C] = {}

    def put(self, container: C) -> None:
        """Keep it, or what has become of it."""
        self._kept[container.id] = container

    def of(self, account: str, identifier: str) -> C:
        """The account's own of that id. Raises Refusal."""
        found = self._kept.get(identifier)
        if found is None or found.account != account:
            raise self._refusal()
        return found

    def holds(self, identifier: str) -> bool:
        """Whether the id is that of a container."""
        return identifier in self._kept

    def items(self, container: C) -> list[C]:
        """Those that it is made of, or itself."""
        return [self._kept[name] for name in container.children] or [container]

    def media(self, container: C) -> tuple[Upload, ...]:
        """The files of the post that it becomes."""
        return tuple(item.medium for item in self.items(container) if item.medium is not None)
