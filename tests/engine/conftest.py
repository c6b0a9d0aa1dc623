"""A publisher and a daemon over one database, a still clock, and a network in memory."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from builders import HOUR, NOON, an_order
from karnay.accounts import Account
from karnay.delivery.delivery import Delivery
from karnay.engine.daemon import Daemon, Means
from karnay.engine.publisher import Publisher
from karnay.platforms.registry import platform
from karnay.platforms.wire import Wire
from karnay.store.budgets import Budgets
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock


class Telegram(httpx.BaseTransport):
    """Telegram in memory: numbers what it is sent; `reactions` are used up first, one a request."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.reactions: list[Callable[[httpx.Request], httpx.Response]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.reactions:
            return self.reactions.pop(0)(request)
        import json

        self.texts.append(json.loads(request.read())["text"])
        chat = {"id": -100123, "username": "demo", "type": "channel"}
        message = {"message_id": len(self.texts), "chat": chat, "date": 1}
        return httpx.Response(200, json={"ok": True, "result": message})


TELEGRAM = {"chat": "@demo", "token": "env:TG", "look_back": False}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def network() -> Telegram:
    return Telegram()


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Account]:
    monkeypatch.setenv("TG", "424242:AAH-secret-token-of-the-test")
    details = platform("telegram").details.model_validate(TELEGRAM)
    return {name: Account(name, "telegram", "en", details) for name in ("telegram", "telegram-ru")}


@pytest.fixture
def publisher(
    journal: Journal,
    accounts: dict[str, Account],
    clock: FixedClock,
    network: Telegram,
    database: Database,
) -> Iterator[Publisher]:
    wire = Wire(clock, transport=network)
    yield Publisher(journal, accounts, clock, wire, Budgets(database), luck=lambda: 0.5)
    wire.close()


@pytest.fixture
def publishing(publisher: Publisher, queue: Queue) -> Callable[..., Delivery]:
    """Queues these parts, and publishes them as far as it goes."""

    def publish(*texts: str, post: str = "open-day") -> Delivery:
        queue.add([an_order(*texts, post=post)], NOON)
        [claimed] = publisher.journal.claim(publisher.clock.now(), HOUR)
        done = publisher.publish(claimed)
        assert done
        return done

    return publish


@pytest.fixture
def means(
    database: Database, accounts: dict[str, Account], clock: FixedClock, network: Telegram
) -> Means:
    return Means(database, accounts, clock, network, workers=4)


@pytest.fixture
def daemon(means: Means) -> Iterator[Daemon]:
    made = Daemon(means)
    yield made
    made.stop()
