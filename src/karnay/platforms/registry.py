"""Which platforms there are: every module beside this one with a `PLATFORM`, and entry points."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import karnay.platforms
from karnay.errors import NotFound, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.platforms.base import Platform

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


def _our_own() -> list[Platform]:
    modules = (
        importlib.import_module(f"{karnay.platforms.__name__}.{module.name}")
        for module in pkgutil.iter_modules(karnay.platforms.__path__)
    )
    return [module.PLATFORM for module in modules if hasattr(module, "PLATFORM")]
