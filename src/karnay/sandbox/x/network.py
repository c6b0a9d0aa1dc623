"""X in the sandbox."""

from __future__ import annotations

from karnay.sandbox.network import Network, reference
from karnay.sandbox.x import identity
from karnay.sandbox.x.api import XApi

NETWORK = Network(
    name="x",
    title="X",
    order=4,
    api=XApi,
    secrets={
        "x-consumer-key": identity.CONSUMER_KEY,
        "x-consumer-secret": identity.CONSUMER_SECRET,
        "x-access-token": identity.ACCESS_TOKEN,
        "x-access-token-secret": identity.ACCESS_TOKEN_SECRET,
    },
    account=lambda url: {
        "consumer_key": reference("x-consumer-key"),
        "consumer_secret": reference("x-consumer-secret"),
        "access_token": reference("x-access-token"),
        "access_token_secret": reference("x-access-token-secret"),
        "api": f"{url}/x",
        "username": identity.MAIN_USER,
    },
    pages=("/{account}/status/{id}",),
    endpoints="2/",
)
