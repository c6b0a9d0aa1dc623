"""Lets a library that sends by `requests` send through our wire: our host, bytes and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter

from karnay.platforms.calls import Call, encode

if TYPE_CHECKING:
    from karnay.platforms.answers import Answer, ErrorTable
    from karnay.platforms.base import Effect
    from karnay.platforms.wire import Wire

_CARRIED = ("Authorization", "Content-Type")


@dataclass
class Carrier(BaseAdapter):
    """Carries prepared requests over the wire.

    Whatever is no success is raised as the table names it, right here, so that it passes through
    the library untouched: libraries stumble over bodies that they do not expect.
    """

    wire: Wire
    table: ErrorTable
    effect: Effect

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_more: Any
    ) -> requests.Response:
        """The answer, which is one of success. Raises a PublishingError."""
        signed = {name: str(request.headers[name]) for name in _CARRIED if name in request.headers}
        call = Call(str(request.method), str(request.url), signed)
        content = request.body if isinstance(request.body, bytes) else None
        answer = self.wire.send(call, effect=self.effect, content=content)
        if not answer.ok:
            raise self.table.error(answer, self.effect, self.wire.clock.now())
        return _response(answer)

    def close(self) -> None:
        """Nothing to close: the connections are the wire's."""


def _response(answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response._content = answer.content  # there is no public way to make a response
    return response


class Session(requests.Session):
    """Has every request go to `there` in place of `here`, a JSON body as our very bytes.

    Both are done before the request is signed: what is signed is what is sent.
    """

    def __init__(self, carrier: Carrier, *, here: str, there: str) -> None:
        super().__init__()
        self.trust_env = False  # no proxies of its own, and no passwords from ~/.netrc
        self._here, self._there = here, there
        self.mount("http://", carrier)
        self.mount("https://", carrier)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it leaves, signed."""
        request.url = self._there + str(request.url).removeprefix(self._here)
        if request.json is not None:
            request.data, request.json = encode(request.json), None
            request.headers["Content-Type"] = "application/json"
        return super().prepare_request(request)
