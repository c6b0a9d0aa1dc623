"""The one application: all networks, the pages that show them, and the sandbox's own controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Route

from karnay.sandbox.controls import Controls
from karnay.sandbox.networks import networks
from karnay.sandbox.pages import Pages
from karnay.sandbox.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from karnay.sandbox.network import Api
    from karnay.sandbox.world import World


def application(world: World) -> Starlette:
    """The ASGI application over that world.

    The pages come first: `/telegram/{channel}/{number}` is more exact than any API address.
    """
    known = networks().values()
    own = [network.more for network in known if network.more]
    parts: list[Callable[[World], Api]] = [Controls, *own, Pages, *(one.api for one in known)]
    served = [world.bucket, *(part(world) for part in parts)]
    routes = [route for part in served for route in part.routes()]
    branches = [Branch(f"/{network.name}/", routes) for network in known]
    return Starlette(
        routes=[*branches, *(route for route in routes if not _of_any(branches, route))],
        middleware=[Middleware(Recording, world=world)],
    )


def _of_any(branches: list[Branch], route: Route) -> bool:
    return any(route in branch.routes for branch in branches)


class Branch(BaseRoute):
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
                return match, {**child, "of_branch": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**child, "of_branch": route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the route that matched."""
        route: Route = scope["of_branch"]
        await route.handle(scope, receive, send)
