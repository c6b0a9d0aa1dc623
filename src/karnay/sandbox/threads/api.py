"""Threads' API for publishing: containers, their state, posts, replies and quotas.

https://developers.facebook.com/docs/threads/reference. The token `sandbox-threads` is that of
@tict_demo, `sandbox-threads-<name>` that of @<name>.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox import graph
from karnay.sandbox.containers import LIVES
from karnay.sandbox.http import answered, base_url, publishing
from karnay.sandbox.marks import detected
from karnay.sandbox.threads import rules
from karnay.sandbox.threads.containers import Container, Containers
from karnay.sandbox.threads.making import FIELDS, Making
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.world import World

NAME = rules.NAME
PUBLISHING, REPLYING, DELETING = (
    "threads_content_publish",
    "threads_manage_replies",
    "threads_delete",
)
POSTS, REPLIES, DELETIONS = 250, 1_000, 100  # in a day


def user_id(account: str) -> str:
    """The id of the profile of that name."""
    return graph.number_of(account, "threads user")


class ThreadsApi:
    """What a scheduler needs of a profile.

    `takes` is how long a file is worked on until its container is finished, `posts_a_day` how many
    there may be; tests set them.
    """

    takes = timedelta()
    posts_a_day = POSTS

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(18_000_000_000_000_001)
        self._containers = Containers(world)
        self._deletions: list[tuple[str, datetime]] = []

    def routes(self) -> list[Route]:
        """All below `/threads/`."""
        at = "/threads/{version}"
        meeting = publishing(self.world, NAME, graph.troubles(4))
        posts: dict[str, Endpoint] = {
            f"{at}/{{id}}/threads": answered(self._contain),
            f"{at}/{{id}}/threads_publish": meeting(answered(self._publish)),
        }
        reads = {
            f"{at}/{{id}}/threads": self._posts,
            f"{at}/{{id}}/replies": self._replies,
            f"{at}/{{id}}/insights": self._insights,
            f"{at}/{{id}}/threads_publishing_limit": self._quota,
            f"{at}/{{id}}": self._object,
            "/threads/refresh_access_token": self._refresh,
        }
        return [
            *(Route(path, one, methods=["POST"]) for path, one in posts.items()),
            *(Route(path, answered(one)) for path, one in reads.items()),
            Route(f"{at}/{{id}}", answered(self._delete), methods=["DELETE"]),
        ]

    async def _contain(self, request: Request) -> Response:
        account = self._own(request, PUBLISHING)
        fields = await graph.given(request, FIELDS)
        number = str(next(self._numbers))
        made = await Making(self.world, self._containers, self.takes).made(number, account, fields)
        self._containers.put(made)
        return JSONResponse({"id": number})

    async def _publish(self, request: Request) -> Response:
        account = self._own(request, PUBLISHING)
        fields = await graph.given(request, ("creation_id",))
        container = self._containers.of(account, str(fields.get("creation_id", "")))
        if container.is_item or self._containers.state(container) != "FINISHED":
            raise rules.not_there()
        if container.reply_to and self.world.ledger.find(NAME, container.reply_to) is None:
            raise rules.not_there()
        return JSONResponse({"id": self._public(request, container).id})

    def _public(self, request: Request, container: Container) -> Published:
        replies = bool(container.reply_to)
        most = REPLIES if replies else self.posts_a_day
        if self._containers.today(container.account, replies=replies) >= most:
            raise rules.over_quota()
        self._containers.publish(container)
        post = self._new(request, container)
        self.world.ledger.put(post)
        return post

    def _new(self, request: Request, container: Container) -> Published:
        number = str(next(self._numbers))
        code = hashlib.sha256(number.encode()).hexdigest()[:11]
        link = container.options.get("link_attachment", "")
        return Published(
            platform=NAME,
            account=container.account,
            id=number,
            link=f"{base_url(request, NAME)}/@{container.account}/post/{code}",
            text=container.text,
            at=self.world.clock.now(),
            reply_to=container.reply_to,
            marks=detected(container.text),
            card={"title": link, "description": "", "uri": link} if link else None,
            media=self._containers.media(container),
            body={"shortcode": code, "media_type": _shown_kind(container), **container.options},
        )

    async def _posts(self, request: Request) -> Response:
        account = self._own(request)
        posts = (post for post in self._newest(account) if not post.reply_to)
        return graph.page(map(self._body, posts), request)

    async def _replies(self, request: Request) -> Response:
        """Of a profile: all that it has written. Of a post: all that answer it."""
        account, name = graph.whose(request, NAME), request.path_params["id"]
        if name in ("me", user_id(account)):
            found = [post for post in self._newest(account) if post.reply_to]
        else:
            parent = graph.post_of(self.world, NAME, request)
            found = [one for one in self._newest(parent.account) if one.reply_to == parent.id]
        return graph.page(map(self._body, found), request)

    def _newest(self, account: str) -> Iterator[Published]:
        return self.world.ledger.newest(NAME, account)

    async def _object(self, request: Request) -> Response:
        account, name = graph.whose(request, NAME), request.path_params["id"]
        if name in ("me", user_id(account)):
            whole = {"id": user_id(account), "username": account, "name": account}
            return JSONResponse(graph.selected(whole, request))
        if self._containers.holds(name):
            return self._status(request, self._containers.of(account, name))
        post = graph.post_of(self.world, NAME, request)
        return JSONResponse(graph.selected(self._body(post), request))

    def _status(self, request: Request, container: Container) -> Response:
        state = self._containers.state(container)
        told = {"error_message": self._containers.fault(container)} if state == "ERROR" else {}
        whole = {"id": container.id, "status": state, **told}
        return JSONResponse(graph.selected(whole, request, "status"))

    async def _insights(self, request: Request) -> Response:
        graph.whose(request, NAME)
        post = graph.post_of(self.world, NAME, request)
        replies = sum(one.reply_to == post.id for one in self._newest(post.account))
        return graph.insights(request, {"replies": replies}, period="lifetime")

    async def _quota(self, request: Request) -> Response:
        account = self._own(request)
        whole = {
            "quota_usage": self._containers.today(account, replies=False),
            "config": _allowing(self.posts_a_day),
            "reply_quota_usage": self._containers.today(account, replies=True),
            "reply_config": _allowing(REPLIES),
            "delete_quota_usage": self._deleted(account),
            "delete_config": _allowing(DELETIONS),
        }
        return JSONResponse({"data": [graph.selected(whole, request, "quota_usage")]})

    async def _delete(self, request: Request) -> Response:
        account = graph.whose(request, NAME, writes=DELETING)
        post = graph.post_of(self.world, NAME, request)
        if post.account != account:
            raise graph.no(10, "(#10) Application does not have permission", status=403)
        if self._deleted(account) >= DELETIONS:
            raise rules.over_quota()
        self._deletions.append((account, self.world.clock.now()))
        self.world.ledger.take_down(post)
        return JSONResponse({"success": True, "deleted_id": post.id})

    def _deleted(self, account: str) -> int:
        """How many posts were deleted in the last day."""
        since = self.world.clock.now() - LIVES
        return sum(whose == account and at > since for whose, at in self._deletions)

    async def _refresh(self, request: Request) -> Response:
        """https://developers.facebook.com/docs/threads/get-started/long-lived-tokens"""
        graph.whose(request, NAME)
        if request.query_params.get("grant_type") != "th_refresh_token":
            raise graph.invalid("Param grant_type must be one of {TH_REFRESH_TOKEN}")
        token = request.query_params.get("access_token", "")
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": 5183944})

    def _own(self, request: Request, writes: str = "") -> str:
        account = graph.whose(request, NAME, writes=writes)
        if request.path_params["id"] not in ("me", user_id(account)):
            raise graph.unseen(request.path_params["id"])
        return account

    def _body(self, post: Published) -> dict[str, Any]:
        parent = {"replied_to": {"id": post.reply_to}} if post.reply_to else {}
        return {
            "id": post.id,
            "text": rules.with_topic(post.text),
            "timestamp": graph.moment(post.at),
            "permalink": post.link,
            "shortcode": post.body["shortcode"],
            "username": post.account,
            "media_type": post.body["media_type"],
            "is_reply": bool(post.reply_to),
            **parent,
        }


def _shown_kind(container: Container) -> str:
    """https://developers.facebook.com/docs/threads/retrieve-and-discover-posts/retrieve-posts"""
    return {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}.get(container.kind, container.kind)


def _allowing(most: int) -> dict[str, int]:
    return {"quota_total": most, "quota_duration": 86400}
