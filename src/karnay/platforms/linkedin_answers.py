"""What LinkedIn answers: receipts in headers and bodies, and how it says no.

https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, NotReady, OutcomeUnknown, Rejected
from karnay.platforms.answers import Answer, ErrorTable, Row, named_moment, own_words
from karnay.platforms.base import Receipt
from karnay.platforms.linkedin_steps import PIECE, WORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.platforms.base import Step

SITE = "https://www.linkedin.com"

_DAY = re.compile(r"\b(?:day|daily)\b", re.IGNORECASE)
"""In the words of a 429: "Resource level throttle MEMBER DAY limit"."""

_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")


def permalink(site: str, urn: str) -> str:
    """Where people see the post of that URN."""
    return f"{site}/feed/update/{urn}/"


def _words(answer: Answer) -> str:
    """LinkedIn's own, with its code; with a link where it names a post, and what a 426 asks for."""
    said = own_words(answer)
    code = answer.member("code") or answer.member("serviceErrorCode")
    named = _URN.search(answer.text)
    return " ".join(
        filter(
            None,
            (
                said,
                f"({code})" if code and str(code) not in said else "",
                permalink(SITE, named[0]) if named else "",
                "Name a newer `version` in karnay.toml" if answer.status == 426 else "",
            ),
        )
    )


def _moment(answer: Answer, now: datetime) -> datetime | None:
    """What a day allows is given anew at midnight UTC; no header says so:
    https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits"""
    if answer.status != 429 or not _DAY.search(answer.text):
        return None
    tomorrow = now.astimezone(UTC) + timedelta(days=1)
    midnight = tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)
    return named_moment(answer, now) or midnight


ERRORS = ErrorTable(
    rows=(
        Row(422, "duplicate", OutcomeUnknown),  # perhaps our own, whose answer was lost
        Row(400, "version_missing", AccountError),
        Row(426, "", AccountError),
        Row(400, "media_asset_waiting_upload", NotReady),
    ),
    words=_words,
    moment=_moment,
)
"""https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling"""


def _of_an_address(answer: Answer) -> str:
    return f"{_words(answer)}; the address for the file has expired, perhaps: queue the post again"


UPLOAD_ERRORS = ErrorTable(
    rows=(Row(403, "", Rejected), Row(404, "", Rejected), *ERRORS.rows), words=_of_an_address
)
"""Of an address that takes a file for a while: what it refuses says nothing about the account."""


def text_of(value: Any) -> str:
    """A string that is not empty. Raises ValueError."""
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def started(step: Step, answer: Answer) -> Receipt:
    """The file's URN, and an address for each of its pieces.

    Raises Rejected where LinkedIn wants other pieces than it documents.
    """
    value = answer.json()["value"]
    [urn] = (value[name] for name in WORD.values() if name in value)
    told = value.get("uploadInstructions")
    if told is None:
        return Receipt(text_of(urn), data={"address-1": text_of(value["uploadUrl"])})
    size = step.call.body["initializeUploadRequest"]["fileSizeBytes"]
    if [int(piece["firstByte"]) for piece in told] != list(range(0, size, PIECE)):
        raise Rejected(f"LinkedIn wants the video in other pieces than of {PIECE:,} bytes")
    addresses = {f"address-{n}": text_of(one["uploadUrl"]) for n, one in enumerate(told, start=1)}
    return Receipt(text_of(urn), data={"token": value.get("uploadToken") or "", **addresses})


def uploaded(_: Step, answer: Answer) -> Receipt:
    """What a file's address says of the whole, 201, or of a piece: its ETag, without quotes."""
    etag = answer.headers.get("etag", "").strip('"')
    if not etag and answer.status != 201:
        raise ValueError("neither created nor named")
    return Receipt(etag or "uploaded")


def finished(_: Step, answer: Answer) -> Receipt:
    """A success says nothing more: whether the video is whole, its status tells, or the post."""
    if answer.content.strip():
        answer.json()
    return Receipt("finished")


def worked_on(_: Step, answer: Answer) -> Receipt:
    """A file that is ready. Raises NotReady, or Rejected where it never will be."""
    body = answer.json()
    status, why = body["status"], body.get("processingFailureReason") or "no reason given"
    if status == "PROCESSING_FAILED":
        raise Rejected(f"LinkedIn cannot use the file: {why}")
    if status in {"WAITING_UPLOAD", "PROCESSING"}:
        raise NotReady(f"LinkedIn is still at work on the file: {status}")
    if status != "AVAILABLE":
        raise ValueError("no such status")
    return Receipt(text_of(body.get("id") or status))


def made(answer: Answer) -> str:
    """The URN of a new post, which a header tells alone."""
    [urn] = _URN.findall(answer.headers["x-restli-id"])
    return str(urn)


def commented(answer: Answer) -> str:
    """The id of a new comment, from the header, else from the body."""
    return answer.headers.get("x-restli-id") or text_of(answer.json()["id"])


def moment(milliseconds: Any) -> datetime:
    """A moment as LinkedIn tells it. Raises ValueError, OverflowError or TypeError."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


COUNTED: Mapping[str, str] = {
    "impressionCount": "views",
    "uniqueImpressionsCount": "reach",
    "clickCount": "clicks",
    "likeCount": "likes",
    "commentCount": "replies",
    "shareCount": "reposts",
}
"""Its names for what is counted, and ours:
https://learn.microsoft.com/linkedin/marketing/community-management/organizations/share-statistics"""


def counted(body: Mapping[str, Any]) -> dict[str, int]:
    """The figures of the one post that was asked about; none where nobody has seen it yet."""
    [figures, *_] = [*(one["totalShareStatistics"] for one in body["elements"]), {}]
    return {ours: int(figures[theirs]) for theirs, ours in COUNTED.items() if theirs in figures}
