"""Addresses of servers, as karnay.toml names them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _checked(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_checked)]
"""`https://host` or `http://host:port`, without a slash at its end."""


def loopback(address: str) -> bool:
    """Whether the address is of this very machine, as a sandbox's is."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
