"""The one application: four networks, the pages that show them, and the sandbox's own controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from karnay.sandbox.bluesky.api import BlueskyApi
from karnay.sandbox.controls import Controls
from karnay.sandbox.mastodon.api import MastodonApi
from karnay.sandbox.pages import Pages
from karnay.sandbox.recording import Recording
from karnay.sandbox.telegram.api import TelegramApi
from karnay.sandbox.x.api import XApi

if TYPE_CHECKING:
    from karnay.sandbox.world import World


def application(world: World) -> Starlette:
    """The ASGI application over that world.

    The pages come first: `/telegram/{channel}/{number}` is more exact than any API address.
    """
    parts = (Controls, Pages, TelegramApi, MastodonApi, BlueskyApi, XApi)
    return Starlette(
        routes=[route for part in parts for route in part(world).routes()],
        middleware=[Middleware(Recording, world=world)],
    )
