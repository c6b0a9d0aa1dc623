"""How the sandbox answers: refusals, faults, rate-limit headers, bodies, and the cut connection."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from karnay.sandbox.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from karnay.sandbox.world import World

Endpoint = Callable[["Request"], Awaitable[Response]]


class Refusal(Exception):
    """The network says no: status, JSON body and headers of its answer."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers

    def response(self) -> Response:
        """The answer."""
        return JSONResponse(self.body, self.status, headers=self.headers)


class Cut(Response):
    """No answer at all: the connection is cut as by a failing network."""

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Abort the transport, which `server.CuttableProtocol` put into the scope."""
        scope["state"]["cut"]()
        await asyncio.sleep(0)  # lets the server see that the connection is gone


class Torn(Cut):
    """Half an answer: it begins as it should, and is cut in the middle of its body."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self.whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, with the length of the whole, and half of the body."""
        head = {"status": self.whole.status_code, "headers": self.whole.raw_headers}
        body = bytes(self.whole.body)
        if not body:  # its head alone would be the whole of it
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", **head})
        half = {"body": body[: len(body) // 2], "more_body": True}
        await send({"type": "http.response.body", **half})
        await super().__call__(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Troubles:
    """How one network words the faults that it may have."""

    refuse: Callable[[], Refusal]
    rate_limit: Callable[[int], Refusal]
    broken: Callable[[], Refusal]


def answered(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its refusals turned into answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return refusal.response()

    return answer


def publishing(world: World, platform: str, troubles: Troubles) -> Callable[[Endpoint], Endpoint]:
    """Makes an endpoint that publishes meet the platform's faults."""

    def wrapped(endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            fault = world.faults.take(platform)
            if fault is None:
                return await endpoint(request)
            if fault.kind in _INSTEAD:
                return _INSTEAD[fault.kind](troubles, fault)
            response = await endpoint(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                world.faults.give_back(platform, fault)
                return response
            if fault.kind is Kind.SLOW:
                # The world's clock may be a fast one; a slow network is slow for the socket.
                await asyncio.sleep(fault.seconds)
            return _AFTERWARDS[fault.kind](troubles, response)

        return answer

    return wrapped


def _page(status: int) -> Response:
    """What a proxy, a login portal or a firewall says in the network's place."""
    said = f"{status} {HTTPStatus(status).phrase}"
    return HTMLResponse(f"<html><head><title>{said}</title></head><h1>{said}</h1></html>", status)


def _without_moment(refusal: Refusal) -> Response:
    """The refusal without any word of when to come back."""
    body = {name: value for name, value in refusal.body.items() if name != "parameters"}
    return JSONResponse(body, refusal.status)


_OTHER = {"ok": True, "result": {}, "data": {}, "id": None, "uri": 7}

_INSTEAD: dict[Kind, Callable[[Troubles, Fault], Response]] = {
    Kind.REFUSE: lambda troubles, _: troubles.refuse().response(),
    Kind.RATE_LIMIT: lambda troubles, fault: troubles.rate_limit(
        max(1, math.ceil(fault.seconds))
    ).response(),
    Kind.RATE_LIMIT_SILENT: lambda troubles, _: _without_moment(troubles.rate_limit(1)),
    Kind.BROKEN: lambda troubles, _: troubles.broken().response(),
    Kind.UNAVAILABLE: lambda _, __: _page(503),
    Kind.GATEWAY: lambda _, __: _page(502),
    Kind.PAGE: lambda _, __: _page(200),
    Kind.CLOSE: lambda _, __: Cut(),
}
_AFTERWARDS: dict[Kind, Callable[[Troubles, Response], Response]] = {
    Kind.BROKEN_MADE: lambda troubles, _: troubles.broken().response(),
    Kind.GATEWAY_MADE: lambda _, __: _page(502),
    Kind.PAGE_MADE: lambda _, __: _page(200),
    Kind.OTHER_JSON: lambda _, __: JSONResponse(_OTHER),
    Kind.DROP: lambda _, __: Cut(),
    Kind.HALF: lambda _, response: Torn(response),
    Kind.SLOW: lambda _, response: response,
}


async def json_object(request: Request) -> dict[str, Any] | None:
    """The body if it is a JSON object of whole characters, else None."""
    try:
        body = json.loads(await request.body())
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


_LARGEST_FIELD = 10_000_000  # bytes of a field that is no file
_FORM = "application/x-www-form-urlencoded"


def _form(body: bytes) -> dict[str, Any] | None:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a form: its name and type as the client gave them."""

    name: str
    mime: str
    content: bytes


async def _multipart(request: Request) -> dict[str, Any] | None:
    try:
        async with request.form(max_part_size=_LARGEST_FIELD) as form:
            return {name: await _field(value) for name, value in form.multi_items()}
    except (HTTPException, ValueError):
        return None


async def _field(value: str | UploadFile) -> str | Part:
    if isinstance(value, str):
        return value
    return Part(value.filename or "", value.content_type or "", await value.read())


async def parameters(request: Request) -> dict[str, Any] | None:
    """Query, and form or JSON body, as one mapping; None for a body that cannot be read.

    Files of a form are `Part`s.
    """
    query = dict(request.query_params)
    body = await request.body()
    if not body:
        return query
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        fields = await _multipart(request)
        return None if fields is None else {**query, **fields}
    is_form = request.headers.get("content-type", "").startswith(_FORM)
    values = _form(body) if is_form else await json_object(request)
    return None if values is None else {**query, **values}


def base_url(request: Request, platform: str) -> str:
    """The address under which the client reached that platform here; no slash at its end."""
    return f"{str(request.base_url).rstrip('/')}/{platform}"


def bearer(request: Request) -> str:
    """The token of `Authorization: Bearer ...`, or empty."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
