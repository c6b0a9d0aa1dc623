"""What the conformance kit needs to exercise Instagram without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from karnay.errors import PublishingError

_USER, _CONTAINER, _POST = "17841400000000001", "17900000000000001", "17950000000000001"
_LINK = "https://www.instagram.com/p/DRabcdefghi/"
_QUOTA = {"quota_usage": 2, "config": {"quota_total": 50, "quota_duration": 86400}}


def _no(code: int, subcode: int, said: str, error: type[PublishingError], **more: Any) -> Refusal:
    """https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes"""
    named = {"error_subcode": subcode} if subcode else {}
    told = {"message": said, "type": "OAuthException", "code": code, **named, **more}
    return Refusal(400, {"error": {**told, "fbtrace_id": "AbCdEfGhIjK"}}, error)


REFUSALS = (
    _no(190, 463, "Error validating access token: Session has expired", AccountError),
    _no(190, 460, "The session was invalidated by a new password", AccountError),
    _no(10, 0, "(#10) Application does not have permission for this action", AccountError),
    _no(25, 2207050, "The Instagram account is restricted", AccountError),
    _no(9, 2207042, "You have reached the maximum number of posts", RateLimited),
    _no(4, 0, "(#4) Application request limit reached", RateLimited),
    _no(80002, 0, "(#80002) There have been too many calls to this account", RateLimited),
    _no(9007, 2207027, "Media ID is not available", Transient, error_user_title="Not ready"),
    _no(24, 2207008, "The media builder is not found", Transient),
    _no(24, 2207006, "The requested resource does not exist", Rejected),
    _no(100, 2207028, "Your carousel cannot be made", Rejected),
    _no(36003, 2207009, "The aspect ratio is not supported", Rejected),
    _no(36004, 2207010, "The caption is too long", Rejected),
    _no(4, 2207051, "Action is blocked", OutcomeUnknown),
    _no(-1, 2207001, "Instagram server error. Try again.", OutcomeUnknown, is_transient=True),
    _no(2, 0, "An unexpected error has occurred", OutcomeUnknown, is_transient=True),
)

SAMPLE = Sample(
    account={"platform": "instagram", "user": _USER, "token": "env:INSTAGRAM_TOKEN"},
    secrets={"INSTAGRAM_TOKEN": "IGAAJexampleZCtoken0of0an0account"},
    network=(
        Exchange("POST", "/media", 200, {"id": _CONTAINER}),
        Exchange("GET", f"/{_CONTAINER}", 200, {"status_code": "FINISHED", "id": _CONTAINER}),
        Exchange("POST", "/media_publish", 200, {"id": _POST}),
        Exchange("GET", f"/{_POST}", 200, {"id": _POST, "permalink": _LINK}),
        Exchange("POST", "/comments", 200, {"id": "17870000000000001"}),
        Exchange("GET", "/comments", 200, {"data": []}),
        Exchange("GET", "/media", 200, {"data": []}),
        Exchange("GET", f"/{_USER}", 200, {"id": _USER, "username": "tict_uz"}),
        Exchange("GET", "/content_publishing_limit", 200, {"data": [_QUOTA]}),
    ),
    refusals=REFUSALS,
)
"""Answers as documented: https://developers.facebook.com/docs/instagram-platform/content-publishing"""
