"""LinkedIn for the conformance kit: answers as its documents give them, or as they were seen.

https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.errors import AccountError, NotReady, OutcomeUnknown, RateLimited, Rejected
from karnay.platforms.base import Exchange, Refusal, Sample
from karnay.text.linkedin import parsed

if TYPE_CHECKING:
    from karnay.errors import PublishingError
    from karnay.platforms.calls import Json

AUTHOR = "urn:li:organization:5515715"
POST = "urn:li:share:7141000000000000000"

_UPLOADS = "https://www.linkedin.com/dms-uploads/C4E10AQFoyyAjHPMQuQ"
_EXPIRES = 1_795_500_000_000


def _started(kind: str, number: int) -> Json:
    urn = f"urn:li:{kind}:C4E10AQFoyyAjHPMQ{number}"
    address = f"{_UPLOADS}/{kind}-{number}?ca=vector_feedshare&m=AQJbrN86Zm265gAAAWemyz2pxPSg"
    return {"uploadUrlExpiresAt": _EXPIRES, "uploadUrl": address, kind: urn}


def _film() -> Json:
    value = _started("video", 1)
    piece = {"uploadUrl": value["uploadUrl"], "firstByte": 0, "lastByte": 999}
    return {
        "uploadUrlsExpireAt": _EXPIRES,
        "video": value["video"],
        "uploadInstructions": [piece],
        "uploadToken": "",
        "thumbnailUploadUrl": "",
    }


def _uploads(kind: str, number: int) -> tuple[Exchange, ...]:
    value = _film() if kind == "video" else _started(kind, number)
    urn, ready = value[kind], {"id": value[kind], "status": "AVAILABLE", "owner": AUTHOR}
    etag = {"ETag": '"/ambry-video/signedId/AQF8xrAXqq2VzwAAAX1t.bin"'} if kind == "video" else {}
    return (
        Exchange("POST", f"/rest/{kind}s", 200, {"value": value}),
        Exchange("PUT", f"/{kind}-{number}", 201, None, etag),
        Exchange("GET", f"/rest/{kind}s/{urn}", 200, ready),
    )


def _no(  # the members that LinkedIn's errors have
    status: int, said: str, error: type[PublishingError], code: str = ""
) -> Refusal:
    body = {"message": said, "status": status, **({"code": code} if code else {})}
    return Refusal(status, body, error)


_DUPLICATE = {
    "message": f"Content is a duplicate of {POST}",
    "errorDetailType": "com.linkedin.common.error.BadRequest",
    "errorDetails": {
        "inputErrors": [
            {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
        ]
    },
    "status": 422,
}

_ROLE = {"role": "ADMINISTRATOR", "organization": AUTHOR, "state": "APPROVED"}
_NAMES = {"id": 5515715, "localizedName": "TICT", "vanityName": "tict-uz"}
_LISTED = {
    "id": POST,
    "author": AUTHOR,
    "commentary": r"The second \(or third\) {hashtag|\#|TICT}",
    "createdAt": 1_795_000_000_000,
    "lastModifiedAt": 1_795_000_000_000,
    "lifecycleState": "PUBLISHED",
    "lifecycleStateInfo": {"isEditedByAuthor": False},
}

SAMPLE = Sample(
    account={"platform": "linkedin", "token": "env:LINKEDIN_TOKEN", "author": AUTHOR},
    secrets={"LINKEDIN_TOKEN": "AQXdSP_W41_UPs5ioT_t8HESyODB4FqbkJ8LrV_5mff4gPODzOYR"},
    network=(
        *(exchange for number in (1, 2, 3) for exchange in _uploads("image", number)),
        *_uploads("video", 1),
        *_uploads("document", 1),
        Exchange("POST", "/rest/posts", 201, None, {"x-restli-id": POST}),
        Exchange("GET", "/rest/posts", 200, {"elements": [_LISTED]}),
        Exchange("POST", "/comments", 201, {"id": "6275832358189047808"}),
        Exchange("GET", "/rest/organizationAcls", 200, {"elements": [_ROLE]}),
        Exchange("GET", "/rest/organizations/5515715", 200, _NAMES),
    ),
    refusals=(
        _no(400, "Field Value validation failed: commentary", Rejected, "FIELD_LENGTH_TOO_LONG"),
        _no(400, "A version must be present", AccountError, "VERSION_MISSING"),
        _no(400, "Media asset is waiting for its upload", NotReady, "MEDIA_ASSET_WAITING_UPLOAD"),
        _no(400, "Media asset failed processing", Rejected, "MEDIA_ASSET_PROCESSING_FAILED"),
        Refusal(
            401,
            {"message": "Invalid access token", "serviceErrorCode": 65600, "status": 401},
            AccountError,
        ),
        _no(401, "The token has expired", AccountError, "EXPIRED_ACCESS_TOKEN"),
        _no(403, "Not enough permissions to access: posts.CREATE", AccountError, "ACCESS_DENIED"),
        Refusal(422, _DUPLICATE, OutcomeUnknown),
        _no(422, "Unprocessable Entity", Rejected),
        _no(426, "Requested version 20240101 is not active", AccountError, "NONEXISTENT_VERSION"),
        _no(429, "Resource level throttle MEMBER DAY limit", RateLimited, "TOO_MANY_REQUESTS"),
    ),
    reads=lambda text: parsed(text).text,
)
"""An organization's; a member's differs in what it may look at."""
