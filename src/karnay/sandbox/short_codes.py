"""Addresses with a short code in them, which is not the post's id: they lead to its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import base_url

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import World


@dataclass(frozen=True, slots=True)
class ShortCodes:
    """Those of one network; a post's body has its `shortcode`.

    `address` and `page` are below `/<network>`, with `{account}` and `{code}`, or `{id}`.
    """

    world: World
    network: str
    address: str
    page: str

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(f"/{self.network}{self.address}", self._led)]

    async def _led(self, request: Request) -> Response:
        account, code = request.path_params["account"], request.path_params["code"]
        posts = self.world.ledger.all(self.network, account)
        found = next((post for post in posts if post.body["shortcode"] == code), None)
        if found is None:
            return Response("Not found", 404)
        page = self.page.format(account=account, id=found.id)
        return RedirectResponse(f"{base_url(request, self.network)}{page}")
