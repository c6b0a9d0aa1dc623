"""LinkedIn in the sandbox."""

from __future__ import annotations

from karnay.sandbox.linkedin.api import LinkedInApi
from karnay.sandbox.linkedin.asking import ORGANIZATION, TOKEN
from karnay.sandbox.network import Network, reference

NETWORK = Network(
    name="linkedin",
    title="LinkedIn",
    order=5,
    api=LinkedInApi,
    secrets={"linkedin-token": TOKEN},
    account=lambda url: {
        "author": ORGANIZATION,
        "token": reference("linkedin-token"),
        "api": f"{url}/linkedin",
        "site": f"{url}/linkedin",
    },
    pages=("/feed/update/{id}/",),
    endpoints="rest/|v2/|dms-uploads/",
)
