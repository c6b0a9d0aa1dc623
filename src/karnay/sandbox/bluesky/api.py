"""A Bluesky PDS, as far as a scheduler needs it: https://docs.bsky.app/docs/api/.

Every handle below `.test` has an account here with the same app password.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.bluesky.cid import cid_of_record
from karnay.sandbox.bluesky.repo import Address, Record, Repositories, moment
from karnay.sandbox.bluesky.tokens import ACCESS, REFRESH, Tokens, refused, service
from karnay.sandbox.bluesky.video import Videos
from karnay.sandbox.http import (
    Refusal,
    Troubles,
    answered,
    base_url,
    bearer,
    json_object,
    publishing,
)
from karnay.sandbox.quota import Limit, Quota, Quotas

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.world import Published, World

PASSWORD = "sand-boxx-blue-skyy"
BLOB_BYTES = 5 * 1024 * 1024
LOG_INS = Limit("createSession", 30, timedelta(minutes=5))
WRITES = Limit("repo-write-hour", 1666, timedelta(hours=1))  # 5,000 points; a create costs 3

_XRPC = "/bluesky/xrpc/"
_PAGE, _LONGEST_PAGE = 50, 100
_MOST_URIS = 25


def _headers(quota: Quota) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(quota.limit),
        "RateLimit-Remaining": str(quota.remaining),
        "RateLimit-Reset": str(int(quota.reset.timestamp())),
    }


class BlueskyApi:
    """The XRPC methods, each under its NSID."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.repos = Repositories(world)
        self._tokens = Tokens(world.clock)
        self._videos = Videos(self.repos.blobs)
        self._quotas = Quotas(world.clock, _headers)

    def routes(self) -> list[Route]:
        """All below `/bluesky/xrpc/`."""
        troubles = Troubles(
            refuse=lambda: _invalid(
                "Invalid app.bsky.feed.post record: "
                "grapheme too big (maximum 300, got 313) at $.record.text"
            ),
            rate_limit=self._too_many,
            broken=lambda: refused("InternalServerError", "Internal Server Error", 500),
        )
        fails = publishing(self.world, "bluesky", troubles)
        log_in = self._quotas.told(LOG_INS, answered(self._create_session))
        put = fails(self._quotas.told(WRITES, answered(self._put_record)))
        create = fails(self._quotas.told(WRITES, answered(self._create_record)))
        return [
            _procedure("com.atproto.server.createSession", log_in),
            _procedure("com.atproto.server.refreshSession", answered(self._refresh_session)),
            _query("com.atproto.server.getSession", self._get_session),
            _query("com.atproto.server.describeServer", self._describe_server),
            _query("com.atproto.identity.resolveHandle", self._resolve_handle),
            _procedure("com.atproto.repo.putRecord", put),
            _procedure("com.atproto.repo.createRecord", create),
            _procedure("com.atproto.repo.deleteRecord", answered(self._delete_record)),
            _procedure("com.atproto.repo.uploadBlob", answered(self._upload_blob)),
            _query("com.atproto.server.getServiceAuth", self._get_service_auth),
            _procedure("app.bsky.video.uploadVideo", answered(self._upload_video)),
            _query("app.bsky.video.getJobStatus", self._get_job_status),
            _query("app.bsky.feed.getPosts", self._get_posts),
            _query("com.atproto.repo.getRecord", self._get_record),
            _query("com.atproto.repo.listRecords", self._list_records),
            Route(_XRPC + "{nsid}", answered(_unknown), methods=["GET", "POST"]),
        ]

    def _too_many(self, seconds: int) -> Refusal:
        reset = self.world.clock.now() + timedelta(seconds=seconds)
        headers = {**_headers(Quota(1666, 0, reset)), "Retry-After": str(seconds)}
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        return Refusal(429, body, headers)

    async def _create_session(self, request: Request) -> Response:
        given = await _input(request, "identifier", "password")
        repo = self.repos.known(str(given["identifier"]))
        if repo is None or given["password"] != PASSWORD:
            raise refused("AuthenticationRequired", "Invalid identifier or password", 401)
        return JSONResponse(self._session(request, repo))

    async def _refresh_session(self, request: Request) -> Response:
        repo = self._tokens.checked(bearer(request), REFRESH)
        return JSONResponse(self._session(request, repo))

    async def _get_session(self, request: Request) -> Response:
        return JSONResponse(self._account(request, self._author(request)))

    def _session(self, request: Request, repo: str) -> Record:
        tokens = {"accessJwt": ACCESS, "refreshJwt": REFRESH}
        made = {name: self._tokens.made(repo, kind) for name, kind in tokens.items()}
        return {**made, **self._account(request, repo)}

    def _account(self, request: Request, repo: str) -> Record:
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": base_url(request, "bluesky"),
        }
        handle = self.repos.handle(repo)
        document = {"id": repo, "alsoKnownAs": [f"at://{handle}"], "service": [service]}
        return {"handle": handle, "did": repo, "didDoc": document, "active": True}

    async def _describe_server(self, _request: Request) -> Response:
        domains = {"availableUserDomains": [".test"], "inviteCodeRequired": True}
        return JSONResponse({"did": "did:web:localhost", **domains, "links": {}, "contact": {}})

    async def _resolve_handle(self, request: Request) -> Response:
        repo = self.repos.known(request.query_params.get("handle", ""))
        if repo is None:
            raise _invalid("Unable to resolve handle")
        return JSONResponse({"did": repo})

    async def _put_record(self, request: Request) -> Response:
        author = self._author(request)
        given = await _input(request, "repo", "collection", "rkey", "record")
        at = self._own(author, given)
        _check_swap(given, self.repos.get(at))
        return self._write(request, at, given["record"])

    async def _create_record(self, request: Request) -> Response:
        author = self._author(request)
        given = await _input(request, "repo", "collection", "record")
        at = self._own(author, {"rkey": self.repos.new_key(), **given})
        if self.repos.get(at) is not None:
            # The server's tree throws a plain error: atproto#3718, #4725.
            raise refused("InternalServerError", "Internal Server Error", 500)
        return self._write(request, at, given["record"])

    def _write(self, request: Request, at: Address, record: Record) -> Response:
        old = self.repos.get(at)
        new = self.repos.put(at, record, base_url(request, "bluesky"))
        known = {"uri": new.id, "cid": new.body["cid"], "validationStatus": "valid"}
        if old is not None and old.body["cid"] == new.body["cid"]:
            return JSONResponse(known)  # nothing changed, so there is no commit
        commit = {"cid": cid_of_record(known), "rev": self.repos.new_key()}
        return JSONResponse({**known, "commit": commit})

    async def _delete_record(self, request: Request) -> Response:
        author = self._author(request)
        at = self._own(author, await _input(request, "repo", "collection", "rkey"))
        self.repos.take_down(at)
        return JSONResponse({})

    async def _upload_blob(self, request: Request) -> Response:
        """https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob"""
        author, content = self._author(request), await request.body()
        if len(content) > BLOB_BYTES:
            raise refused("PayloadTooLarge", "request entity too large", 413)
        return JSONResponse({"blob": self.repos.blobs.keep(author, content, _encoding(request))})

    async def _get_service_auth(self, request: Request) -> Response:
        """https://docs.bsky.app/docs/api/com-atproto-server-get-service-auth"""
        author = self._author(request)
        audience, method = _asked(request, "aud", "lxm")
        if not audience.startswith("did:"):
            raise _invalid("Error: aud must be a valid did")
        return JSONResponse({"token": self._tokens.made(author, service(method))})

    async def _upload_video(self, request: Request) -> Response:
        """https://docs.bsky.app/docs/tutorials/video"""
        author = self._tokens.checked(bearer(request), service("com.atproto.repo.uploadBlob"))
        owner, _name = _asked(request, "did", "name")
        if owner != author:
            raise refused("AuthenticationRequired", "did does not match the token", 401)
        status, job = self._videos.take(author, await request.body(), _encoding(request))
        return JSONResponse(job, status)

    async def _get_job_status(self, request: Request) -> Response:
        return JSONResponse({"jobStatus": self._videos.status(*_asked(request, "jobId"))})

    async def _get_posts(self, request: Request) -> Response:
        """https://docs.bsky.app/docs/api/app-bsky-feed-get-posts"""
        uris = request.query_params.getlist("uris")
        if not 1 <= len(uris) <= _MOST_URIS:
            raise _invalid(f"uris must have 1 to {_MOST_URIS} elements")
        found = (self.world.ledger.find("bluesky", uri) for uri in uris)
        return JSONResponse({"posts": [self._seen(post) for post in found if post]})

    def _seen(self, post: Published) -> Record:
        """As readers are shown it; here, nobody reads."""
        counts = ("replyCount", "repostCount", "likeCount", "quoteCount", "bookmarkCount")
        repo = self.repos.known(post.account)
        return {
            "uri": post.id,
            "cid": post.body["cid"],
            "author": {"did": repo, "handle": post.account},
            "record": post.body["value"],
            "indexedAt": moment(post.at),
            **dict.fromkeys(counts, 0),
        }

    async def _get_record(self, request: Request) -> Response:
        at = Address(*(self._repo(request), *_asked(request, "collection", "rkey")))
        post = self.repos.get(at)
        if post is None:
            raise refused("RecordNotFound", f"Could not locate record: {at.uri}")
        return JSONResponse(post.body)

    async def _list_records(self, request: Request) -> Response:
        repo, (collection,) = self._repo(request), _asked(request, "collection")
        size = _page_size(request.query_params.get("limit", str(_PAGE)))
        posts = self._collection(repo, collection)
        page = _after(sorted(posts), request)[:size]
        following = {"cursor": page[-1]} if len(page) == size else {}
        return JSONResponse({"records": [posts[key].body for key in page], **following})

    def _collection(self, repo: str, collection: str) -> dict[str, Published]:
        prefix = Address(repo, collection, "").uri
        posts = self.world.ledger.all("bluesky", self.repos.handle(repo))
        return {post.id.removeprefix(prefix): post for post in posts if post.id.startswith(prefix)}

    def _author(self, request: Request) -> str:
        return self._tokens.checked(bearer(request), ACCESS)

    def _own(self, author: str, given: Record) -> Address:
        if self._named(given["repo"]) != author:
            raise refused("AuthenticationRequired", "Authentication Required", 401)
        return Address(author, str(given["collection"]), str(given["rkey"]))

    def _repo(self, request: Request) -> str:
        return self._named(*_asked(request, "repo"))

    def _named(self, name: Any) -> str:
        repo = self.repos.known(str(name))
        if repo is None:
            raise _invalid(f"Could not find repo: {name}")
        return repo


def _query(nsid: str, endpoint: Endpoint) -> Route:
    return Route(_XRPC + nsid, answered(endpoint), methods=["GET"])


def _procedure(nsid: str, endpoint: Endpoint) -> Route:
    return Route(_XRPC + nsid, endpoint, methods=["POST"])


def _encoding(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if not kind:
        raise _invalid("Request encoding (Content-Type) required but not provided")
    return kind


def _invalid(message: str) -> Refusal:
    return refused("InvalidRequest", message)


async def _unknown(_request: Request) -> Response:
    raise refused("MethodNotImplemented", "Method Not Implemented", 501)


async def _input(request: Request, *needed: str) -> Record:
    given = await json_object(request)
    if given is None or "json" not in request.headers.get("content-type", ""):
        raise _invalid("Expected an application/json object as input")
    for name in needed:
        if name not in given:
            raise _invalid(f'Input must have the property "{name}"')
    if not isinstance(given.get("record", {}), dict):
        raise _invalid("Input/record must be an object")
    return given


def _asked(request: Request, *needed: str) -> list[str]:
    for name in needed:
        if not request.query_params.get(name):
            raise _invalid(f'Params must have the property "{name}"')
    return [request.query_params[name] for name in needed]


def _page_size(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= _LONGEST_PAGE:
        raise _invalid(f"limit must be between 1 and {_LONGEST_PAGE}")
    return int(given)


def _after(keys: list[str], request: Request) -> list[str]:
    """The keys behind the cursor: newest first, or oldest first when reversed."""
    cursor = request.query_params.get("cursor", "")
    if request.query_params.get("reverse") == "true":
        return [key for key in keys if key > cursor]
    return [key for key in reversed(keys) if not cursor or key < cursor]


def _check_swap(given: Record, old: Published | None) -> None:
    """`swapRecord` is the cid that must be there now; null means that nothing may be."""
    if "swapRecord" in given and given["swapRecord"] != (old.body["cid"] if old else None):
        raise refused("InvalidSwap", f"Record was at {old.body['cid'] if old else 'null'}")
