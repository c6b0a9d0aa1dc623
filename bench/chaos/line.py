"""The line between the daemons and the networks: passes requests on, spoils some, sees all."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from bench.chaos import messages
from bench.chaos.accounts import FORGETS_KEYS, STUMBLES_OVER_KEYS
from bench.chaos.troubles import TROUBLES, chosen
from bench.chaos.witness import PASSED, Witness

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from bench.chaos.clock import SharedClock
    from bench.chaos.messages import Request
    from bench.chaos.witness import Seen

HOST = "127.0.0.1"
_KEY = "Idempotency-Key"


class Reactor:
    """An event loop in a thread of its own, for all lines of an attack."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="lines", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have the loop do it, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    def stop(self) -> None:
        """Drop whatever still goes on."""
        self.loop.set_exception_handler(lambda *_: None)  # streams report what is cancelled
        self.run(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass(eq=False)
class _Passage:
    """One request on its way over a line."""

    line: Line
    request: Request
    seen: Seen
    luck: Random
    writer: asyncio.StreamWriter

    async def ask(self) -> bytes:
        """Pass the request on; the network's whole answer."""
        said = await self.line.ask(self.request, self.seen.account)
        self.seen.status = messages.status_of(said)
        return said

    async def tell(self, answer: bytes) -> None:
        """Give the daemon that for an answer, if it is still there to hear it."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(answer)
            await self.writer.drain()

    def cut(self) -> None:
        """Reset the daemon's connection."""
        self.writer.transport.abort()

    async def wait(self, seconds: float) -> None:
        """Let that time of the attack's clock pass."""
        await asyncio.sleep(seconds / self.line.clock.speed)


class Line:
    """Listens in the networks' place; `witness` has seen every request that came.

    `storms` names what befalls all requests to a platform, before the seed is asked; `calm` lets
    every request pass.
    """

    def __init__(self, network: tuple[str, int], clock: SharedClock, seed: str) -> None:
        self.clock = clock
        self.witness = Witness()
        self.storms: dict[str, str] = {}
        self.calm = False
        self._network = network
        self._seed = seed
        self._answered_keys: set[str] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._under_way: set[_Passage] = set()
        self._port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the daemons find the networks."""
        return f"http://{HOST}:{self._port}"

    @property
    def busy(self) -> bool:
        """Whether some request is still on its way to a network."""
        return bool(self._under_way)

    async def open(self) -> None:
        """Listen, at the same port every time."""
        self._server = await asyncio.start_server(
            self._serve, HOST, self._port, reuse_address=True, backlog=512
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse new connections, and reset the present ones."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def ask(self, request: Request, account: str) -> bytes:
        """The network's answer, with the quirks of the account's server."""
        key = request.header(_KEY)
        if account in FORGETS_KEYS:
            return await messages.ask(request.without(_KEY), *self._network)
        if account in STUMBLES_OVER_KEYS and key in self._answered_keys:
            return messages.answer(500, b'{"error": "undefined method for nil"}')
        said = await messages.ask(request, *self._network)
        if key and messages.status_of(said) == 200:
            self._answered_keys.add(key)
        return said

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while not writer.is_closing() and (request := await messages.read_request(reader)):
                await self._carry(request, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _carry(self, request: Request, writer: asyncio.StreamWriter) -> None:
        seen = self.witness.saw(request, self.clock.true())
        luck = Random(f"{self._seed} request {len(self.witness.log)}")  # noqa: S311
        seen.deed = self._deed(request, luck)
        passage = _Passage(self, request, seen, luck, writer)
        self._under_way.add(passage)
        try:
            await TROUBLES[seen.deed].act(passage)
        finally:
            self._under_way.discard(passage)

    def _deed(self, request: Request, luck: Random) -> str:
        if self.calm:
            return PASSED
        return self.storms.get(request.platform) or chosen(request, luck)
