"""The benchmark's network, over HTTP: `python -m bench.engine.server PORT SECONDS`.

As thin as a server in Python can be, so that what is measured is whoever posts.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

BACKLOG = 4096
_arrivals: list[float] = []
_HEADERS = [(b"content-type", b"application/json")]


def application(after: float) -> Callable[..., Any]:
    """An ASGI application that answers each post that many seconds after it came."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        came = time.time()
        while (await receive()).get("more_body"):
            pass
        if scope["method"] == "POST":
            _arrivals.append(came)
            await asyncio.sleep(after)
            content = b'{"id":"%d","link":"https://bench.example/%d"}' % ((len(_arrivals),) * 2)
        else:
            content = json.dumps(_arrivals).encode()
            _arrivals.clear()
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": content})

    return answer


if __name__ == "__main__":
    uvicorn.run(
        application(float(sys.argv[2])),
        port=int(sys.argv[1]),
        http="httptools",
        log_level="error",
        access_log=False,
        backlog=BACKLOG,
        lifespan="off",
    )
