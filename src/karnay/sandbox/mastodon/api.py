"""Mastodon's REST API for one's own statuses: https://docs.joinmastodon.org/methods/statuses/.

Tokens: `sandbox-mastodon` is @tict_demo's, `sandbox-mastodon-<name>` is @<name>'s, and that of
@readonly has no scope to write.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import (
    Refusal,
    Troubles,
    answered,
    base_url,
    bearer,
    parameters,
    publishing,
)
from karnay.sandbox.marks import detected
from karnay.sandbox.mastodon import entities
from karnay.sandbox.mastodon.rules import language, refusals
from karnay.sandbox.quota import Quota, Quotas
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.world import World

TOKEN = "sandbox-mastodon"
MAIN_ACCOUNT = "tict_demo"
READ_ONLY = "readonly"
KEYS_LIVE = timedelta(hours=1)
_PER_TOKEN = (300, timedelta(minutes=5))
_STATUSES = (300, timedelta(hours=3))
_PAGE, _LONGEST_PAGE = 20, 40

_NOT_FOUND = Refusal(404, {"error": "Record not found"})
_NO_PARENT = Refusal(
    404, {"error": "The post you are trying to reply to does not appear to exist."}
)
_NO_MEDIA = "Media {} not found or already attached to another post"


def _invalid(reason: str) -> Refusal:
    return Refusal(422, {"error": f"Validation failed: {reason}"})


TROUBLES = Troubles(
    refuse=lambda: _invalid("Text character limit of 500 exceeded"),
    rate_limit=lambda _seconds: Refusal(429, {"error": "Too many requests"}),
    broken=lambda: Refusal(
        500, {"error": "We're sorry, but something went wrong on our end."}
    ),
)


@dataclass(frozen=True, slots=True)
class _Key:
    status: str
    until: datetime


class MastodonApi:
    """What a scheduler needs of a Mastodon server, strict to its documentation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._quotas = Quotas(world.clock)
        self._keys: dict[tuple[str, str], _Key] = {}
        self._numbers = count(1)

    def routes(self) -> list[Route]:
        """Below `/mastodon`, which stands for the server's own address."""
        publish = self._limited(self._publish, "statuses", *_STATUSES)
        post = publishing(self.world, "mastodon", TROUBLES)(publish)
        one = "/mastodon/api/v1/statuses/{id}"
        return [
            Route("/mastodon/api/v1/statuses", self._told_when_to_return(post), methods=["POST"]),
            Route(one, self._reading(self._status), methods=["GET"]),
            Route(one, self._reading(self._delete), methods=["DELETE"]),
            Route(f"{one}/source", self._reading(self._source), methods=["GET"]),
            Route("/mastodon/api/v1/accounts/verify_credentials", self._reading(self._verify)),
            Route("/mastodon/api/v1/accounts/{id}/statuses", self._reading(self._statuses)),
            Route("/mastodon/api/v1/instance", self._reading(self._instance_v1)),
            Route("/mastodon/api/v2/instance", self._reading(self._instance_v2)),
        ]
