"""Facebook in the sandbox."""

from __future__ import annotations

from karnay.sandbox.facebook.api import APP, NAME, Addresses, FacebookApi, page_id
from karnay.sandbox.graph import MAIN_ACCOUNT
from karnay.sandbox.network import Network, reference

NETWORK = Network(
    name=NAME,
    title="Facebook",
    order=6,
    api=FacebookApi,
    secrets={"facebook-token": "sandbox-facebook"},
    account=lambda url: {
        "page": page_id(MAIN_ACCOUNT),
        "token": reference("facebook-token"),
        "app": APP["id"],
        "api": f"{url}/facebook",
    },
    pages=("/{account}/posts/{id}",),
    endpoints=r"v\d+\.\d+/",
    more=Addresses,
)
