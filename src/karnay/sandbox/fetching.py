"""A network that fetches a picture itself, from the address that it was given."""

from __future__ import annotations

import httpx

PATIENCE = 10.0  # seconds for each step of a fetch
MOST_BYTES = 320_000_000


class NotFetched(Exception):
    """The address gives no file; the network says so in its own words."""


async def fetched(url: str, cap: int = MOST_BYTES) -> bytes:
    """The bytes at an http(s) address, on this machine, too. Raises NotFetched."""
    try:
        async with (
            httpx.AsyncClient(timeout=PATIENCE, follow_redirects=True, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            return await _capped(answer, cap)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotFetched(str(error)) from error


async def _capped(answer: httpx.Response, cap: int) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > cap:
            raise NotFetched("too large")
    return bytes(content)
