"""Mastodon's REST API for one's own statuses: https://docs.joinmastodon.org/methods/statuses/.

Tokens: `sandbox-mastodon` is @tict_demo's, `sandbox-mastodon-<name>` is @<name>'s, and that of
@readonly has no scope to write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import (
    Refusal,
    Troubles,
    answered,
    base_url,
    bearer,
    parameters,
    publishing,
)
from karnay.sandbox.marks import detected
from karnay.sandbox.mastodon import objects
from karnay.sandbox.mastodon.media import Media
from karnay.sandbox.mastodon.rules import language, refusals
from karnay.sandbox.quota import Limit, Quota, Quotas
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.world import World

TOKEN = "sandbox-mastodon"
MAIN_ACCOUNT = "tict_demo"
READ_ONLY = "readonly"
KEYS_LIVE = timedelta(hours=1)
PER_TOKEN = Limit("token", 300, timedelta(minutes=5))
STATUSES = Limit("statuses", 300, timedelta(hours=3))

_TOKEN_FORM = re.compile(rf"{TOKEN}(?:-(\w+))?", re.ASCII)
_PAGE, _LONGEST_PAGE = 20, 40

Parameters = dict[str, Any]


def _no(status: int, reason: str) -> Refusal:
    return Refusal(status, {"error": reason})


def _not_found() -> Refusal:
    return _no(404, "Record not found")


def _headers(quota: Quota) -> dict[str, str]:
    """The moment is ISO 8601 with microseconds (rack_attack.rb)."""
    return {
        "X-RateLimit-Limit": str(quota.limit),
        "X-RateLimit-Remaining": str(quota.remaining),
        "X-RateLimit-Reset": objects.moment(quota.reset, "microseconds"),
    }


@dataclass(frozen=True, slots=True)
class _Used:
    """What an Idempotency-Key has made, and until when the server remembers it."""

    status: str
    until: datetime


class MastodonApi:
    """What a scheduler needs of a Mastodon server, strict to its documentation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._quotas = Quotas(world.clock, _headers)
        self._keys: dict[tuple[str, str], _Used] = {}
        self._numbers = count(1)
        self._media = Media(world)
        self._authors: dict[str, str] = {}  # names by account id

    def routes(self) -> list[Route]:
        """All below `/mastodon`, which stands for the server's own address."""
        troubles = Troubles(
            refuse=lambda: _no(422, "Validation failed: Text character limit of 500 exceeded"),
            rate_limit=self._too_many,
            broken=lambda: _no(500, "We're sorry, but something went wrong on our end."),
        )
        publish = self._quotas.told(STATUSES, answered(self._publish))
        publish = publishing(self.world, "mastodon", troubles)(publish)
        api = "/mastodon/api"
        return [
            Route(f"{api}/v1/statuses", publish, methods=["POST"]),
            self._route(f"{api}/v1/statuses/{{id}}", self._status),
            self._route(f"{api}/v1/statuses/{{id}}", self._delete, "DELETE"),
            self._route(f"{api}/v1/statuses/{{id}}", self._edit, "PUT"),
            self._route(f"{api}/v2/media", self._upload, "POST"),
            self._route(f"{api}/v1/media/{{id}}", self._file),
            self._route(f"{api}/v1/statuses/{{id}}/source", self._source),
            self._route(f"{api}/v1/accounts/verify_credentials", self._verify),
            self._route(f"{api}/v1/accounts/{{id}}/statuses", self._statuses),
            self._route(f"{api}/v1/instance", self._instance_v1),
            self._route(f"{api}/v2/instance", self._instance_v2),
        ]

    def _route(self, path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, self._quotas.told(PER_TOKEN, answered(endpoint)), methods=[method])

    def _too_many(self, seconds: int) -> Refusal:
        reset = self.world.clock.now() + timedelta(seconds=seconds)
        return Refusal(429, {"error": "Too many requests"}, _headers(Quota(300, 0, reset)))

    async def _publish(self, request: Request) -> Response:
        author = _writer(request)
        given = await parameters(request)
        if given is None:
            raise _no(400, "There was a problem in the JSON you submitted")
        known = self._made_by(author, request.headers.get("idempotency-key", ""))
        return JSONResponse(known or self._new(request, author, given))

    def _made_by(self, author: str, key: str) -> Any:
        used = self._keys.get((author, key))
        if used is None or used.until <= self.world.clock.now():
            return None
        post = self.world.ledger.get("mastodon", author, used.status)
        return post.body if post else None

    def _new(self, request: Request, author: str, given: Parameters) -> Any:
        parent = self._parent(given.get("in_reply_to_id"))
        media = self._media.to_attach(author, _media_of(given))
        _check(given)
        post = replace(self._post(request, author, given, parent), media=media)
        attached = [self._media.told(base_url(request, "mastodon"), upload) for upload in media]
        post = replace(post, body={**post.body, "media_attachments": attached})
        self._media.attach(media, post.id)
        self.world.ledger.put(post)
        self._authors[objects.account_id(author)] = author
        key = request.headers.get("idempotency-key", "")
        if key:
            self._keys[author, key] = _Used(post.id, post.at + KEYS_LIVE)
        return post.body

    def _parent(self, identifier: Any) -> Published | None:
        if identifier in (None, ""):
            return None
        try:
            return self._found(str(identifier))
        except Refusal:
            raise _no(
                404, "The post you are trying to reply to does not appear to exist."
            ) from None

    def _post(
        self, request: Request, author: str, given: Parameters, parent: Published | None
    ) -> Published:
        now = self.world.clock.now()
        number = objects.snowflake(now, next(self._numbers))
        server, text = base_url(request, "mastodon"), str(given.get("status") or "")
        body = objects.status(server, author, number, now, given) | {
            "language": language(given.get("language")),
            "in_reply_to_id": parent.id if parent else None,
            "in_reply_to_account_id": objects.account_id(parent.account) if parent else None,
        }
        return Published(
            platform="mastodon",
            account=author,
            id=number,
            link=body["url"],
            text=text,
            at=now,
            reply_to=parent.id if parent else "",
            language=body["language"] or "",
            marks=detected(text),
            body=body,
        )

    def _found(self, identifier: str) -> Published:
        found = self.world.ledger.find("mastodon", identifier)
        if found is None:
            raise _not_found()
        return found

    def _seen(self, request: Request) -> Published:
        post = self._found(request.path_params["id"])
        if not _visible(post, _reader(request)):
            raise _not_found()
        return post

    async def _status(self, request: Request) -> Response:
        return JSONResponse(self._seen(request).body)

    async def _source(self, request: Request) -> Response:
        _account(request)
        post = self._seen(request)
        warning = post.body["spoiler_text"]
        return JSONResponse({"id": post.id, "text": post.text, "spoiler_text": warning})

    async def _edit(self, request: Request) -> Response:
        """Text, warning, language; the files stay as long as they are named."""
        author, post = _writer(request), self._found(request.path_params["id"])
        given = await parameters(request)
        if post.account != author:
            raise _not_found()
        if given is None:
            raise _no(400, "There was a problem in the JSON you submitted")
        files = {"media_ids": [upload.id for upload in post.media]}
        if given.get("media_ids", files["media_ids"]) != files["media_ids"]:
            raise _no(501, "karnay's sandbox changes no files of a status")
        _check({**given, **files})
        now, text = self.world.clock.now(), str(given.get("status") or "")
        changed = {
            "content": objects.content(base_url(request, "mastodon"), text),
            "spoiler_text": str(given.get("spoiler_text") or ""),
            "edited_at": objects.moment(now),
        }
        body = {**post.body, **changed}
        self.world.ledger.put(replace(post, text=text, marks=detected(text), body=body))
        return JSONResponse(body)

    async def _upload(self, request: Request) -> Response:
        """https://docs.joinmastodon.org/methods/media/#v2"""
        author, given = _writer(request), await parameters(request)
        if given is None:
            raise _no(400, "Bad Request")
        upload = self._media.upload(author, given)
        told = self._media.told(base_url(request, "mastodon"), upload)
        return JSONResponse(told, 200 if told["url"] else 202)

    async def _file(self, request: Request) -> Response:
        """https://docs.joinmastodon.org/methods/media/#get"""
        upload = self._media.found(_writer(request), request.path_params["id"])
        told = self._media.told(base_url(request, "mastodon"), upload)
        return JSONResponse(told, 200 if told["url"] else 206)

    async def _delete(self, request: Request) -> Response:
        author, post = _writer(request), self._found(request.path_params["id"])
        if post.account != author:
            raise _not_found()
        self.world.ledger.take_down(post)
        return JSONResponse({**post.body, "text": post.text})

    async def _verify(self, request: Request) -> Response:
        author, server = _account(request), base_url(request, "mastodon")
        posts = self.world.ledger.count("mastodon", author)
        return JSONResponse(objects.credentials(server, author, posts))

    async def _statuses(self, request: Request) -> Response:
        reader, wanted = _reader(request), request.query_params
        author = self._authors.get(request.path_params["id"], "")
        without_replies = wanted.get("exclude_replies") in _TRUE
        posts = (
            post
            for post in self.world.ledger.newest("mastodon", author)
            if _visible(post, reader) and not (without_replies and post.reply_to)
        )
        return JSONResponse([post.body for post in _page(posts, wanted)])

    async def _instance_v1(self, request: Request) -> Response:
        return JSONResponse(objects.instance_v1(base_url(request, "mastodon")))

    async def _instance_v2(self, request: Request) -> Response:
        return JSONResponse(objects.instance_v2(base_url(request, "mastodon")))


def _media_of(given: Parameters) -> list[str]:
    media = given.get("media_ids") or given.get("media_ids[]") or []
    return [str(one) for one in media] if isinstance(media, list) else [str(media)]


_TRUE = ("true", "1", "on")


def _check(given: Parameters) -> None:
    if given.get("scheduled_at"):
        raise _no(501, "karnay's sandbox keeps no scheduled statuses")
    reasons = refusals(given)
    if reasons:
        raise _no(422, f"Validation failed: {', '.join(reasons)}")


def _page(newest_first: Iterable[Published], wanted: Any) -> list[Published]:
    """The page that was asked for, newest first; `min_id` pages upwards from its neighbour."""
    size = min(_number(wanted.get("limit"), _PAGE), _LONGEST_PAGE)
    after = max(_number(wanted.get(name), 0) for name in ("min_id", "since_id"))
    before = _number(wanted.get("max_id"), 1 << 64)
    fitting = (post for post in newest_first if after < int(post.id) < before)
    return list(fitting)[-size:] if "min_id" in wanted else list(islice(fitting, size))


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdecimal() else otherwise


def _reader(request: Request) -> str:
    return _account(request) if "authorization" in request.headers else ""


def _account(request: Request) -> str:
    found = _TOKEN_FORM.fullmatch(bearer(request))
    if not found:
        raise _no(401, "The access token is invalid")
    return found[1] or MAIN_ACCOUNT


def _writer(request: Request) -> str:
    account = _account(request)
    if account == READ_ONLY:
        raise _no(403, "This action is outside the authorized scopes")
    return account


def _visible(post: Published, reader: str) -> bool:
    return post.account == reader or post.body["visibility"] in ("public", "unlisted")
