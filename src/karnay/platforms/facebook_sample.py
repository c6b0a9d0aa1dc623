"""What the conformance kit needs to exercise Facebook without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from karnay.errors import PublishingError

_PAGE = "104857600000001"
_POST = f"{_PAGE}_122100000000000001"


def _no(status: int, code: int, said: str, error: type[PublishingError], **more: Any) -> Refusal:
    """An error as https://developers.facebook.com/docs/graph-api/guides/error-handling has it."""
    headers = more.pop("headers", {})
    told = {"message": said, "type": "OAuthException", "code": code, **more}
    return Refusal(status, {"error": {**told, "fbtrace_id": "AbCdEfGhIjK"}}, error, headers)


_EXPIRED = "Error validating access token: Session has expired on Tuesday, 24-Nov-26 04:00:00 PST."
_USAGE = {_PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}

REFUSALS = (
    _no(400, 190, _EXPIRED, AccountError, error_subcode=463),
    _no(400, 190, "The user changed the password.", AccountError, error_subcode=460),
    _no(400, 190, "The user has lost the role on the Page.", AccountError, error_subcode=492),
    _no(400, 102, "Session key invalid or no longer valid", AccountError),
    _no(403, 200, "(#200) The permission pages_manage_posts is missing.", AccountError),
    _no(403, 10, "(#10) Application does not have permission for this action", AccountError),
    _no(400, 100, "Security check", AccountError, error_subcode=1404006),
    _no(403, 4, "(#4) Application request limit reached", RateLimited, is_transient=True),
    _no(
        400,
        80001,
        "(#80001) There have been too many calls to this Page account.",
        RateLimited,
        headers={"X-Business-Use-Case-Usage": json.dumps(_USAGE)},
    ),
    _no(400, 368, "The action attempted has been deemed abusive.", RateLimited),
    _no(400, 368, "You are posting too fast.", RateLimited, error_subcode=1390008),
    _no(400, 100, "(#100) Invalid parameter", Rejected),
    _no(400, 100, "The link could not be read.", Rejected, error_subcode=1609005),
    _no(400, 368, "It goes against our standards.", Rejected, error_subcode=1404102),
    _no(400, 506, "(#506) Duplicate status message", OutcomeUnknown),
    _no(400, 100, "These photos were already posted.", OutcomeUnknown, error_subcode=1366051),
    _no(400, 2, "Service temporarily unavailable", OutcomeUnknown, is_transient=True),
    _no(400, 1, "An unknown error occurred", OutcomeUnknown),
    _no(500, 100, "(#100) Invalid parameter", OutcomeUnknown),
)

SAMPLE = Sample(
    account={"platform": "facebook", "page": _PAGE, "token": "env:FACEBOOK_TOKEN"},
    secrets={"FACEBOOK_TOKEN": "EAABsbCS1iHgBAKZC5example0page0token"},
    network=(
        *(
            Exchange("POST", "/photos", 200, {"id": f"12210000000000010{digit}"})
            for digit in (1, 2, 3)
        ),
        Exchange("POST", "/feed", 200, {"id": _POST}),
        Exchange("POST", "/videos", 200, {"id": "1122334455667788"}),
        Exchange("POST", "/comments", 200, {"id": f"{_POST}_1"}),
        Exchange("GET", "/published_posts", 200, {"data": []}),
        Exchange("GET", "/videos", 200, {"data": []}),
        Exchange("GET", "/comments", 200, {"data": []}),
        Exchange(
            "GET",
            "/me",
            200,
            {"id": _PAGE, "name": "TICT", "link": f"https://www.facebook.com/{_PAGE}"},
        ),
    ),
    refusals=REFUSALS,
)
"""Answers as https://developers.facebook.com/docs/pages-api/posts documents them."""
