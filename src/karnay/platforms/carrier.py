"""Lets a library that sends by `requests` send through our wire: our host, bytes and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter

from karnay.platforms.bodies import content_type
from karnay.platforms.calls import Call

if TYPE_CHECKING:
    from karnay.platforms.answers import Answer, ErrorTable
    from karnay.platforms.base import Effect
    from karnay.platforms.calls import Body
    from karnay.platforms.wire import Wire

_CARRIED = ("Authorization", "Content-Type")


@dataclass
class Carrier(BaseAdapter):
    """Carries prepared requests over the wire, each with the planned `body`, files and all.

    Whatever is no success is raised as the table names it, right here, so that it passes through
    the library untouched: libraries stumble over bodies that they do not expect.
    """

    wire: Wire
    table: ErrorTable
    effect: Effect
    body: Body = None

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_more: Any
    ) -> requests.Response:
        """The answer, which is one of success. Raises a PublishingError."""
        signed = {name: str(request.headers[name]) for name in _CARRIED if name in request.headers}
        call = Call(str(request.method), str(request.url), signed, self.body)
        answer = self.wire.send(call, effect=self.effect)
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
    """Has every request go to `there` in place of `here`, and of the type of the carrier's body.

    Both are done before the request is signed. OAuth 1.0a signs neither JSON nor multipart bodies
    (https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.1), so that the library need not see
    them; one that is urlencoded would have to be signed, and is not for this.
    """

    def __init__(self, carrier: Carrier, *, here: str, there: str) -> None:
        super().__init__()
        self.trust_env = False  # no proxies of its own, and no passwords from ~/.netrc
        self._here, self._there = here, there
        self._carrier = carrier
        self.mount("http://", carrier)
        self.mount("https://", carrier)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it leaves, signed."""
        request.url = self._there + str(request.url).removeprefix(self._here)
        kind = content_type(Call("POST", request.url, body=self._carrier.body))
        if kind:
            request.headers["Content-Type"] = kind
        return super().prepare_request(request)
