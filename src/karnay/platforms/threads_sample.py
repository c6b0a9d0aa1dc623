"""What the conformance kit needs to exercise Threads without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from karnay.errors import PublishingError

_USER, _CONTAINER, _POST = "25100000000000001", "17900000000000001", "18050000000000001"
_LINK = "https://www.threads.com/@tict_uz/post/DRabcdefghi"
_QUOTA = {
    "quota_usage": 4,
    "config": {"quota_total": 250, "quota_duration": 86400},
    "reply_quota_usage": 1,
    "reply_config": {"quota_total": 1000, "quota_duration": 86400},
}


def _no(code: int, subcode: int, said: str, error: type[PublishingError], **more: Any) -> Refusal:
    """https://developers.facebook.com/docs/graph-api/guides/error-handling"""
    named = {"error_subcode": subcode} if subcode else {}
    told = {"message": said, "type": "OAuthException", "code": code, **named, **more}
    return Refusal(400, {"error": {**told, "fbtrace_id": "AbCdEfGhIjK"}}, error)


REFUSALS = (
    _no(190, 463, "Error validating access token: Session has expired", AccountError),
    _no(190, 460, "The session was invalidated by a new password", AccountError),
    _no(10, 0, "(#10) Application does not have permission for this action", AccountError),
    _no(200, 0, "(#200) Permissions error", AccountError),
    _no(24, 4279013, "User is restricted", AccountError),
    _no(9, 2207042, "You have reached the maximum number of posts", RateLimited),
    _no(4, 0, "(#4) Application request limit reached", RateLimited),
    _no(368, 0, "The action attempted has been deemed abusive", RateLimited),
    _no(24, 4279009, "The requested resource does not exist", Transient, is_transient=False),
    _no(100, 2207052, "The media could not be fetched from this URI", Transient),
    _no(24, 0, "The requested resource does not exist", Rejected),
    _no(100, 4279071, "The topic tag is invalid", Rejected),
    _no(100, 0, "Param text must be at most 500 characters", Rejected),
    _no(100, 0, "THREADS_API__LINK_LIMIT_EXCEEDED", Rejected),
    _no(4, 2207051, "Action is blocked", OutcomeUnknown),
    _no(2, 0, "An unexpected error has occurred", OutcomeUnknown, is_transient=True),
)

SAMPLE = Sample(
    account={"platform": "threads", "user": _USER, "token": "env:THREADS_TOKEN"},
    secrets={"THREADS_TOKEN": "THAAJexampleZCtoken0of0an0account"},
    network=(
        Exchange("POST", "/threads", 200, {"id": _CONTAINER}),
        Exchange("GET", f"/{_CONTAINER}", 200, {"status": "FINISHED", "id": _CONTAINER}),
        Exchange("POST", "/threads_publish", 200, {"id": _POST}),
        Exchange("GET", f"/{_POST}", 200, {"id": _POST, "permalink": _LINK}),
        Exchange("GET", "/threads", 200, {"data": []}),
        Exchange("GET", "/replies", 200, {"data": []}),
        Exchange("GET", f"/{_USER}", 200, {"id": _USER, "username": "tict_uz"}),
        Exchange("GET", "/threads_publishing_limit", 200, {"data": [_QUOTA]}),
    ),
    refusals=REFUSALS,
)
"""Answers as documented: https://developers.facebook.com/docs/threads/reference/publishing"""
