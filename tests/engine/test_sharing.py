"""Several machines over one PostgreSQL: the claim is made by one, and published by any."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest

from builders import NOON, an_order
from engine.conftest import Telegram
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.sharing import TwoConnections, offer
from karnay.errors import StoreError
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from postgres import Server

LEASE = timedelta(seconds=45)
OFFICES = 30


@pytest.fixture
def database(postgres_database: Database) -> Database:
    return postgres_database


@pytest.fixture
def offices(accounts: dict[str, Account]) -> dict[str, Account]:
    [first, *_] = accounts.values()
    return {name: replace(first, name=name) for name in map("office-{}".format, range(OFFICES))}


class Slow(Telegram):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        return super().handle_request(request)


@pytest.fixture
def start(database: Database, offices: dict[str, Account]) -> Iterator[Callable[..., Telegram]]:
    """Starts a daemon on a machine of its own; gives the network as that machine sees it."""
    running: list[Daemon] = []

    def started(database: Database = database) -> Telegram:
        network = Slow()
        running.append(Daemon(Means(database, offices, SystemClock(), network, workers=4)))
        running[-1].start()
        return network

    yield started
    for daemon in running:
        daemon.stop()


def queue_for_all(queue: Queue, offices: dict[str, Account]) -> None:
    now = SystemClock().now()
    queue.add([an_order(post="p", account=name, planned_at=now) for name in offices], now)


def all_published(queue: Queue) -> bool:
    return queue.counts()[State.PUBLISHED] == OFFICES


def until(true: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_what_is_due_is_shared_and_published_once(
    start: Callable[..., Telegram], queue: Queue, offices: dict[str, Account]
) -> None:
    one, other = start(), start()
    queue_for_all(queue, offices)
    assert until(partial(all_published, queue))
    assert len(one.texts) + len(other.texts) == OFFICES
    assert one.texts
    assert other.texts


def test_an_offer_is_taken_once(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    [offered] = journal.claim_for_all(NOON, LEASE, lambda *_: None, most=10)
    take = partial(journal.take, offered.id, offered.fence, NOON, LEASE)
    assert [take() is not None, take() is not None] == [True, False]


def test_an_offer_under_an_older_fence_is_taken_no_more(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    [offered] = journal.claim_for_all(NOON, LEASE, lambda *_: None, most=10)
    journal.claim_lost(NOON + LEASE, LEASE, all_others=False)
    assert journal.take(offered.id, offered.fence, NOON + LEASE, LEASE) is None


def test_an_offer_that_nobody_takes_is_found_when_its_lease_is_over(
    queue: Queue, journal: Journal
) -> None:
    queue.add([an_order()], NOON)
    [offered] = journal.claim_for_all(NOON, LEASE, lambda *_: None, most=10)
    [lost] = journal.claim_lost(NOON + LEASE, LEASE, all_others=False)
    assert lost.id == offered.id


def test_what_cannot_be_offered_is_not_claimed(queue: Queue, journal: Journal) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("no queue")

    [added] = queue.add([an_order()], NOON)
    with pytest.raises(StoreError):
        journal.claim_for_all(NOON, LEASE, refuse, most=10)
    assert queue.get(added.id).state is State.SCHEDULED


def test_a_job_for_a_delivery_that_is_no_longer_on_offer_does_nothing(
    start: Callable[..., Telegram], queue: Queue, journal: Journal, database: Database
) -> None:
    network = start()
    now = SystemClock().now()
    [added] = queue.add([an_order(account="office-1", planned_at=now)], now)
    assert until(lambda: queue.get(added.id).state is State.PUBLISHED)
    published = queue.get(added.id)
    with database.bare() as bare, bare.transaction():
        offer(bare.driver, [published])
    time.sleep(0.3)
    assert len(network.texts) == 1


async def _heard_of_itself(url: str) -> str | bytes | bytearray:
    """What is heard of a notice that was to be sent before anybody listened."""
    where = url.replace("+psycopg", "")
    connect = partial(psycopg.AsyncConnection.connect, where, autocommit=True)
    async with (
        await connect() as listening,
        await connect() as asking,
        TwoConnections(listening, asking) as driver,
    ):
        heard = asyncio.get_running_loop().create_future()
        sending = asyncio.create_task(driver.notify("probe", "hello"))
        await asyncio.sleep(0.1)
        await driver.add_listener("probe", heard.set_result)
        await sending
        return await asyncio.wait_for(heard, 5)


def test_a_notice_waits_until_somebody_listens(postgres_url: str) -> None:
    assert asyncio.run(_heard_of_itself(postgres_url)) == "hello"


@pytest.mark.slow
def test_a_daemon_outlives_a_restart_of_the_database(
    own_server: Server,
    own_database: Database,
    start: Callable[..., Telegram],
    offices: dict[str, Account],
) -> None:
    network = start(own_database)
    own_server.stop()
    own_server.start()
    queue = Queue(own_database, "somebody")
    queue_for_all(queue, offices)
    assert until(partial(all_published, queue))
    assert len(network.texts) == OFFICES


@pytest.fixture
def own_server() -> Iterator[Server]:
    from postgres import server

    made = server()
    yield made
    made.remove()


@pytest.fixture
def own_database(own_server: Server, tmp_path: Path) -> Iterator[Database]:
    opened = Database(own_server.url(own_server.with_schema()), tmp_path)
    yield opened
    opened.close()
