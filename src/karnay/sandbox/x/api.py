"""X's API v2 for one's own posts: https://docs.x.com/x-api/posts/create-post.

The consumer key is one for all; an access token `sandbox-x-access-token-<name>` acts for @<name>.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import Refusal, Troubles, answered, base_url, parameters, publishing
from karnay.sandbox.links import x_links
from karnay.sandbox.marks import Mark, detected
from karnay.sandbox.quota import Limit, Quota, Quotas
from karnay.sandbox.world import Published
from karnay.sandbox.x import objects, rules
from karnay.sandbox.x.identity import Identity, problem, user_id
from karnay.sandbox.x.media import Media

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

_QUARTER = timedelta(minutes=15)
POSTING = Limit("POST /2/tweets", 100, _QUARTER)
DELETING = Limit("DELETE /2/tweets/:id", 50, _QUARTER)
UPLOADING = Limit("POST /2/media/upload", 500, _QUARTER)
IN_PIECES = Limit("POST /2/media/upload/initialize", 1_875, _QUARTER)
DESCRIBING = Limit("POST /2/media/metadata", 500, _QUARTER)
READING = Limit("GET /2/users/:id/tweets", 900, _QUARTER)
WHO_AM_I = Limit("GET /2/users/me", 75, _QUARTER)

_PAGE, _SHORTEST_PAGE, _LONGEST_PAGE = "10", 5, 100


def _headers(quota: Quota) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(quota.limit),
        "x-rate-limit-remaining": str(quota.remaining),
        "x-rate-limit-reset": str(int(quota.reset.timestamp())),
    }


class XApi:
    """What a scheduler needs of X, with the rules of self-serve access."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._identity = Identity()
        self._quotas = Quotas(world.clock, _headers)
        self._numbers = count(1)
        self._texts: set[tuple[str, str]] = set()
        self._authors: dict[str, str] = {}  # names by user id
        self._media = Media(world)

    def routes(self) -> list[Route]:
        """All below `/x/2/`."""
        troubles = Troubles(
            refuse=rules.too_long,
            rate_limit=self._too_many,
            broken=lambda: problem(500, "Internal Server Error", "Internal Server Error"),
        )
        publish = self._quotas.told(POSTING, answered(self._publish))
        publish = publishing(self.world, "x", troubles)(publish)
        return [
            Route("/x/2/tweets", publish, methods=["POST"]),
            self._route("/x/2/tweets/{id}", READING, self._post),
            self._route("/x/2/tweets/{id}", DELETING, self._delete, "DELETE"),
            *self._uploads("/x/2/media"),
            self._route("/x/2/users/me", WHO_AM_I, self._me),
            self._route("/x/2/users/{id}/tweets", READING, self._timeline),
        ]

    def _uploads(self, root: str) -> list[Route]:
        """https://docs.x.com/x-api/media/quickstart/media-upload-chunked"""
        piece = f"{root}/upload/{{id}}"
        return [
            self._route(f"{root}/upload", UPLOADING, self._upload, "POST"),
            self._route(f"{root}/upload", IN_PIECES, self._status),
            self._route(f"{root}/upload/initialize", IN_PIECES, self._initialize, "POST"),
            self._route(f"{piece}/append", IN_PIECES, self._append, "POST"),
            self._route(f"{piece}/finalize", IN_PIECES, self._finalize, "POST"),
            self._route(f"{root}/metadata", DESCRIBING, self._describe, "POST"),
        ]

    def _route(self, path: str, limit: Limit, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, self._quotas.told(limit, answered(endpoint)), methods=[method])

    def _too_many(self, seconds: int) -> Refusal:
        refusal = problem(429, "Too Many Requests", "Too Many Requests")
        reset = self.world.clock.now() + timedelta(seconds=seconds)
        return Refusal(429, refusal.body, _headers(Quota(POSTING.requests, 0, reset)))

    async def _publish(self, request: Request) -> Response:
        author = await self._identity.of(request)
        given = rules.read(rules.NewPost, await request.body())
        rules.check(given)
        parent = self._parent(author, given.reply)
        files = self._media.to_attach(author, given.media.media_ids) if given.media else ()
        self._check_duplicate(author, given.text)
        post = self._new(request, author, given.text, parent, files)
        self._texts.add((author, _plain(given.text)))
        self._authors[user_id(author)] = author
        self.world.ledger.put(post)
        return JSONResponse({"data": objects.selected(dict(post.body), ())}, 201)

    def _parent(self, author: str, reply: rules.Reply | None) -> Published | None:
        if reply is None:
            return None
        parent = self._find(reply.in_reply_to_tweet_id)
        if parent is None:
            raise problem(
                403,
                "Forbidden",
                "You attempted to reply to a Tweet that is deleted or not visible to you.",
            )
        if parent.account != author and f"@{author}" not in parent.text:
            raise rules.not_yours()
        return parent

    def _check_duplicate(self, author: str, text: str) -> None:
        """How far X looks back is not documented; here it is as far as there is anything."""
        if text and (author, _plain(text)) in self._texts:
            raise rules.duplicate()

    def _new(
        self,
        request: Request,
        author: str,
        text: str,
        parent: Published | None,
        files: tuple[Upload, ...],
    ) -> Published:
        now = self.world.clock.now()
        number = objects.snowflake(now, next(self._numbers))
        root = parent.body["conversation_id"] if parent else ""
        return Published(
            platform="x",
            account=author,
            id=number,
            link=f"{base_url(request, 'x')}/{author}/status/{number}",
            text=text,
            at=now,
            reply_to=parent.id if parent else "",
            marks=_marks(text),
            media=files,
            body=objects.post(number, author, now, text, root=root, media=files)
            | _answering(parent),
        )

    async def _upload(self, request: Request) -> Response:
        owner = await self._identity.of(request)
        return _told(self._media.at_once(owner, await _given(request)))

    async def _initialize(self, request: Request) -> Response:
        owner = await self._identity.of(request)
        return _told(self._media.begin(owner, rules.read(rules.NewUpload, await request.body())))

    async def _append(self, request: Request) -> Response:
        owner, number = await self._identity.of(request), request.path_params["id"]
        return _told(self._media.append(owner, number, await _given(request)))

    async def _finalize(self, request: Request) -> Response:
        owner = await self._identity.of(request)
        return _told(self._media.finalize(owner, request.path_params["id"]))

    async def _status(self, request: Request) -> Response:
        owner, asked = await self._identity.of(request), dict(request.query_params)
        if asked.pop("command", "STATUS") != "STATUS":
            raise rules.invalid("$.command: must be STATUS")
        return _told(self._media.status(owner, asked.get("media_id", "")))

    async def _describe(self, request: Request) -> Response:
        owner = await self._identity.of(request)
        return _told(self._media.describe(owner, rules.read(rules.Described, await request.body())))

    def _find(self, identifier: str) -> Published | None:
        return self.world.ledger.find("x", identifier)

    async def _post(self, request: Request) -> Response:
        await self._identity.of(request)
        identifier = request.path_params["id"]
        post = self._find(identifier)
        if post is None:
            # X answers 200 with errors here.
            return JSONResponse({"errors": [_missing(identifier)]})
        return JSONResponse({"data": objects.selected(dict(post.body), _fields(request))})

    async def _delete(self, request: Request) -> Response:
        author, post = await self._identity.of(request), self._find(request.path_params["id"])
        if post is not None and post.account != author:
            raise problem(403, "Forbidden", "You are not permitted to perform this action.")
        if post is not None:
            self._texts.discard((author, _plain(post.text)))
            self.world.ledger.take_down(post)
        return JSONResponse({"data": {"deleted": post is not None}})

    async def _me(self, request: Request) -> Response:
        name = await self._identity.of(request)
        whole = objects.user(name, f"{base_url(request, 'x')}/{name}")
        return JSONResponse({"data": objects.selected(whole, _fields(request, "user.fields"))})

    async def _timeline(self, request: Request) -> Response:
        await self._identity.of(request)
        wanted = request.query_params
        start, size = int(wanted.get("pagination_token", "0")), _page_size(wanted)
        one_more = list(islice(self._timeline_of(request), start, start + size + 1))
        page = one_more[:size]
        following = {"next_token": str(start + size)} if one_more[size:] else {}
        fields = _fields(request)
        data = (
            {"data": [objects.selected(dict(post.body), fields) for post in page]} if page else {}
        )
        return JSONResponse({**data, "meta": {**_meta(page), **following}})

    def _timeline_of(self, request: Request) -> Iterator[Published]:
        """The user's posts that were asked for, newest first."""
        within = _Window.of(request.query_params)
        without_replies = "replies" in request.query_params.get("exclude", "").split(",")
        author = self._authors.get(request.path_params["id"], "")
        for post in self.world.ledger.newest("x", author):
            if within.holds(post) and not (without_replies and post.reply_to):
                yield post


def _told(data: Mapping[str, Any]) -> Response:
    return JSONResponse({"data": data})


async def _given(request: Request) -> Mapping[str, Any]:
    """The members of a form or of JSON. Raises Refusal."""
    given = await parameters(request)
    if given is None:
        raise rules.invalid("the body cannot be read")
    return given


def _plain(text: str) -> str:
    """What makes two texts the same."""
    return unicodedata.normalize("NFC", text).strip()


def _answering(parent: Published | None) -> dict[str, Any]:
    if parent is None:
        return {}
    reference = [{"type": "replied_to", "id": parent.id}]
    return {"in_reply_to_user_id": user_id(parent.account), "referenced_tweets": reference}


def _marks(text: str) -> tuple[Mark, ...]:
    addresses = [(start, end, text[start:end]) for start, end in x_links(text)]
    shown = [
        Mark(start, end, "link", address if "://" in address else f"http://{address}")
        for start, end, address in addresses
    ]
    return (*shown, *(mark for mark in detected(text) if mark.kind != "link"))


def _missing(identifier: str) -> dict[str, str]:
    return {
        "value": identifier,
        "detail": f"Could not find tweet with id: [{identifier}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": identifier,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }


def _fields(request: Request, *names: str) -> list[str]:
    """Older documents say `tweet.fields`, the newer OpenAPI `post.fields`."""
    given = (
        request.query_params.get(name, "") for name in names or ("tweet.fields", "post.fields")
    )
    return ",".join(given).split(",")


def _page_size(wanted: Mapping[str, str]) -> int:
    given = wanted.get("max_results", _PAGE)
    if not given.isdecimal() or not _SHORTEST_PAGE <= int(given) <= _LONGEST_PAGE:
        raise problem(
            400,
            "Invalid Request",
            f"max_results must be between {_SHORTEST_PAGE} and {_LONGEST_PAGE}",
            "invalid-request",
        )
    return int(given)


@dataclass(frozen=True, slots=True)
class _Window:
    """Which ids (both ends left out) and times (the end left out) a timeline was asked for."""

    since: int
    until: int
    start: datetime
    end: datetime

    @classmethod
    def of(cls, wanted: Mapping[str, str]) -> _Window:
        return cls(
            int(wanted.get("since_id", 0)),
            int(wanted.get("until_id", 1 << 63)),
            _moment(wanted.get("start_time", "2010-01-01T00:00:00Z")),
            _moment(wanted.get("end_time", "9999-01-01T00:00:00Z")),
        )

    def holds(self, post: Published) -> bool:
        return self.since < int(post.id) < self.until and self.start <= post.at < self.end


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise problem(400, "Invalid Request", f"{text} is no time", "invalid-request") from None


def _meta(page: list[Published]) -> dict[str, Any]:
    if not page:
        return {"result_count": 0}
    return {"result_count": len(page), "newest_id": page[0].id, "oldest_id": page[-1].id}
