"""Bluesky in the sandbox."""

from __future__ import annotations

from karnay.sandbox.bluesky.api import PASSWORD, BlueskyApi
from karnay.sandbox.bluesky.repo import HANDLE
from karnay.sandbox.network import Network, reference

NETWORK = Network(
    name="bluesky",
    title="Bluesky",
    order=3,
    api=BlueskyApi,
    secrets={"bluesky-password": PASSWORD},
    account=lambda url: {
        "handle": HANDLE,
        "password": reference("bluesky-password"),
        "server": f"{url}/bluesky",
        "video": f"{url}/bluesky",
    },
    pages=("/profile/{account}/post/{id}",),
    endpoints="xrpc/",
)
