"""The pages for people: everything that was published, and each thing at its own address."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import regex
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from karnay.sandbox.marks import shown
from karnay.sandbox.world import PLATFORMS, Published

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import World

TITLES = {"telegram": "Telegram", "mastodon": "Mastodon", "bluesky": "Bluesky", "x": "X"}
_PREVIEW = 20  # messages that t.me/s shows at once
_SHOWN = 200  # threads of a network that the overview shows


_EMOJI = regex.compile(r"(?!\p{ASCII})\p{Emoji_Presentation}\p{Emoji_Modifier}?\ufe0f?")


def _as_telegram(html: Markup) -> Markup:
    """Lines end in `<br/>`, and each emoji is a picture with the character inside."""
    pieces = regex.split(r"(<[^>]*>)", str(html))
    pieces[::2] = [_EMOJI.sub(r'<i class="emoji"><b>\g<0></b></i>', piece) for piece in pieces[::2]]
    return Markup("".join(pieces).replace("\n", "<br/>"))  # noqa: S704 - it was escaped HTML


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
    templates.filters["as_telegram"] = _as_telegram
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
            Route("/telegram/c/{account}/{id:int}", self._post_of("telegram")),
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
        return _page(
            "overview.html",
            threads={name: threads[:_SHOWN] for name, threads in by_platform.items()},
            posts={name: sum(map(len, threads)) for name, threads in by_platform.items()},
            faults=self.world.faults.all(),
        )

    async def _style(self, _request: Request) -> Response:
        return Response(_templates().get_template("sandbox.css").render(), media_type="text/css")

    async def _channel(self, request: Request) -> Response:
        """https://t.me/s/<channel>: the newest messages, or those before one; oldest first.

        The markup is the real page's as people have captured it (its service messages, replies
        and emoji in the tests of the Python library "tchan"), as far as it is more than looks.
        A channel begins with the service message of its creation, number 1.
        """
        account, before = request.path_params["account"], request.query_params.get("before", "")
        if account.isdecimal():  # what only has a number is private: t.me goes to its other page
            return RedirectResponse(f"/telegram/{account}", 302)
        end = int(before) if before.isdecimal() else 1 << 63
        newest = self.world.ledger.newest("telegram", account)
        page = list(islice((post for post in newest if int(post.id) < end), _PREVIEW))
        return _page(
            "channel.html",
            account=account,
            posts=page[::-1],
            created=self.world.clock.now() if len(page) < _PREVIEW and end > 1 else None,
            ledger=self.world.ledger,
        )

    def _post_of(self, platform: str) -> Any:
        async def page(request: Request) -> Response:
            account, identifier = request.path_params["account"], str(request.path_params["id"])
            post = self._found(platform, account, identifier)
            if post is None:
                return _page("missing.html", status=404)
            return _page("thread.html", thread=self.world.ledger.thread(post), here=post)

        return page

    def _found(self, platform: str, account: str, identifier: str) -> Published | None:
        """The post of that id; Bluesky's addresses end in the last piece of it."""
        if platform != "bluesky":
            return self.world.ledger.get(platform, account, identifier)
        posts = self.world.ledger.all(platform, account)
        return next((post for post in posts if post.id.rpartition("/")[2] == identifier), None)


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_templates().get_template(name).render(**values), status)
