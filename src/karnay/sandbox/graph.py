"""What Meta's Graph APIs share in the sandbox: tokens, refusals, fields and pages.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from karnay.sandbox.http import Part, Refusal, Troubles, parameters

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from karnay.sandbox.world import Published, World

_PAGE, _LONGEST_PAGE = 25, 100
MAIN_ACCOUNT, READ_ONLY = "tict_demo", "readonly"
_DEAD = {"expired": 463, "revoked": 460}  # subcodes, by what a token ends with


def no(code: int, said: str, *, subcode: int = 0, status: int = 400, **more: Any) -> Refusal:
    """A refusal in the Graph APIs' form."""
    error = {"message": said, "type": "OAuthException", "code": code}
    named = {"error_subcode": subcode} if subcode else {}
    trace = hashlib.sha256(f"{code}{subcode}{said}".encode()).hexdigest()[:11]
    return Refusal(status, {"error": {**error, **named, **more, "fbtrace_id": trace}})


def invalid(said: str) -> Refusal:
    """A parameter is not as it must be."""
    return no(100, f"(#100) {said}")


def unseen(identifier: str) -> Refusal:
    """There is no such object, or the token may not see it."""
    said = f"Unsupported request. Object with ID '{identifier}' does not exist"
    return no(100, said, subcode=33)


def post_of(world: World, network: str, request: Request) -> Published:
    """The post whose id is in the address. Raises Refusal."""
    name = request.path_params["id"]
    post = world.ledger.find(network, name)
    if post is None:
        raise unseen(name)
    return post


def insights(request: Request, counts: Mapping[str, int], **more: str) -> Response:
    """The figures that the request names, those that nobody counts as nought."""
    names = filter(None, request.query_params.get("metric", "").split(","))
    told = [{"name": name, **more, "values": [{"value": counts.get(name, 0)}]} for name in names]
    return JSONResponse({"data": told})


def troubles(throttle: int) -> Troubles:
    """The faults of a Graph API; `throttle` is its code for too many calls."""
    return Troubles(
        refuse=lambda: invalid("Invalid parameter"),
        rate_limit=lambda seconds: _too_many(throttle, seconds),
        broken=lambda: no(2, "Service temporarily unavailable", status=500, is_transient=True),
    )


def _too_many(code: int, seconds: int) -> Refusal:
    """Minutes, in a header: https://developers.facebook.com/docs/graph-api/overview/rate-limiting"""
    use = {"call_count": 100, "estimated_time_to_regain_access": -(-seconds // 60)}
    refusal = no(code, f"(#{code}) There have been too many calls to this account.")
    headers = {"X-Business-Use-Case-Usage": json.dumps({"1": [use]})}
    return Refusal(refusal.status, refusal.body, headers)


def whose(request: Request, network: str, *, writes: str = "") -> str:
    """Whose token it is: `sandbox-<network>` is @tict_demo's, with `-<name>` it is @<name>'s.

    Those of @expired and @revoked are what their names say, and that of @readonly writes nothing;
    `writes` names the permission that a change needs.
    """
    token = _token(request)
    if not token:
        raise no(104, "An access token is required to request this resource.")
    found = re.fullmatch(rf"sandbox-{network}(?:-(\w+))?", token, re.ASCII)
    if found is None:
        raise no(190, "Invalid OAuth access token - Cannot parse access token")
    account = found[1] or MAIN_ACCOUNT
    if account in _DEAD:
        raise no(190, "Error validating access token: it is of no use.", subcode=_DEAD[account])
    if writes and account == READ_ONLY:
        raise no(200, f"(#200) The permission {writes} is missing.", status=403)
    return account


def _token(request: Request) -> str:
    """As `Bearer`, as `OAuth` where bytes are uploaded, or in the query."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    told = token.strip() if scheme.lower() in ("bearer", "oauth") else ""
    return told or request.query_params.get("access_token", "")


async def given(request: Request, known: Collection[str]) -> dict[str, Any]:
    """The parameters, none but those that the endpoint knows."""
    read = await parameters(request)
    if read is None:
        raise invalid("The body cannot be read")
    unknown = read.keys() - {*known, "access_token", "fields"}
    if unknown:
        raise invalid(f"Unexpected parameter: {', '.join(sorted(unknown))}")
    return read


def file_of(fields: Mapping[str, Any], name: str) -> Part | None:
    """A parameter that is a file, if it is given."""
    value = fields.get(name)
    return value if isinstance(value, Part) else None


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """A parameter that is text; empty where it is not given."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise invalid(f"Param {name} must be a string.")
    return value


def flag_of(fields: Mapping[str, Any], name: str, *, otherwise: bool) -> bool:
    """A parameter that is true or false, as JSON or as a word."""
    words = {"true": True, "1": True, "false": False, "0": False}
    value = fields.get(name, otherwise)
    found = value if isinstance(value, bool) else words.get(str(value).lower())
    if found is None:
        raise invalid(f"Param {name} must be a boolean")
    return found


def list_of(fields: Mapping[str, Any], name: str) -> list[Any]:
    """A parameter that is a list, as JSON or as the text of it."""
    value = fields.get(name, [])
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise invalid(f"Param {name} must be an array.")
    return value


def number_of(name: str, kind: str) -> str:
    """The id that an account of that name has, always the same."""
    digest = hashlib.sha256(f"{kind} {name}".encode()).digest()
    return str(10**14 + int.from_bytes(digest[:5], "big"))


def moment(when: datetime) -> str:
    """A moment as the Graph APIs write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S+0000")


def selected(whole: Mapping[str, Any], request: Request, *otherwise: str) -> dict[str, Any]:
    """The id and those fields that were asked for, as far as there are any."""
    asked = request.query_params.get("fields", ",".join(otherwise))
    names = {"id", *(name.partition(".")[0].partition("{")[0] for name in asked.split(","))}
    return {name: value for name, value in whole.items() if name in names}


def page(items: Iterable[Mapping[str, Any]], request: Request, *otherwise: str) -> Response:
    """A page of them; what follows is asked for by a cursor."""
    asked = request.query_params
    size, start = _size(asked.get("limit", "")), int(asked.get("after") or 0)
    listed: Sequence[Mapping[str, Any]] = list(items)
    shown = [selected(item, request, *otherwise) for item in listed[start : start + size]]
    end = start + size
    cursors = {"before": str(start), "after": str(end)}
    following = {"next": str(request.url)} if listed[end:] else {}
    paging = {"paging": {"cursors": cursors, **following}} if shown else {}
    return JSONResponse({"data": shown, **paging})


def _size(limit: str) -> int:
    if not limit:
        return _PAGE
    if not limit.isdecimal() or not 0 < int(limit) <= _LONGEST_PAGE:
        raise invalid(f"limit must be from 1 to {_LONGEST_PAGE}")
    return int(limit)
