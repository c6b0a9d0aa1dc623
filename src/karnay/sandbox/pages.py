"""The pages for people: everything that was published, and each thing at its own address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from karnay.sandbox.drawing import page, text
from karnay.sandbox.networks import PLATFORMS, networks

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import Published, World

_SHOWN = 200  # threads of a network that the overview shows


def titles() -> dict[str, str]:
    """What people call the networks."""
    return {name: network.title for name, network in networks().items()}


class Pages:
    """Server-rendered, without JavaScript."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The overview, the permalinks, and the uploaded files."""
        return [
            Route("/", self._overview),
            Route("/sandbox.css", self._style),
            *(
                Route(f"/{network.name}{page}", self._post_of(network.name))
                for network in networks().values()
                for page in network.pages
            ),
            Route("/_sandbox/media/{id}", self._file),
        ]

    async def _overview(self, _request: Request) -> Response:
        threads = self.world.ledger.threads()
        by_platform = {
            name: [thread for thread in reversed(threads) if thread[0].platform == name]
            for name in PLATFORMS
        }
        return page(
            "overview.html",
            threads={name: threads[:_SHOWN] for name, threads in by_platform.items()},
            posts={name: sum(map(len, threads)) for name, threads in by_platform.items()},
            faults=self.world.faults.all(),
            titles=titles(),
        )

    async def _style(self, _request: Request) -> Response:
        return Response(text("sandbox.css"), media_type="text/css")

    async def _file(self, request: Request) -> Response:
        upload = self.world.media.get(request.path_params["id"])
        if upload is None:
            return page("missing.html", status=404)
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(upload.content, media_type=upload.look.mime, headers=headers)

    def _post_of(self, platform: str) -> Any:
        async def shown_post(request: Request) -> Response:
            account, identifier = request.path_params.get("account"), str(request.path_params["id"])
            post = self._found(platform, account, identifier)
            if post is None:
                return page("missing.html", status=404)
            return page(
                "thread.html", thread=self.world.ledger.thread(post), here=post, titles=titles()
            )

        return shown_post

    def _found(self, platform: str, account: str | None, identifier: str) -> Published | None:
        """The post of that id, or the one whose id ends in it; an address may name no account."""
        ledger = self.world.ledger
        if account is None:
            return ledger.find(platform, identifier)
        exact = ledger.get(platform, account, identifier)
        if exact is not None:
            return exact
        posts = ledger.all(platform, account)
        return next((post for post in posts if post.id.rpartition("/")[2] == identifier), None)
