"""What the sandbox's tests share: its application, asked in process, on a clock that stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from karnay.sandbox.app import application
from karnay.sandbox.world import World
from karnay.testing.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator


class InProcess(httpx.BaseTransport):
    """Asks the ASGI application without a socket; each request in a loop of its own."""

    def __init__(self, world: World) -> None:
        self._transport = httpx.ASGITransport(application(world))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._transport.handle_async_request(asked)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


@pytest.fixture
def clock() -> FixedClock:
    """The sandbox's clock."""
    return FixedClock()


@pytest.fixture
def world(clock: FixedClock) -> World:
    """What the sandbox remembers."""
    return World(clock)


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    """Asks the sandbox."""
    with httpx.Client(transport=InProcess(world), base_url="http://sandbox.test") as client:
        yield client
