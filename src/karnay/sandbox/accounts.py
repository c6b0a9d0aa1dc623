"""The accounts of the sandbox, as karnay.toml and secret files describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.sandbox import bucket
from karnay.sandbox.network import SECRETS as FOLDER
from karnay.sandbox.network import reference
from karnay.sandbox.networks import networks

if TYPE_CHECKING:
    from karnay.sandbox.network import Value

__all__ = ["FOLDER", "media_host", "secrets", "tables"]


def secrets() -> dict[str, str]:
    """File name and content of each secret; they open nothing but the sandbox."""
    held = [network.secrets for network in networks().values()]
    return {file: secret for files in (*held, bucket.SECRETS) for file, secret in files.items()}


def tables(url: str, *, pictures: bool = False) -> dict[str, dict[str, Value]]:
    """One account of each platform, in English, on the sandbox at that URL: name and table.

    Without `pictures`, only of those that take words alone.
    """
    return {
        name: network.table(url)
        for name, network in networks().items()
        if pictures or not network.needs_picture
    }


def media_host(url: str) -> dict[str, Value]:
    """The table `[media_host]`: a bucket on the sandbox, from which its networks fetch files."""
    server, _, name = bucket.PATH.rpartition("/")
    return {
        "kind": "s3",
        "endpoint": f"{url}{server}",
        "bucket": name,
        "url": f"{url}{bucket.PATH}",
        "key_id": reference("media-host-key-id"),
        "secret": reference("media-host-secret"),
    }
