"""Others doing the same posts without a journal: bare httpx, PgQueuer, Procrastinate."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread, local
from typing import TYPE_CHECKING, Any

import httpx

from bench.engine.network import body
from bench.engine.office import text_of

if TYPE_CHECKING:
    from datetime import datetime

TIMEOUT = 60.0
TRUST = httpx.create_ssl_context()  # takes long to make: one for all, as we do
_ENTRYPOINT = "post"


def bare(url: str, count: int, threads: int, *, at: datetime | None = None) -> float:
    """Posts so many bodies in so many threads, a client each, from that moment on; posts a second.

    This is the floor: what Python and httpx take, however the work is organised.
    """
    tasks, ready = iter(range(count)), Barrier(threads + 1)
    workers = [Thread(target=_post_all, args=(url, tasks, ready, at)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return count / (time.perf_counter() - began)


def _post_all(url: str, tasks: Any, ready: Barrier, at: datetime | None) -> None:
    with httpx.Client(timeout=TIMEOUT, verify=TRUST) as client:
        ready.wait()
        if at is not None:
            time.sleep(max(0.0, at.timestamp() - time.time()))
        for number in tasks:
            _post(client, url, number)


def _post(client: httpx.Client, url: str, number: int) -> None:
    client.post(f"{url}/post", json=body(text_of(f"post-{number}"))).json()


def pgqueuer(connect: dict[str, Any], url: str, count: int, threads: int) -> float:
    """PgQueuer's jobs post, each in a thread; posts a second."""
    return asyncio.run(_pgqueuer(connect, url, count, threads))


async def _pgqueuer(connect: dict[str, Any], url: str, count: int, threads: int) -> float:
    import psycopg
    from pgqueuer.qm import QueueManager
    from pgqueuer.queries import Queries
    from pgqueuer.types import QueueExecutionMode

    from karnay.engine.sharing import TwoConnections

    poster, connected = Poster(url, threads), psycopg.AsyncConnection.connect
    async with (
        await connected(**connect, autocommit=True) as listening,
        await connected(**connect, autocommit=True) as asking,
    ):
        queries = Queries(TwoConnections(listening, asking))  # one alone: 26 posts a second
        await queries.install()
        payloads: list[bytes | None] = [str(number).encode() for number in range(count)]
        await queries.enqueue([_ENTRYPOINT] * count, payloads, [0] * count)
        manager = QueueManager(queries)

        @manager.entrypoint(_ENTRYPOINT)
        async def post(job: Any) -> None:
            await poster.post(int(job.payload))

        began = time.perf_counter()
        await manager.run(
            mode=QueueExecutionMode.drain, batch_size=threads, max_concurrent_tasks=2 * threads
        )
        return count / (time.perf_counter() - began)


def procrastinate(connect: dict[str, Any], url: str, count: int, threads: int) -> float:
    """Procrastinate's jobs post, each in a thread; posts a second."""
    return asyncio.run(_procrastinate(connect, url, count, threads))


async def _procrastinate(connect: dict[str, Any], url: str, count: int, threads: int) -> float:
    from procrastinate import App, PsycopgConnector

    poster = Poster(url, threads)
    app = App(connector=PsycopgConnector(kwargs=connect))

    @app.task(name=_ENTRYPOINT)
    async def post(number: int) -> None:
        await poster.post(number)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await post.batch_defer_async(*({"number": number} for number in range(count)))
        began = time.perf_counter()
        await app.run_worker_async(concurrency=threads, wait=False, install_signal_handlers=False)
        return count / (time.perf_counter() - began)


class Poster:
    """Posts in threads, a client each, for whoever lives in an event loop."""

    def __init__(self, url: str, threads: int) -> None:
        self._url = url
        self._pool = ThreadPoolExecutor(threads)
        self._own = local()

    async def post(self, number: int) -> None:
        """Post that one."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._post, number)

    def _post(self, number: int) -> None:
        if not hasattr(self._own, "client"):
            self._own.client = httpx.Client(timeout=TIMEOUT, verify=TRUST)
        _post(self._own.client, self._url, number)
