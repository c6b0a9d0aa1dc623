"""The pages for people: everything that was published, and each thing at its own address."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from karnay.sandbox.marks import shown
from karnay.sandbox.world import PLATFORMS, Published

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import World

TITLES = {"telegram": "Telegram", "mastodon": "Mastodon", "bluesky": "Bluesky", "x": "X"}
_PREVIEW = 20  # messages that t.me/s shows at once


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("karnay.sandbox", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["shown"] = lambda post: shown(post.text, post.marks)
    templates.filters["lines"] = lambda text: Markup("<br/>").join(text.split("\n"))
    templates.globals["titles"] = TITLES
    return templates


class Pages:
    """Server-rendered, without JavaScript."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The overview, the permalinks, and Telegram's public preview of a channel."""
        return [
            Route("/", self._overview),
            Route("/sandbox.css", self._style),
            Route("/telegram/s/{account}", self._channel),
            Route("/telegram/{account}/{id:int}", self._post_of("telegram")),
            Route("/mastodon/@{account}/{id}", self._post_of("mastodon")),
            Route("/bluesky/profile/{account}/post/{id}", self._post_of("bluesky")),
            Route("/x/{account}/status/{id}", self._post_of("x")),
        ]

    async def _overview(self, _request: Request) -> Response:
        threads = self.world.ledger.threads()
        by_platform = {
            name: [thread for thread in reversed(threads) if thread[0].platform == name]
            for name in PLATFORMS
        }
        return _page("overview.html", threads=by_platform, faults=self.world.faults.all())

    async def _style(self, _request: Request) -> Response:
        return Response(_templates().get_template("sandbox.css").render(), media_type="text/css")

    async def _channel(self, request: Request) -> Response:
        """https://t.me/s/<channel>: the newest messages, oldest first."""
        account = request.path_params["account"]
        before = request.query_params.get("before", "")
        posts = self.world.ledger.all("telegram", account)
        posts = [post for post in posts if not before.isdecimal() or int(post.id) < int(before)]
        return _page("channel.html", account=account, posts=posts[-_PREVIEW:])

    def _post_of(self, platform: str) -> Any:
        async def page(request: Request) -> Response:
            account, identifier = request.path_params["account"], str(request.path_params["id"])
            thread = self._thread(platform, account, identifier)
            if not thread:
                return _page("missing.html", status=404)
            return _page("thread.html", thread=thread, here=_here(thread, identifier))

        return page

    def _thread(self, platform: str, account: str, identifier: str) -> list[Published]:
        threads = self.world.ledger.threads(platform)
        mine = (thread for thread in threads if thread[0].account == account)
        return next((thread for thread in mine if _here(thread, identifier)), [])


def _here(thread: list[Published], identifier: str) -> Published | None:
    """The post of that id; Bluesky's addresses end in the last piece of it."""
    return next((post for post in thread if post.id.rpartition("/")[2] == identifier), None)


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_templates().get_template(name).render(**values), status)
