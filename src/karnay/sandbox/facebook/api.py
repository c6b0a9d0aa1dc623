"""Facebook's Graph API for the posts of a Page.

https://developers.facebook.com/docs/pages-api/posts. The token `sandbox-facebook` is that of the
Page @tict_demo, `sandbox-facebook-<name>` that of @<name>.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from karnay.sandbox import graph
from karnay.sandbox.facebook import rules
from karnay.sandbox.http import answered, base_url, publishing
from karnay.sandbox.marks import detected
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint, Part
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

NAME = "facebook"
POSTING, COMMENTING = "pages_manage_posts", "pages_manage_engagement"
APP = {"id": "1000000000000042", "name": "karnay"}

NO_TIME = timedelta()

FEED = ("message", "link", "published", "attached_media")
PHOTO = ("source", "url", "caption", "published", "alt_text_custom")
VIDEO = ("source", "file_url", "title", "description", "published")
"""The parameters that are taken: https://developers.facebook.com/docs/graph-api/reference/page"""


def page_id(account: str) -> str:
    """The id of the Page of that name."""
    return graph.number_of(account, "page")


class FacebookApi:
    """What a scheduler needs of Pages, with a Page's own token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(122_100_000_000_000_001)
        self._used: set[str] = set()  # pictures that are in a post

    def routes(self) -> list[Route]:
        """All below `/facebook/<version>/`."""
        at, troubles = "/facebook/{version}", graph.troubles(80001)
        meeting = publishing(self.world, NAME, troubles)
        posts: dict[str, Endpoint] = {
            "feed": meeting(answered(self._feed)),
            "videos": meeting(answered(self._video)),
            "comments": meeting(answered(self._comment)),
            "photos": answered(self._photo),
        }
        lists = {
            "published_posts": self._posts,
            "videos": self._videos,
            "comments": self._comments,
            "insights": self._insights,
        }
        return [
            *(Route(f"{at}/{{id}}/{edge}", one, methods=["POST"]) for edge, one in posts.items()),
            *(Route(f"{at}/{{id}}/{edge}", answered(one)) for edge, one in lists.items()),
            Route(f"{at}/me", answered(self._me)),
            Route(f"{at}/{{id}}", answered(self._object)),
            Route(f"{at}/{{id}}", answered(self._edit), methods=["POST"]),
            Route(f"{at}/{{id}}", answered(self._delete), methods=["DELETE"]),
        ]

    async def _me(self, request: Request) -> Response:
        name = graph.whose(request, NAME)
        link = f"{base_url(request, NAME)}/{name}"
        whole = {"id": page_id(name), "name": name, "link": link}
        return JSONResponse(graph.selected(whole, request, "name"))

    async def _photo(self, request: Request) -> Response:
        page = self._own_page(request, POSTING)
        fields = await graph.given(request, PHOTO)
        file = graph.file_of(fields, "source")
        if file is None:
            raise graph.invalid("The parameter source or url is required")
        if graph.flag_of(fields, "published", otherwise=True):
            raise graph.invalid("karnay's sandbox takes pictures only unpublished")
        alt = graph.text_of(fields, "alt_text_custom")
        number = str(next(self._numbers))
        medium = self._put(page, number, file, alt)
        rules.check_picture(medium.look, len(file.content), alt)
        return JSONResponse({"id": number})

    async def _feed(self, request: Request) -> Response:
        page = self._own_page(request, POSTING)
        fields = await graph.given(request, FEED)
        message, link = graph.text_of(fields, "message"), graph.text_of(fields, "link")
        media = self._attached(page, graph.list_of(fields, "attached_media"))
        if not (message or link or media):
            raise graph.invalid("You must provide a message or a link")
        rules.check_text(message)
        if link:
            rules.check_link(link)
        if not media and message == self._last_words(page):
            raise rules.duplicate()
        self._used.update(medium.id for medium in media)
        post = self._new(request, page, message, media, link)
        return JSONResponse({"id": post.id})

    def _put(self, page: str, number: str, file: Part, alt: str = "") -> Upload:
        now = self.world.clock.now()
        return self.world.media.put(
            NAME, page, file.content, name=file.name, now=now, takes=NO_TIME, alt=alt, id_=number
        )

    def _attached(self, page: str, listed: list[Any]) -> list[Upload]:
        if len(listed) > rules.MOST_PICTURES:
            raise graph.invalid("Too many photos")
        return [self._picture(page, item) for item in listed]

    def _picture(self, page: str, item: Any) -> Upload:
        name = str(item.get("media_fbid")) if isinstance(item, dict) else ""
        medium = self.world.media.get(name)
        if medium is None or medium.owner != page or medium.look.kind != "image":
            raise graph.invalid(f"Invalid media_fbid: {name}")
        if name in self._used:
            raise rules.used()
        return medium

    def _last_words(self, page: str) -> str | None:
        """Of the newest post; a comment is none."""
        return next((post.text for post in self._of(page)), None)

    async def _video(self, request: Request) -> Response:
        page = self._own_page(request, POSTING)
        fields = await graph.given(request, VIDEO)
        file = graph.file_of(fields, "source")
        if file is None:
            raise graph.invalid("The video file is missing")
        text = graph.text_of(fields, "description")
        rules.check_text(text)
        number = str(next(self._numbers))
        medium = self._put(page, number, file)
        rules.check_video(medium.look)
        self._new(request, page, text, [medium], number=number)
        return JSONResponse({"id": number})

    def _new(  # noqa: PLR0913 - what a post consists of
        self,
        request: Request,
        page: str,
        text: str,
        media: list[Upload],
        link: str = "",
        *,
        number: str = "",
        reply_to: str = "",
    ) -> Published:
        name = number or f"{page_id(page)}_{next(self._numbers)}"
        address = f"{base_url(request, NAME)}/{page}/posts/{name}"
        now = self.world.clock.now()
        post = Published(
            platform=NAME,
            account=page,
            id=name,
            link=address,
            text=text,
            at=now,
            reply_to=reply_to,
            marks=detected(text),
            media=tuple(media),
            card={"title": link, "description": "", "uri": link} if link else None,
        )
        self.world.ledger.put(post)
        return post

    async def _comment(self, request: Request) -> Response:
        page = graph.whose(request, NAME, writes=COMMENTING)
        post = graph.post_of(self.world, NAME, request)
        fields = await graph.given(request, ("message", "attachment_url"))
        text = graph.text_of(fields, "message")
        if not text:
            raise graph.invalid("The comment has no message")
        rules.check_text(text)
        name = f"{post.id}_{next(self._numbers)}"
        made = self._new(request, page, text, [], number=name, reply_to=post.id)
        return JSONResponse({"id": made.id})

    async def _posts(self, request: Request) -> Response:
        page = self._own_page(request)
        return graph.page(map(self._body, self._of(page)), request, "message", "created_time")

    async def _videos(self, request: Request) -> Response:
        page = self._own_page(request)
        films = (post for post in self._of(page) if self._is_film(post))
        return graph.page(map(self._body, films), request, "description", "created_time")

    async def _comments(self, request: Request) -> Response:
        graph.whose(request, NAME)
        post = graph.post_of(self.world, NAME, request)
        newest = self.world.ledger.newest(NAME, post.account)
        comments = [one for one in newest if one.reply_to == post.id]
        if request.query_params.get("order") != "reverse_chronological":
            comments.reverse()
        return graph.page(map(self._body, comments), request, "message", "created_time", "from")

    def _of(self, page: str) -> Iterator[Published]:
        """The Page's posts, newest first; a video when it is ready."""
        for post in self.world.ledger.newest(NAME, page):
            ready = all(one.is_ready(self.world.clock.now()) for one in post.media)
            if not post.reply_to and ready:
                yield post

    def _body(self, post: Published) -> dict[str, Any]:
        words = {
            "message": post.text,
            **({"description": post.text} if self._is_film(post) else {}),
        }
        none: dict[str, Any] = {"data": [], "summary": {"total_count": 0}}
        return {
            "id": post.id,
            **words,
            "created_time": graph.moment(post.at),
            "permalink_url": post.link,
            "application": APP,
            "from": {"id": page_id(post.account), "name": post.account},
            "comments": none,
            "reactions": none,
        }

    @staticmethod
    def _is_film(post: Published) -> bool:
        return any(medium.look.kind == "video" for medium in post.media)

    async def _object(self, request: Request) -> Response:
        graph.whose(request, NAME)
        post = graph.post_of(self.world, NAME, request)
        return JSONResponse(graph.selected(self._body(post), request, "message"))

    async def _insights(self, request: Request) -> Response:
        graph.whose(request, NAME)
        graph.post_of(self.world, NAME, request)
        return graph.insights(request, {})

    async def _edit(self, request: Request) -> Response:
        post = self._own_post(request)
        field = "description" if self._is_film(post) else "message"
        fields = await graph.given(request, (field,))
        text = graph.text_of(fields, field)
        rules.check_text(text)
        self.world.ledger.put(_worded(post, text))
        return JSONResponse({"success": True})

    async def _delete(self, request: Request) -> Response:
        self.world.ledger.take_down(self._own_post(request))
        return JSONResponse({"success": True})

    def _own_page(self, request: Request, writes: str = "") -> str:
        page = graph.whose(request, NAME, writes=writes)
        if request.path_params["id"] not in (page_id(page), "me"):
            raise graph.unseen(request.path_params["id"])
        return page

    def _own_post(self, request: Request) -> Published:
        page = graph.whose(request, NAME, writes=POSTING)
        post = graph.post_of(self.world, NAME, request)
        if post.account != page:
            raise graph.no(200, "(#200) Permissions error", status=403)
        return post


def _worded(post: Published, text: str) -> Published:
    return replace(post, text=text, marks=detected(text))


class Addresses:
    """Facebook leads from an id alone to the post itself."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """`/facebook/<id>`."""
        return [Route("/facebook/{id}", self._led)]

    async def _led(self, request: Request) -> Response:
        post = self.world.ledger.find(NAME, request.path_params["id"])
        return RedirectResponse(post.link) if post else Response("Not found", 404)
