"""Threads in the sandbox."""

from __future__ import annotations

from karnay.sandbox.graph import MAIN_ACCOUNT
from karnay.sandbox.network import Network, reference
from karnay.sandbox.short_codes import ShortCodes
from karnay.sandbox.threads.api import NAME, ThreadsApi, user_id

NETWORK = Network(
    name=NAME,
    title="Threads",
    order=8,
    api=ThreadsApi,
    secrets={"threads-token": "sandbox-threads"},
    account=lambda url: {
        "user": user_id(MAIN_ACCOUNT),
        "token": reference("threads-token"),
        "api": f"{url}/threads",
    },
    pages=("/@{account}/posts/{id}",),
    endpoints=r"(?:v\d+\.\d+/|refresh_access_token$)",
    more=lambda world: ShortCodes(
        world, NAME, address="/@{account}/post/{code}", page="/@{account}/posts/{id}"
    ),
)
