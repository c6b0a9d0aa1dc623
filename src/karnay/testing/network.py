"""A network in memory: answers as a sample says, records what it was sent, fails on demand."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx

from karnay.platforms.bodies import content_type, prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karnay.platforms.base import Exchange
    from karnay.platforms.bodies import Files
    from karnay.platforms.calls import Call

Reaction = Callable[[httpx.Request], httpx.Response]
"""What a network does with a request: answers it, or raises what httpx raises."""

_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as the network saw it; header names are lower case, timeouts in seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    timeout: Mapping[str, float | None]

    @classmethod
    def of(cls, request: httpx.Request) -> Sent:
        """The record of that request."""
        return cls(
            request.method,
            str(request.url),
            {name.lower(): value for name, value in request.headers.items()},
            request.read(),
            request.extensions.get("timeout", {}),
        )

    @property
    def json(self) -> Any:
        """The body. Raises ValueError where it is no JSON."""
        return json.loads(self.content)

    @property
    def words(self) -> list[str]:
        """Every string in a body of JSON or of form fields, as the network reads it."""
        if self.headers.get("content-type", "").startswith("application/x-www-form"):
            fields = parse_qsl(self.content.decode(), keep_blank_values=True)
            return [word for _, value in fields for word in (value, *_inner(value))]
        with contextlib.suppress(ValueError):
            return list(strings(self.json))
        return []

    def is_of(self, call: Call, files: Files) -> bool:
        """Whether this is the call to the byte, with something in the place of each secret."""
        return (
            self.method == call.method
            and _stands_for(self.url, call.url)
            and self.content == sent_bytes(call, files)
            and all(
                _stands_for(self.headers.get(name.lower(), ""), value)
                for name, value in call.headers.items()
            )
        )


def sent_bytes(call: Call, files: Files) -> bytes:
    """The body of a filled call, to the byte."""
    kind = content_type(call)
    headers = {"Content-Type": kind} if kind else {}
    with prepared(call, files) as body:
        return httpx.Request(call.method, "https://x.example", headers=headers, **body).read()


def _inner(value: str) -> list[str]:
    """The strings of a form's value that is JSON itself."""
    with contextlib.suppress(ValueError):
        return list(strings(json.loads(value)))
    return []


def _stands_for(sent: str, planned: str) -> bool:
    return bool(re.fullmatch(_PLACEHOLDER.sub(".+", re.escape(planned)), sent))


@dataclass(slots=True)
class Network(httpx.BaseTransport):
    """Answers by method and end of path; of several such exchanges, in turn, the last for ever.

    `reaction`, where one is set, is what happens to every request instead.
    """

    exchanges: Sequence[Exchange]
    reaction: Reaction | None = None
    sent: list[Sent] = field(default_factory=list)
    _turns: Counter[tuple[str, str]] = field(default_factory=Counter)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Record the request and react to it."""
        self.sent.append(Sent.of(request))
        return (self.reaction or self._answer)(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        fitting = [exchange for exchange in self.exchanges if _fits(exchange, request)]
        if not fitting:
            said = f"the sample has no answer to {request.method} {request.url.path}"
            return httpx.Response(501, text=said)
        asked = (request.method, request.url.path)
        turn, self._turns[asked] = self._turns[asked], self._turns[asked] + 1
        return reply(fitting[min(turn, len(fitting) - 1)])(request)


def _fits(exchange: Exchange, request: httpx.Request) -> bool:
    return request.method == exchange.method and request.url.path.endswith(exchange.path)


def reply(answer: Any) -> Reaction:
    """The reaction that gives this answer, which has a status, a body and headers."""

    def react(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status, json=answer.body, headers=dict(answer.headers))

    return react


def strings(value: Any) -> Iterable[str]:
    """Every string in a JSON value, names of members aside."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)
