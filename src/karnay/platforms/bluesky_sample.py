"""What the conformance kit needs to exercise Bluesky without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.errors import PublishingError


def _no(status: int, name: str, said: str, error: type[PublishingError], **headers: str) -> Refusal:
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Refusal(status, {"error": name, "message": said}, error, named)


def _session(ending: str) -> Mapping[str, Any]:
    claims = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOnRpY3QifQ"
    return {
        "did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        "handle": "tict.bsky.social",
        "accessJwt": f"{claims}.access{ending}",
        "refreshJwt": f"{claims}.refresh{ending}",
        "active": True,
    }


def _blob(number: int) -> Mapping[str, Any]:
    cid = f"bafkreibabalobzn6cd366ukcsjycp4yymjymgfxcv6xczmlgpemzkz3cf{number}"
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": "image/jpeg", "size": 81234}


def _job(state: str, **more: Any) -> Mapping[str, Any]:
    job = {"jobId": "cs2l1c7c5v1c73fojm2g", "did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz"}
    return {"jobStatus": {**job, "state": state, **more}}


_POST = {
    "$type": "app.bsky.feed.post",
    "text": "Open day",
    "createdAt": "2026-11-23T20:00:00.000Z",
}
_XRPC, _VIDEO = "/xrpc/com.atproto.", "/xrpc/app.bsky.video."
_URI_OF_SAMPLE = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3n2yzv22kzy2l"
_STORED = {
    "uri": _URI_OF_SAMPLE,
    "cid": "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
    "validationStatus": "valid",
}

_VIEW = {"uri": _URI_OF_SAMPLE, "likeCount": 12, "repostCount": 3, "replyCount": 1, "quoteCount": 0}

SAMPLE = Sample(
    account={
        "platform": "bluesky",
        "handle": "tict.bsky.social",
        "password": "env:BLUESKY_PASSWORD",
    },
    secrets={"BLUESKY_PASSWORD": "k7xq-m2vd-w9ta-p4ze"},
    network=(
        Exchange("POST", f"{_XRPC}server.createSession", 200, _session("One")),
        Exchange("POST", f"{_XRPC}server.refreshSession", 200, _session("Two")),
        Exchange("GET", f"{_XRPC}server.getSession", 200, _session("")),
        Exchange("GET", f"{_XRPC}identity.resolveHandle", 200, {"did": "did:plc:abcdefghijklmnop"}),
        Exchange("POST", f"{_XRPC}repo.putRecord", 200, _STORED),
        *(Exchange("POST", f"{_XRPC}repo.uploadBlob", 200, {"blob": _blob(n)}) for n in range(9)),
        Exchange("GET", f"{_XRPC}server.getServiceAuth", 200, {"token": "eyJ0.for-videos.only"}),
        Exchange("POST", f"{_VIDEO}uploadVideo", 200, _job("JOB_STATE_CREATED")["jobStatus"]),
        Exchange("GET", f"{_VIDEO}getJobStatus", 200, _job("JOB_STATE_COMPLETED", blob=_blob(9))),
        Exchange("POST", f"{_XRPC}repo.deleteRecord", 200, {}),
        Exchange("GET", "/xrpc/app.bsky.feed.getPosts", 200, {"posts": [_VIEW]}),
        Exchange(
            "GET",
            f"{_XRPC}repo.getRecord",
            200,
            {**_STORED, "value": _POST},
        ),
    ),
    refusals=(
        _no(400, "ExpiredToken", "Token has expired", AccountError),
        _no(400, "InvalidToken", "Token could not be verified", AccountError),
        _no(401, "AuthenticationRequired", "Invalid identifier or password", AccountError),
        _no(401, "AccountTakedown", "Account has been taken down", AccountError),
        _no(401, "AccountDeactivated", "Account is deactivated", AccountError),
        _no(403, "AccountNotFound", "Account not found", AccountError),
        _no(
            400,
            "InvalidRequest",
            "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 313)"
            " at $.record.text",
            Rejected,
        ),
        _no(400, "InvalidSwap", "Record was at another version", Rejected),
        _no(400, "BlobNotFound", "Could not find blob", Rejected),
        _no(413, "PayloadTooLarge", "request entity too large", Rejected),
        _no(429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimited, retry_after="120"),
        _no(
            429,
            "RateLimitExceeded",
            "Rate Limit Exceeded",
            RateLimited,
            ratelimit_reset="1893456000",
        ),
    ),
)
"""Answers as the reference server gives them: https://github.com/bluesky-social/atproto."""
