"""Which networks the sandbox speaks: every package beside this module with a `network`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

import karnay.sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.sandbox.network import Network


@cache
def networks() -> Mapping[str, Network]:
    """All networks by name, in the order in which the page shows them."""
    packages = [one for one in pkgutil.iter_modules(karnay.sandbox.__path__) if one.ispkg]
    found = [_network(package.name) for package in packages]
    return {network.name: network for network in sorted(found, key=lambda one: one.order)}


def _network(package: str) -> Network:
    module = importlib.import_module(f"{karnay.sandbox.__name__}.{package}.network")
    network: Network = module.NETWORK
    return network


PLATFORMS = tuple(networks())
"""Their names."""
