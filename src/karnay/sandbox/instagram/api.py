"""Instagram's API for publishing: containers, their state, posts and comments.

https://developers.facebook.com/docs/instagram-platform/content-publishing. The token
`sandbox-instagram` is that of @tict_demo, `sandbox-instagram-<name>` that of @<name>.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox import graph
from karnay.sandbox.fetching import NotFetched, fetched
from karnay.sandbox.http import answered, base_url, publishing
from karnay.sandbox.instagram import rules
from karnay.sandbox.instagram.containers import MOST, Container, Containers
from karnay.sandbox.marks import detected
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

NAME = "instagram"
PUBLISHING = "instagram_business_content_publish"
COMMENTING = "instagram_business_manage_comments"
QUOTA = 50

_ADDRESSES = ("image_url", "video_url")
CONTAINER = (
    *_ADDRESSES,
    *("media_type", "caption", "alt_text", "is_carousel_item", "children", "upload_type"),
    *("share_to_feed", "collaborators", "location_id", "user_tags", "cover_url", "thumb_offset"),
)
_TYPES = ("", "REELS", "VIDEO", "CAROUSEL")


def user_id(account: str) -> str:
    """The id of the account of that name."""
    return graph.number_of(account, "instagram user")


class InstagramApi:
    """What a scheduler needs of a professional account.

    `takes` is how long a file is worked on until its container is finished; tests set it.
    """

    takes = timedelta()

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(17_900_000_000_000_001)
        self._containers = Containers(world)

    def routes(self) -> list[Route]:
        """All below `/instagram/`; bytes go to where `rupload.facebook.com` stands for."""
        at = "/instagram/{version}"
        meeting = publishing(self.world, NAME, graph.troubles(80002))
        posts: dict[str, Endpoint] = {
            f"{at}/{{id}}/media": answered(self._contain),
            f"{at}/{{id}}/media_publish": meeting(answered(self._publish)),
            f"{at}/{{id}}/comments": meeting(answered(self._comment)),
            "/instagram/ig-api-upload/{version}/{id}": answered(self._upload),
        }
        reads = {
            f"{at}/{{id}}/media": self._posts,
            f"{at}/{{id}}/comments": self._comments,
            f"{at}/{{id}}/insights": self._insights,
            f"{at}/{{id}}/content_publishing_limit": self._quota,
            f"{at}/{{id}}": self._object,
        }
        return [
            *(Route(path, one, methods=["POST"]) for path, one in posts.items()),
            *(Route(path, answered(one)) for path, one in reads.items()),
        ]

    async def _contain(self, request: Request) -> Response:
        account = self._own(request, PUBLISHING)
        fields = await graph.given(request, CONTAINER)
        if self._containers.today(account) >= MOST:
            raise graph.no(4, "(#4) Application request limit reached", status=403)
        rules.check_caption(graph.text_of(fields, "caption"))
        if fields.get("media_type", "") not in _TYPES:
            raise graph.no(100, "The media type is unknown", subcode=2207023)
        number = str(next(self._numbers))
        carousel = fields.get("media_type") == "CAROUSEL"
        made = self._carousel if carousel else self._item
        self._containers.put(await made(number, account, fields))
        return JSONResponse({"id": number})

    async def _carousel(self, number: str, account: str, fields: Mapping[str, Any]) -> Container:
        names = [str(name) for name in graph.list_of(fields, "children")]
        if not rules.FEWEST_ITEMS <= len(names) <= rules.MOST_ITEMS:
            raise graph.no(100, "A carousel has 2 to 10 items", subcode=2207028)
        children = [self._containers.of(account, name) for name in names]
        if not all(child.is_item for child in children):
            raise graph.invalid("An item of a carousel must have is_carousel_item")
        if any(self._containers.state(child) != "FINISHED" for child in children):
            raise rules.not_ready()
        base = self._base(number, account, fields)
        return replace(base, children=tuple(names))

    async def _item(self, number: str, account: str, fields: Mapping[str, Any]) -> Container:
        base = self._base(number, account, fields)
        if fields.get("upload_type") == "resumable":
            if fields.get("media_type") not in ("REELS", "VIDEO"):
                raise graph.invalid("Only a video can be uploaded")
            return replace(base, waits=True, is_film=True)
        given = [name for name in _ADDRESSES if fields.get(name)]
        if len(given) != 1:
            raise graph.invalid("The parameter image_url or video_url is required")
        content = await _fetched(graph.text_of(fields, given[0]))
        alt = graph.text_of(fields, "alt_text")
        medium = self._put(number, account, content, alt)
        rules.check_alt(alt, medium.look)
        if given[0] == "image_url":
            rules.check_picture(medium.look, len(content))
        elif fields.get("media_type") not in ("REELS", "VIDEO"):
            raise graph.no(100, "A video needs its media type", subcode=2207023)
        return replace(base, medium=medium, is_film=given[0] == "video_url")

    def _put(self, number: str, account: str, content: bytes, alt: str = "") -> Upload:
        now, takes = self.world.clock.now(), self.takes
        return self.world.media.put(
            NAME, account, content, name="", now=now, takes=takes, alt=alt, id_=number
        )

    def _base(self, number: str, account: str, fields: Mapping[str, Any]) -> Container:
        item = graph.flag_of(fields, "is_carousel_item", otherwise=False)
        caption = graph.text_of(fields, "caption")
        return Container(number, account, self.world.clock.now(), caption, is_item=item)

    async def _upload(self, request: Request) -> Response:
        """https://developers.facebook.com/docs/instagram-platform/content-publishing/resumable-uploads"""
        account = graph.whose(request, NAME, writes=PUBLISHING)
        container = self._containers.of(account, request.path_params["id"])
        content, headers = await request.body(), request.headers
        whole = headers.get("offset") == "0" and headers.get("file_size") == str(len(content))
        if not container.waits or not whole:
            said = {"retriable": False, "type": "OffsetInvalidError", "message": "Offset is wrong"}
            return JSONResponse({"debug_info": said}, 400)
        medium = self._put(container.id, account, content)
        self._containers.put(replace(container, medium=medium, waits=False))
        return JSONResponse({"success": True, "message": "Upload successful."})

    async def _publish(self, request: Request) -> Response:
        account = self._own(request, PUBLISHING)
        fields = await graph.given(request, ("creation_id",))
        container = self._containers.of(account, str(fields.get("creation_id", "")))
        state = self._containers.state(container)
        if state == "IN_PROGRESS":
            raise rules.not_ready()
        if state != "FINISHED" or container.is_item:
            raise rules.no_container()
        if self._containers.today(account, published=True) >= QUOTA:
            raise rules.over_quota()
        self._containers.publish(container)
        media = self._containers.media(container)
        post = self._new(request, account, container.caption, media=media)
        return JSONResponse({"id": post.id})

    def _new(
        self,
        request: Request,
        account: str,
        text: str,
        *,
        media: tuple[Upload, ...] = (),
        reply_to: str = "",
    ) -> Published:
        number = str(next(self._numbers))
        code = hashlib.sha256(number.encode()).hexdigest()[:11]
        post = Published(
            platform=NAME,
            account=account,
            id=number,
            link=f"{base_url(request, NAME)}/{account}/p/{code}",
            text=text,
            at=self.world.clock.now(),
            reply_to=reply_to,
            marks=detected(text),
            media=media,
            body={"shortcode": code},
        )
        self.world.ledger.put(post)
        return post

    async def _comment(self, request: Request) -> Response:
        """With `fields`, the comment is made and the answer is an error all the same."""
        account = graph.whose(request, NAME, writes=COMMENTING)
        post = graph.post_of(self.world, NAME, request)
        text = graph.text_of(await graph.given(request, ("message",)), "message")
        if not text:
            raise graph.invalid("The comment has no message")
        made = self._new(request, account, text, reply_to=post.id)
        if "fields" in request.query_params:
            raise graph.no(20, "The comment cannot be read", subcode=1772107)
        return JSONResponse({"id": made.id})

    async def _posts(self, request: Request) -> Response:
        account = self._own(request)
        newest = self.world.ledger.newest(NAME, account)
        posts = [_body(post) for post in newest if not post.reply_to]
        return graph.page(posts, request)

    async def _comments(self, request: Request) -> Response:
        graph.whose(request, NAME)
        post = graph.post_of(self.world, NAME, request)
        newest = self.world.ledger.newest(NAME, post.account)
        comments = [_body(one) for one in newest if one.reply_to == post.id]
        return graph.page(comments, request, "text", "timestamp")

    async def _object(self, request: Request) -> Response:
        account, name = graph.whose(request, NAME), request.path_params["id"]
        if name == user_id(account):
            return JSONResponse(graph.selected({"id": name, "username": account}, request))
        if self._containers.holds(name):
            container = self._containers.of(account, name)
            state = self._containers.state(container)
            told = "Error: Media upload has failed with error code 2207026"
            status = told if state == "ERROR" else state
            whole = {"id": name, "status_code": state, "status": status}
            return JSONResponse(graph.selected(whole, request))
        post = graph.post_of(self.world, NAME, request)
        return JSONResponse(graph.selected(_body(post), request))

    async def _insights(self, request: Request) -> Response:
        graph.whose(request, NAME)
        graph.post_of(self.world, NAME, request)
        return graph.insights(request, {})

    async def _quota(self, request: Request) -> Response:
        used = self._containers.today(self._own(request), published=True)
        config = {"quota_total": QUOTA, "quota_duration": 86400}
        return JSONResponse({"data": [{"quota_usage": used, "config": config}]})

    def _own(self, request: Request, writes: str = "") -> str:
        account = graph.whose(request, NAME, writes=writes)
        if request.path_params["id"] != user_id(account):
            raise graph.unseen(request.path_params["id"])
        return account


async def _fetched(url: str) -> bytes:
    try:
        return await fetched(url)
    except NotFetched:
        raise rules.not_fetched() from None


def _body(post: Published) -> dict[str, Any]:
    return {
        "id": post.id,
        "caption": post.text,
        "text": post.text,
        "timestamp": graph.moment(post.at),
        "permalink": post.link,
        "shortcode": post.body["shortcode"],
        "username": post.account,
        "media_type": _type(post),
        "like_count": 0,
        "comments_count": 0,
    }


def _type(post: Published) -> str:
    if len(post.media) > 1:
        return "CAROUSEL_ALBUM"
    return "VIDEO" if any(one.look.kind == "video" for one in post.media) else "IMAGE"
