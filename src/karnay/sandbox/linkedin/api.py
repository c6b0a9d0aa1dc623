"""LinkedIn's Posts API, and what it needs of the others:
https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import Refusal, Troubles, answered, base_url, publishing
from karnay.sandbox.linkedin import littletext
from karnay.sandbox.linkedin.asking import (
    body_of,
    caller,
    member,
    milliseconds,
    no,
    reader,
    urn_in,
)
from karnay.sandbox.linkedin.media import Shelf
from karnay.sandbox.linkedin.rules import (
    LONGEST,
    LONGEST_COMMENT,
    check,
    check_text,
    files_of,
    invalid,
)
from karnay.sandbox.linkedin.uploading import Uploading
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

REMEMBERS = timedelta(minutes=10)
"""How long the same words of an author are called a duplicate."""

MOST_LISTED = 100


class LinkedInApi:
    """What a scheduler needs of LinkedIn, strict to its documents."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shelf = Shelf(world)
        self._numbers = count(1)

    def routes(self) -> list[Route]:
        """All below `/linkedin`, which stands for api.linkedin.com and www.linkedin.com."""
        troubles = Troubles(
            refuse=lambda: invalid("Field Value validation failed", "FIELD_LENGTH_TOO_LONG"),
            rate_limit=_too_many,
            broken=lambda: no(500, "Internal Server Error", serviceErrorCode=0),
        )
        rest = "/linkedin/rest"

        def meeting_faults(endpoint: Endpoint) -> Endpoint:
            return publishing(self.world, "linkedin", troubles)(answered(endpoint))

        routes: list[tuple[str, str, Endpoint]] = [
            ("GET", f"{rest}/posts", answered(self._list)),
            ("POST", f"{rest}/posts", meeting_faults(self._create)),
            ("GET", f"{rest}/posts/{{urn}}", answered(self._get)),
            ("POST", f"{rest}/posts/{{urn}}", answered(self._update)),
            ("DELETE", f"{rest}/posts/{{urn}}", answered(self._delete)),
            ("GET", f"{rest}/socialActions/{{urn}}/comments", answered(self._comments)),
            ("POST", f"{rest}/socialActions/{{urn}}/comments", meeting_faults(self._comment)),
            ("GET", f"{rest}/organizationAcls", answered(self._roles)),
            ("GET", f"{rest}/organizations/{{number:int}}", answered(self._organization)),
            ("GET", f"{rest}/organizationalEntityShareStatistics", answered(self._statistics)),
            ("GET", "/linkedin/v2/userinfo", answered(self._userinfo)),
        ]
        ours = [Route(path, endpoint, methods=[method]) for method, path, endpoint in routes]
        return [*ours, *Uploading(self.shelf).routes()]

    async def _create(self, request: Request) -> Response:
        who, given = caller(request), await body_of(request)
        check(given)
        if not who.may_be(given["author"]):
            raise no(403, "Not enough permissions to access: posts.CREATE", "ACCESS_DENIED")
        files = files_of(given, self.shelf)
        self._refuse_duplicate(given)
        post = self._new(request, given, files)
        self.world.ledger.put(post)
        return Response(status_code=201, headers={"x-restli-id": post.id})

    def _refuse_duplicate(self, given: Mapping[str, Any]) -> None:
        words = littletext.kept(given["commentary"])
        for post in self.world.ledger.newest("linkedin", _account(given["author"])):
            if post.at + REMEMBERS <= self.world.clock.now():
                return
            if not post.reply_to and post.body["commentary"] == words:
                raise _duplicate(post.id)

    def _new(
        self, request: Request, given: Mapping[str, Any], files: tuple[Upload, ...]
    ) -> Published:
        now, content = self.world.clock.now(), given.get("content") or {}
        film = any(upload.look.kind == "video" for upload in files)
        urn = f"urn:li:{'ugcPost' if film else 'share'}:{self._number(now)}"
        text, marks = littletext.read(given["commentary"])
        card = content.get("article")
        made = milliseconds(now)
        return Published(
            platform="linkedin",
            account=_account(given["author"]),
            id=urn,
            link=_link(request, urn),
            text=text,
            at=now,
            marks=marks,
            card=_card(card, files) if card else None,
            media=() if card else files,
            body={
                **given,
                "id": urn,
                "commentary": littletext.kept(given["commentary"]),
                "createdAt": made,
                "publishedAt": made,
                "lastModifiedAt": made,
                "lifecycleStateInfo": {"isEditedByAuthor": False},
            },
        )

    def _number(self, now: datetime) -> int:
        """Nineteen digits, of which the first are the moment."""
        return (milliseconds(now) << 22) + next(self._numbers)

    async def _list(self, request: Request) -> Response:
        who, asked = reader(request), request.query_params
        if request.headers.get("x-restli-method") != "FINDER" or asked.get("q") != "author":
            raise no(400, "The finder must be named: q=author, with X-RestLi-Method: FINDER")
        if not who.may_be(asked.get("author")):
            raise no(403, "Not enough permissions to access: posts.FINDER-author", "ACCESS_DENIED")
        shelf = self.world.ledger.all("linkedin", _account(str(asked["author"])))
        posts = [post.body for post in shelf if not post.reply_to]
        posts.sort(key=lambda post: post["lastModifiedAt"], reverse=True)
        return JSONResponse({"elements": _page(posts, asked)})

    async def _get(self, request: Request) -> Response:
        reader(request)
        return JSONResponse(self._found(request).body)

    async def _update(self, request: Request) -> Response:
        who, patch = caller(request), (await body_of(request)).get("patch")
        if request.headers.get("x-restli-method") != "PARTIAL_UPDATE":
            raise no(400, "X-RestLi-Method must be PARTIAL_UPDATE")
        changes = patch.get("$set") if isinstance(patch, dict) else None
        if not isinstance(changes, dict) or set(changes) != {"commentary"}:
            raise invalid("Only commentary can be changed")
        check_text(changes["commentary"], LONGEST, "commentary")
        post = self._found(request)
        if not who.may_be(post.body["author"]):
            raise no(403, "Not enough permissions to access: posts.PARTIAL_UPDATE", "ACCESS_DENIED")
        self.world.ledger.put(self._edited(post, changes["commentary"]))
        return Response(status_code=204)

    def _edited(self, post: Published, commentary: str) -> Published:
        text, marks = littletext.read(commentary)
        body = {
            **post.body,
            "commentary": littletext.kept(commentary),
            "lastModifiedAt": milliseconds(self.world.clock.now()),
            "lifecycleStateInfo": {"isEditedByAuthor": True},
        }
        return replace(post, text=text, marks=marks, body=body)

    async def _delete(self, request: Request) -> Response:
        """Deleting what is deleted is no mistake."""
        who, post = caller(request), self.world.ledger.find("linkedin", urn_in(request))
        if post is not None:
            if not who.may_be(post.body.get("author")):
                raise no(403, "Not enough permissions to access: posts.DELETE", "ACCESS_DENIED")
            for one in (*self._comments_on(post), post):
                self.world.ledger.take_down(one)
        return Response(status_code=204)

    def _found(self, request: Request) -> Published:
        found = self.world.ledger.find("linkedin", urn_in(request))
        if found is None or found.reply_to:
            raise no(404, "Entity not found", "NOT_FOUND")
        return found

    def _comments_on(self, post: Published) -> list[Published]:
        return [one for one in self.world.ledger.thread(post) if one.reply_to == post.id]

    async def _comment(self, request: Request) -> Response:
        who, given = caller(request), await body_of(request)
        if not who.reads or not who.may_be(given.get("actor")):
            raise no(403, "Not enough permissions to access: comments.CREATE", "ACCESS_DENIED")
        post, message = self._found(request), given.get("message")
        if given.get("object") != post.id or not isinstance(message, dict):
            raise invalid("ERROR :: /object :: must be what is commented on")
        check_text(message.get("text"), LONGEST_COMMENT, "message/text")
        comment = self._commented(request, post, given)
        self.world.ledger.put(comment)
        return JSONResponse(comment.body, 201, headers={"x-restli-id": comment.id})

    def _commented(self, request: Request, post: Published, given: Mapping[str, Any]) -> Published:
        now = self.world.clock.now()
        number = str(self._number(now))
        urn = f"urn:li:comment:({post.id},{number})"
        return Published(
            platform="linkedin",
            account=_account(given["actor"]),
            id=number,
            link=_link(request, post.id),
            text=given["message"]["text"],
            at=now,
            reply_to=post.id,
            body={
                **given,
                "id": number,
                "commentUrn": urn,
                "created": {"time": milliseconds(now)},
            },
        )

    async def _comments(self, request: Request) -> Response:
        reader(request)
        found = [one.body for one in self._comments_on(self._found(request))]
        return JSONResponse({"elements": _page(found[::-1], request.query_params)})

    async def _roles(self, request: Request) -> Response:
        who = reader(request)
        if request.query_params.get("q") != "roleAssignee":
            raise no(400, "The finder must be named: q=roleAssignee")
        role = {"role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": who.urn}
        return JSONResponse({"elements": [{**role, "organization": who.organization}]})

    async def _organization(self, request: Request) -> Response:
        reader(request)
        number = request.path_params["number"]
        name = {"localizedName": f"Organization {number}", "vanityName": f"organization-{number}"}
        return JSONResponse({"id": number, **name})

    async def _statistics(self, request: Request) -> Response:
        """Nobody reads the sandbox but for its pages, so that only comments are counted."""
        who, asked = reader(request), request.query_params
        if not who.may_be(asked.get("organizationalEntity")):
            raise no(403, "Not enough permissions to access: statistics", "ACCESS_DENIED")
        listed = asked.get("shares") or asked.get("ugcPosts") or ""
        urns = listed.removeprefix("List(").removesuffix(")").split(",")
        posts = (self.world.ledger.find("linkedin", urn) for urn in urns)
        figures = [(post.id, len(self._comments_on(post))) for post in posts if post]
        return JSONResponse({"elements": [_counted(urn, number) for urn, number in figures]})

    async def _userinfo(self, request: Request) -> Response:
        who = member(request)
        return JSONResponse({"sub": who.urn.rpartition(":")[2], "name": "A Member", "locale": "en"})


def _too_many(seconds: int) -> Refusal:
    """LinkedIn documents no header that says when; the sandbox is kinder."""
    said = no(429, "Too many requests", "TOO_MANY_REQUESTS")
    return Refusal(said.status, said.body, {"Retry-After": str(seconds)})


def _duplicate(urn: str) -> Refusal:
    fault = {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
    body = {
        "message": f"Content is a duplicate of {urn}",
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "errorDetails": {"inputErrors": [fault]},
        "status": 422,
    }
    return Refusal(422, body)


def _account(author: str) -> str:
    """The last piece of the author's URN."""
    return author.rpartition(":")[2]


def _link(request: Request, urn: str) -> str:
    return f"{base_url(request, 'linkedin')}/feed/update/{urn}/"


def _card(article: Mapping[str, Any], files: Sequence[Upload]) -> Mapping[str, str]:
    words = {"title": article["title"], "description": article.get("description", "")}
    thumbnail = {"thumbnail": files[0].id} if files else {}
    return {**words, "uri": article["source"], **thumbnail}


def _page(listed: Sequence[Any], asked: Mapping[str, str]) -> Sequence[Any]:
    start, size = (int(asked.get(name) or least) for name, least in (("start", 0), ("count", 10)))
    if not 0 < size <= MOST_LISTED or start < 0:
        raise no(400, f"count must be between 1 and {MOST_LISTED}")
    return listed[start : start + size]


def _counted(urn: str, comments: int) -> Any:
    zero = dict.fromkeys(
        ("impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "shareCount"), 0
    )
    kind = "ugcPost" if ":ugcPost:" in urn else "share"
    return {kind: urn, "totalShareStatistics": {**zero, "commentCount": comments, "engagement": 0}}
