"""Several machines: whoever claims what is due offers it to all, through PgQueuer.

A job only says "this delivery is on offer, under this fence": one that comes twice, or late, finds
it taken and does nothing. The deliveries are the truth: were all jobs lost, the claims would run
out after their lease, and be made again. Only what is due now is ever in the queue.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import structlog
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver, SyncPsycopgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries, SyncQueries

from karnay.engine.publisher import LEASE
from karnay.store.engines import named
from karnay.store.remedies import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from pgqueuer.models import Job
    from pgqueuer.ports.driver import NotifyCallback

    from karnay.delivery.delivery import Delivery
    from karnay.store.database import Database
    from karnay.store.journal import Journal

    Publish = Callable[[int, int], Future[bool]]
    """Has a worker publish that delivery, on offer under that fence; false: somebody else must."""

log = structlog.get_logger(__name__)
logging.getLogger("pgqueuer").setLevel(logging.ERROR)  # what it warns of, we tell in our words

ENTRYPOINT = "karnay-delivery"

MOST_AT_ONCE = 1000
"""Deliveries that are claimed and offered in one transaction."""

_BATCH = 50  # jobs that one machine takes at a time, so that others get their share
_SILENT_FOR = timedelta(seconds=10)  # without a sign of life, another machine takes the job
_LOOKS_EVERY = timedelta(seconds=5)  # should a notice be lost
_AGAIN_AFTER = 1.0  # seconds after the database was not to be reached


class TwoConnections(PsycopgDriver):
    """Listens on one connection and asks on another, which thus never waits for a notice.

    A notice is not sent before somebody listens: PgQueuer probes at once whether it hears itself,
    and would give the connection up after 10 seconds.
    """

    def __init__(
        self, listening: psycopg.AsyncConnection[Any], asking: psycopg.AsyncConnection[Any]
    ) -> None:
        super().__init__(listening)
        self._asking = PsycopgDriver(asking)
        self._listens = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Ask."""
        return await self._asking.fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Ask for a change."""
        return await self._asking.execute(query, *args)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Listen from now on."""
        await super().add_listener(channel, callback)
        self._listens.set()

    async def notify(self, channel: str, payload: str) -> None:
        """Tell all who listen, once we do ourselves."""
        await self._listens.wait()
        await super().notify(channel, payload)


class Sharing:
    """One machine's part in the common queue."""

    def __init__(
        self, database: Database, journal: Journal, publish: Publish, *, workers: int
    ) -> None:
        self._database = database
        self._journal = journal
        self._publish = publish
        self._workers = workers
        self._stopping = Event()
        self._manager: tuple[asyncio.AbstractEventLoop, QueueManager] | None = None
        self._thread = Thread(target=self._keep_consuming, name="pgqueuer", daemon=True)

    def start(self) -> None:
        """Make the queue's tables, or bring them up to date, and take jobs from now on."""
        with translated(self._database.url, psycopg):
            asyncio.run(self._prepared())
        self._thread.start()

    def claimed(self, now: datetime, free: int) -> list[Delivery]:
        """Claim all that is due and offer it, in one transaction; nothing is the caller's own."""
        del free  # there may be free hands elsewhere
        self._journal.claim_for_all(now, LEASE, offer, most=MOST_AT_ONCE)
        return []

    def stop(self) -> None:
        """Take no more, and return when what was taken is done."""
        self._stopping.set()
        if self._manager is not None:
            loop, manager = self._manager
            loop.call_soon_threadsafe(manager.shutdown.set)
        if self._thread.is_alive():
            self._thread.join()

    async def _prepared(self) -> None:
        async with await self._connected() as connection:
            queries = Queries(PsycopgDriver(connection))
            async with queries.schema_lock():
                installed = await queries.schema_is_installed()
                if not installed:
                    await queries.install()
            if installed:
                await queries.upgrade()

    def _keep_consuming(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._consume())
            except Exception as error:  # noqa: BLE001 - whatever it is, the machine must come back
                log.warning(
                    "the common queue cannot be used; trying again", error=type(error).__name__
                )
                self._stopping.wait(_AGAIN_AFTER)

    async def _consume(self) -> None:
        async with await self._connected() as listening, await self._connected() as asking:
            manager = QueueManager(Queries(TwoConnections(listening, asking)))
            manager.entrypoint(ENTRYPOINT, accepts_context=False)(self._deliver)
            self._manager = (asyncio.get_running_loop(), manager)
            if self._stopping.is_set():
                return
            await manager.run(
                batch_size=min(_BATCH, max(1, self._workers // 2)),
                max_concurrent_tasks=max(2, self._workers),
                dequeue_timeout=_LOOKS_EVERY,
                heartbeat_timeout=_SILENT_FOR,
                shutdown_on_listener_failure=True,
            )

    async def _deliver(self, job: Job) -> None:
        number, fence = (job.payload or b"").decode().split()
        if not await asyncio.wrap_future(self._publish(int(number), int(fence))):
            raise RetryRequested(reason="this machine is stopping")

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        engine = self._database.engine
        args, options = engine.dialect.create_connect_args(engine.url)
        options = {**options, **named(), "autocommit": True}
        return await psycopg.AsyncConnection.connect(*args, **options)


def offer(connection: Any, deliveries: Sequence[Delivery]) -> None:
    """Put the deliveries into the queue, in the connection's transaction."""
    count = len(deliveries)
    payloads: list[bytes | None] = [f"{one.id} {one.fence}".encode() for one in deliveries]
    queries = SyncQueries(SyncPsycopgDriver(connection))
    queries.enqueue([ENTRYPOINT] * count, payloads, [0] * count)
