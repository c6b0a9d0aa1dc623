"""Which platforms there are: every module beside this one with a `PLATFORM`, and entry points.

A module with only a function `limits` tells how its network reads a text; nothing is published
there (yet).
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol, cast

import karnay.platforms
from karnay.accounts import NOTHING
from karnay.errors import NotFound, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from karnay.accounts import Account
    from karnay.platforms.base import Platform
    from karnay.rendering.limits import Limits


class LimitsOf(Protocol):
    """What an account accepts in one part, as `Platform.limits` tells it."""

    def __call__(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """The limits, given whether media go along and the post's options."""
        ...


GROUP = "karnay.platforms"
"""The entry-point group in which other packages offer platforms of their own."""


@cache
def platforms() -> Mapping[str, Platform]:
    """All platforms by name, our own first."""
    found = [*_our_own(), *(point.load() for point in entry_points(group=GROUP))]
    return {platform.name: platform for platform in found}


def platform(name: str) -> Platform:
    """The platform of that name. Raises NotFound with the nearest one."""
    try:
        return platforms()[name]
    except KeyError:
        known = ", ".join(platforms())
        hint = did_you_mean(name, platforms())
        raise NotFound(f'there is no platform "{name}".{hint} Known: {known}') from None


def measurable() -> tuple[str, ...]:
    """The names of all platforms whose limits are known, published to or not."""
    ours = (name for name in _names() if _limits_in(_module(name)))
    return tuple(dict.fromkeys((*ours, *platforms())))


def limits_of(name: str) -> LimitsOf:
    """How to learn the limits on the platform of that name; imports no other platform.

    Raises NotFound with the nearest name.
    """
    found = _limits_in(_module(name)) if name in _names() else None
    if found is not None:
        return found
    if name in platforms():
        return platforms()[name].limits
    known = measurable()
    hint = did_you_mean(name, known)
    raise NotFound(f'there is no platform "{name}".{hint} Known: {", ".join(known)}')


def _our_own() -> Iterator[Platform]:
    modules = map(_module, _names())
    return (module.PLATFORM for module in modules if hasattr(module, "PLATFORM"))


def _names() -> tuple[str, ...]:
    return tuple(module.name for module in pkgutil.iter_modules(karnay.platforms.__path__))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{karnay.platforms.__name__}.{name}")


def _limits_in(module: ModuleType) -> LimitsOf | None:
    holder = getattr(module, "PLATFORM", module)
    return cast("LimitsOf | None", getattr(holder, "limits", None))
