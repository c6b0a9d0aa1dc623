"""Mastodon in the sandbox."""

from __future__ import annotations

from karnay.sandbox.mastodon.api import TOKEN, MastodonApi
from karnay.sandbox.network import Network, reference

NETWORK = Network(
    name="mastodon",
    title="Mastodon",
    order=2,
    api=MastodonApi,
    secrets={"mastodon-token": TOKEN},
    account=lambda url: {
        "server": f"{url}/mastodon",
        "token": reference("mastodon-token"),
    },
    pages=("/@{account}/{id}",),
    endpoints="api/",
)
