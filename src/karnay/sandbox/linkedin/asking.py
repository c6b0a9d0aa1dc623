"""Who asks LinkedIn, and what the token allows.

`sandbox-linkedin` is of a member who runs organization 1001, `sandbox-linkedin-<number>` of one who
runs that organization; each may do all that the Community Management API gives. The token
`sandbox-linkedin-member` is of a member whose app has "Share on LinkedIn" alone: it may write as
that member, and read nothing. `sandbox-linkedin-expired` has expired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.sandbox.http import Refusal, bearer, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

TOKEN = "sandbox-linkedin"
MEMBER = f"{TOKEN}-member"
EXPIRED = f"{TOKEN}-expired"
ORGANIZATION = "urn:li:organization:1001"

VERSIONS = frozenset(
    str(year * 100 + month) for year in (2025, 2026) for month in range(1, 13)
) - frozenset(str(202500 + month) for month in range(1, 12))
"""The newest thirteen, as of the end of 2026."""

_FORM = re.compile(rf"{TOKEN}(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Member:
    """A member: the URN, and that of the organization that they run, if they run one."""

    urn: str
    organization: str = ""

    @property
    def reads(self) -> bool:
        """Whether the token may look at anything."""
        return bool(self.organization)

    def may_be(self, author: Any) -> bool:
        """Whether they may post as that author."""
        return bool(author == (self.organization or self.urn))


def no(status: int, said: str, code: str = "", **more: Any) -> Refusal:
    """A refusal as LinkedIn words it."""
    named: Mapping[str, Any] = {"code": code} if code else {}
    return Refusal(status, {"message": said, "status": status, **named, **more})


def member(request: Request) -> Member:
    """Whose token it is. Raises Refusal."""
    token = bearer(request)
    if not token:
        raise no(401, "Empty oauth2_access_token")
    if token == EXPIRED:
        said = "The token used in the request has expired"
        raise no(401, said, "EXPIRED_ACCESS_TOKEN", serviceErrorCode=65602)
    if token == MEMBER:
        return Member("urn:li:person:member-1")
    found = _FORM.fullmatch(token)
    if found is None:
        raise no(401, "Invalid access token", serviceErrorCode=65600)
    return Member("urn:li:person:admin-1", f"urn:li:organization:{found[1] or 1001}")


def caller(request: Request) -> Member:
    """Who calls the REST API, in a version that it still has. Raises Refusal.

    https://learn.microsoft.com/linkedin/marketing/versioning
    """
    found, version = member(request), request.headers.get("linkedin-version", "")
    if not version:
        raise no(400, "A version must be present. Please specify a version", "VERSION_MISSING")
    if version not in VERSIONS:
        raise no(426, f"Requested version {version} is not active", "NONEXISTENT_VERSION")
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        raise no(400, "X-RestLi-Protocol-Version must be 2.0.0")
    return found


def reader(request: Request) -> Member:
    """The same, where the token may also look at things. Raises Refusal."""
    found = caller(request)
    if not found.reads:
        path = request.url.path.rpartition("/rest/")[2].partition("/")[0]
        raise no(403, f"Not enough permissions to access: {path}.GET", "ACCESS_DENIED")
    return found


def urn_in(request: Request) -> str:
    """The URN in the path. Raises Refusal for one whose colons are not percent-encoded."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    urn: str = request.path_params["urn"]
    if urn.encode() in raw or not urn.startswith("urn:li:"):
        raise no(400, f"Syntax exception in path variables: {urn}", "INVALID_URN_ID")
    return urn


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal."""
    given = await json_object(request)
    if given is None:
        raise no(400, "Cannot parse request entity")
    return given


def milliseconds(moment: datetime) -> int:
    """The moment as LinkedIn tells it."""
    return int(moment.timestamp() * 1000)
