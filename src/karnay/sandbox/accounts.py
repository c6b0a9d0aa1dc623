"""The accounts of the sandbox, as karnay.toml and secret files describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.sandbox.network import SECRETS as FOLDER
from karnay.sandbox.networks import networks

if TYPE_CHECKING:
    from karnay.sandbox.network import Value

__all__ = ["FOLDER", "secrets", "tables"]


def secrets() -> dict[str, str]:
    """File name and content of each secret; they open nothing but the sandbox."""
    return {
        file: content
        for network in networks().values()
        for file, content in network.secrets.items()
    }


def tables(url: str) -> dict[str, dict[str, Value]]:
    """One account of each platform, in English, on the sandbox at that URL: name and table."""
    return {name: network.table(url) for name, network in networks().items()}
