"""How fast an account's queue goes: its least gap, and what its network asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from builders import NOON, an_order
from karnay.content.post import Late
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.engine.publisher import LEASE, Publisher
from karnay.platforms.base import Receipt
from karnay.platforms.registry import platform
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock

GAP, SECOND = timedelta(minutes=10), timedelta(seconds=1)


@pytest.fixture
def spaced(means: Means) -> Means:
    """The same, with a least gap for each of the accounts."""
    accounts = means.accounts.items()
    return replace(means, accounts={name: replace(one, least_gap=GAP) for name, one in accounts})


def queued(queue: Queue, *texts: tuple[str, ...], account: str = "telegram") -> list[int]:
    """A delivery to that account for each of these threads, all due at noon; their numbers."""
    orders = (
        an_order(*parts, post=f"{account}-{n}", account=account, late=Late.PUBLISH)
        for n, parts in enumerate(texts)
    )
    return [one.id for one in queue.add(orders, NOON)]


def answer(status: int, **headers: str) -> object:
    body = {"ok": False, "error_code": status, "description": "no"}
    return lambda _request: httpx.Response(status, json=body, headers=headers)


def cut(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset by peer")


def test_two_posts_of_an_account_are_its_least_gap_apart_whoever_sends_them(
    spaced: Means, queue: Queue, network, clock: FixedClock
) -> None:
    queued(queue, ("one",), ("two",))
    Daemon(spaced).run_once()
    clock.move(GAP - SECOND)
    Daemon(spaced).run_once()
    assert network.texts == ["one"]
    clock.move(SECOND)
    Daemon(spaced).run_once()
    assert network.texts == ["one", "two"]


def test_the_parts_of_a_thread_follow_without_a_gap(spaced: Means, queue: Queue, network) -> None:
    queued(queue, ("one", "two", "three"))
    Daemon(spaced).run_once()
    assert network.texts == ["one", "two", "three"]


def test_a_post_that_may_be_public_is_followed_by_the_gap(
    spaced: Means, queue: Queue, network
) -> None:
    network.reactions = [cut]
    queued(queue, ("one",), ("two",))
    Daemon(spaced).run_once()
    assert network.texts == []
    assert queue.accounts()["telegram"].quiet_until == NOON + GAP


def test_a_post_whose_worker_died_is_followed_by_the_gap(
    spaced: Means, publisher: Publisher, journal: Journal, queue: Queue, network
) -> None:
    def dies(_request: httpx.Request) -> httpx.Response:
        raise SystemExit

    network.reactions = [dies]
    queued(queue, ("one",), ("two",))
    [delivery] = journal.claim(NOON, LEASE)
    mortal = replace(publisher, accounts=spaced.accounts)
    with pytest.raises(SystemExit):
        mortal.publish(delivery)
    mortal.recover(delivery)
    assert queue.accounts()["telegram"].quiet_until == NOON + GAP


def test_half_a_thread_that_failed_is_followed_by_the_gap(
    spaced: Means, queue: Queue, network
) -> None:
    def refusing_the_next(request: httpx.Request) -> httpx.Response:
        network.reactions = []
        answered = network.handle_request(request)
        network.reactions = [answer(400)]
        return answered

    network.reactions = [refusing_the_next]
    queued(queue, ("one", "two"), ("three",))
    Daemon(spaced).run_once()
    assert network.texts == ["one"]


def test_a_post_that_was_refused_is_followed_at_once(spaced: Means, queue: Queue, network) -> None:
    network.reactions = [answer(400)]
    queued(queue, ("one",), ("two",))
    Daemon(spaced).run_once()
    assert network.texts == ["two"]


def test_a_post_that_was_found_there_is_followed_by_the_gap(
    spaced: Means, queue: Queue, network, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Receipt("9", "https://t.me/demo/9")
    monkeypatch.setattr(type(platform("telegram")), "find", lambda *_: seen)
    network.reactions = [cut]
    [lost] = queued(queue, ("one",))
    Daemon(spaced).run_once()
    clock.move(GAP)
    Daemon(spaced).run_once()
    assert queue.get(lost).state is State.PUBLISHED
    assert queue.accounts()["telegram"].quiet_until == NOON + 2 * GAP


def test_a_rate_limit_keeps_the_whole_queue_of_its_account_and_of_no_other(
    means: Means, queue: Queue, network, clock: FixedClock
) -> None:
    network.reactions = [answer(429, **{"Retry-After": "35"})]
    numbers = queued(queue, ("one",), ("two",))
    Daemon(means).run_once()
    queued(queue, ("elsewhere",), account="telegram-ru")
    clock.move(timedelta(seconds=34))
    Daemon(means).run_once()
    assert network.texts == ["elsewhere"]
    clock.move(SECOND)
    Daemon(means).run_once()
    assert network.texts == ["elsewhere", "one", "two"]
    assert [queue.get(number).tries for number in numbers] == [0, 0]


def test_a_network_in_trouble_that_names_a_time_is_left_alone_by_the_whole_account(
    means: Means, queue: Queue, network
) -> None:
    network.reactions = [answer(503, **{"Retry-After": "120"})]
    [lost, _] = queued(queue, ("one",), ("two",))
    Daemon(means).run_once()
    until = NOON + timedelta(seconds=120)
    assert network.texts == []
    assert queue.accounts()["telegram"].quiet_until == until
    assert queue.get(lost).look_at == until
