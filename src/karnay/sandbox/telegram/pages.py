"""Telegram's public preview of a channel, https://t.me/s/<channel>."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import regex
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from karnay.sandbox.drawing import page, templates

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import World

_PREVIEW = 20  # messages that t.me/s shows at once

_EMOJI = regex.compile(r"(?!\p{ASCII})\p{Emoji_Presentation}\p{Emoji_Modifier}?\ufe0f?")


def _as_telegram(html: Markup) -> Markup:
    """Lines end in `<br/>`, and each emoji is a picture with the character inside."""
    pieces = regex.split(r"(<[^>]*>)", str(html))
    pieces[::2] = [_EMOJI.sub(r'<i class="emoji"><b>\g<0></b></i>', piece) for piece in pieces[::2]]
    return Markup("".join(pieces).replace("\n", "<br/>"))  # noqa: S704 - it was escaped HTML


class ChannelPages:
    """The newest messages of a channel, as people without the app see them."""

    def __init__(self, world: World) -> None:
        self.world = world
        templates().filters["as_telegram"] = _as_telegram

    def routes(self) -> list[Route]:
        """The one page."""
        return [Route("/telegram/s/{account}", self._channel)]

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
        shown = list(islice((post for post in newest if int(post.id) < end), _PREVIEW))
        return page(
            "channel.html",
            account=account,
            posts=shown[::-1],
            created=self.world.clock.now() if len(shown) < _PREVIEW and end > 1 else None,
            ledger=self.world.ledger,
        )
