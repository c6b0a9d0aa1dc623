"""Instagram in the sandbox."""

from __future__ import annotations

from karnay.sandbox.graph import MAIN_ACCOUNT
from karnay.sandbox.instagram.api import NAME, InstagramApi, user_id
from karnay.sandbox.network import Network, reference
from karnay.sandbox.short_codes import ShortCodes

NETWORK = Network(
    name=NAME,
    title="Instagram",
    order=7,
    api=InstagramApi,
    secrets={"instagram-token": "sandbox-instagram"},
    account=lambda url: {
        "user": user_id(MAIN_ACCOUNT),
        "token": reference("instagram-token"),
        "api": f"{url}/instagram",
        "uploads": f"{url}/instagram",
    },
    pages=("/{account}/posts/{id}",),
    endpoints=r"(?:v\d+\.\d+|ig-api-upload)/",
    needs_picture=True,
    more=lambda world: ShortCodes(
        world, NAME, address="/{account}/p/{code}", page="/{account}/posts/{id}"
    ),
)
