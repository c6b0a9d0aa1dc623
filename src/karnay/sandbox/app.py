"""The one application: four networks, the pages that show them, and the sandbox's own controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Route

from karnay.sandbox.bluesky.api import BlueskyApi
from karnay.sandbox.controls import Controls
from karnay.sandbox.mastodon.api import MastodonApi
from karnay.sandbox.pages import Pages
from karnay.sandbox.recording import Recording
from karnay.sandbox.telegram.api import TelegramApi
from karnay.sandbox.world import PLATFORMS
from karnay.sandbox.x.api import XApi

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from karnay.sandbox.world import World


def application(world: World) -> Starlette:
    """The ASGI application over that world.

    The pages come first: `/telegram/{channel}/{number}` is more exact than any API address.
    """
    parts = (Controls, Pages, TelegramApi, MastodonApi, BlueskyApi, XApi)
    routes = [route for part in parts for route in part(world).routes()]
    networks = [Network(f"/{name}/", routes) for name in PLATFORMS]
    return Starlette(
        routes=[*networks, *(route for route in routes if not _of_any(networks, route))],
        middleware=[Middleware(Recording, world=world)],
    )


def _of_any(networks: list[Network], route: Route) -> bool:
    return any(route in network.routes for network in networks)


class Network(BaseRoute):
    """The routes below one prefix, so that a request is not held against those of all others."""

    def __init__(self, prefix: str, routes: list[Route]) -> None:
        self.prefix = prefix
        self.routes = [route for route in routes if route.path.startswith(prefix)]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The best match of the routes below, which is told to `handle` in the scope."""
        if not scope["path"].startswith(self.prefix):
            return Match.NONE, {}
        partial: tuple[Match, Scope] = Match.NONE, {}
        for route in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, "of_network": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**child, "of_network": route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the route that matched."""
        route: Route = scope["of_network"]
        await route.handle(scope, receive, send)
