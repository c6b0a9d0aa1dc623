"""How networks fail: before anything was sent, and when nobody can tell any more."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.testing.network import Reaction


def _raising(error: type[httpx.RequestError], said: str) -> Reaction:
    def react(request: httpx.Request) -> httpx.Response:
        raise error(f"{said}, {echo(request)}", request=request)

    return react


def _saying(status: int, text: str = "", kind: str = "text/html", **headers: str) -> Reaction:
    def react(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=text, headers={"Content-Type": kind, **headers})

    return react


def _page(status: int) -> Reaction:
    """A proxy's page, of the worst kind: it repeats what it was sent."""

    def react(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, html=f"<html><h1>{status}</h1>{echo(request)}</html>")

    return react


def _json(text: str) -> Reaction:
    return _saying(200, text, "application/json")


def _moved(status: int) -> Reaction:
    return _saying(status, Location="https://elsewhere.example/login")


class _Torn(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b'{"ok":true,"id":"1'
        raise httpx.ReadError("connection reset by peer")


def _half(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "application/json"}, stream=_Torn())


def echo(request: httpx.Request) -> str:
    """All that a request said, its secrets included."""
    headers = " ".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{request.method} {request.url} {headers}"


BEFORE_SENDING: Mapping[str, Reaction] = MappingProxyType(
    {
        "unknown host": _raising(httpx.ConnectError, "[Errno -2] Name or service not known"),
        "connection refused": _raising(httpx.ConnectError, "[Errno 111] Connection refused"),
        "bad certificate": _raising(httpx.ConnectError, "[SSL: CERTIFICATE_VERIFY_FAILED]"),
        "no connection in time": _raising(httpx.ConnectTimeout, "timed out"),
        "no way through the proxy": _raising(httpx.ProxyError, "403 Forbidden"),
        "no free connection": _raising(httpx.PoolTimeout, "timed out"),
    }
)
"""Nothing has left this machine, and the error says so."""

AMBIGUOUS: Mapping[str, Reaction] = MappingProxyType(
    {
        "no answer in time": _raising(httpx.ReadTimeout, "timed out"),
        "not taken in time": _raising(httpx.WriteTimeout, "timed out"),
        "reset while sending": _raising(httpx.WriteError, "[Errno 32] Broken pipe"),
        "reset while waiting": _raising(httpx.ReadError, "[Errno 104] Connection reset by peer"),
        "closed without an answer": _raising(httpx.RemoteProtocolError, "Server disconnected"),
        "half an answer": _half,
        "408": _page(408),
        "500": _page(500),
        "502": _page(502),
        "503": _page(503),
        "504": _page(504),
        "500 in JSON": _saying(500, '{"error":"oops"}', "application/json"),
        "200 and a page": _page(200),
        "200 and nothing": _saying(200),
        "200 and half a JSON text": _json('{"ok":true,"result":{"mess'),
        "200 and an empty object": _json("{}"),
        "200 and an empty list": _json("[]"),
        "200 and null": _json("null"),
        "200 and a word": _json('"ok"'),
        "200 and another object": _json('{"ok":true,"result":{},"data":{},"id":null,"uri":7}'),
        "200 and bottomless JSON": _json("[" * 200_000),
        "200 and no UTF-8": lambda _request: httpx.Response(200, content=b"\xff\xfe\x00"),
        "204": _saying(204),
        "301": _moved(301),
        "302": _moved(302),
        "307": _moved(307),
    }
)
"""The request was sent; whether it was carried out, nobody can tell."""
