"""Budgets, kept by publishers and daemons: the network is never asked for more than there is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import HOUR, NOON, an_order
from karnay.accounts import Account, Budget
from karnay.content.post import Late
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import State
from karnay.engine.daemon import Daemon, Means
from karnay.store.budgets import ASK_AGAIN
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock

DAY = timedelta(days=1)
TWO_A_DAY = Budget(2, DAY)


def on_budget(means: Means, *budgets: Budget) -> Means:
    """The same, with these budgets for each of the accounts."""
    accounts = means.accounts.items()
    return replace(means, accounts={name: replace(one, budgets=budgets) for name, one in accounts})


def queued(queue: Queue, count: int) -> list[Delivery]:
    """So many deliveries to one account, all due at noon, none ever too late."""
    orders = (an_order(f"text {n}", post=f"p{n}", late=Late.PUBLISH) for n in range(count))
    return queue.add(orders, NOON)


@pytest.fixture
def thrifty(means: Means) -> Means:
    return on_budget(means, TWO_A_DAY)


def test_one_more_than_the_budget_waits_and_the_network_is_not_asked(
    thrifty: Means, queue: Queue, network
) -> None:
    *_, last = queued(queue, 3)
    Daemon(thrifty).run_once()
    assert network.texts == ["text 0", "text 1"]
    waiting = queue.get(last.id)
    assert (waiting.state, waiting.tries) == (State.SCHEDULED, 0)
    assert queue.history(last.id).attempts == ()


def test_what_waits_goes_out_when_the_window_has_moved_on(
    thrifty: Means, queue: Queue, network, clock: FixedClock
) -> None:
    queued(queue, 3)
    Daemon(thrifty).run_once()
    clock.move(DAY - timedelta(seconds=1))
    Daemon(thrifty).run_once()
    assert len(network.texts) == 2
    clock.move(timedelta(seconds=1))
    Daemon(thrifty).run_once()
    assert network.texts == ["text 0", "text 1", "text 2"]


def test_a_waiting_delivery_says_what_it_waits_for(thrifty: Means, queue: Queue) -> None:
    *_, last = queued(queue, 3)
    Daemon(thrifty).run_once()
    said = "budget: 2 of 2 a day used; goes on at 2026-11-25 12:00"
    assert queue.get(last.id).error == said
    assert [one.detail for one in queue.history(last.id).trail if one.action == "waits"] == [said]


def test_asking_again_tells_the_same_story_only_once(
    thrifty: Means, queue: Queue, clock: FixedClock
) -> None:
    *_, last = queued(queue, 3)
    Daemon(thrifty).run_once()
    clock.move(ASK_AGAIN)
    Daemon(thrifty).run_once()
    assert [one.action for one in queue.history(last.id).trail] == ["queued", "waits"]


def test_a_budget_that_a_person_raised_is_noticed_before_its_window_is_over(
    means: Means, thrifty: Means, queue: Queue, network, clock: FixedClock
) -> None:
    queued(queue, 3)
    Daemon(thrifty).run_once()
    clock.move(ASK_AGAIN)
    Daemon(on_budget(means, Budget(3, DAY))).run_once()
    assert len(network.texts) == 3


def test_a_thread_is_begun_only_when_all_of_it_has_room(
    thrifty: Means, queue: Queue, network, clock: FixedClock
) -> None:
    queue.add(
        [an_order("one", post="a"), an_order("two", "three", post="b", late=Late.PUBLISH)], NOON
    )
    Daemon(thrifty).run_once()
    assert network.texts == ["one"]
    clock.move(DAY)
    Daemon(thrifty).run_once()
    assert network.texts == ["one", "two", "three"]


def test_what_would_expire_before_there_is_room_fails_and_says_why(
    thrifty: Means, queue: Queue
) -> None:
    queued(queue, 2)
    [last] = queue.add([an_order(post="z", expires_at=NOON + ASK_AGAIN)], NOON)
    Daemon(thrifty).run_once()
    failed = queue.get(last.id)
    assert failed.state is State.FAILED
    assert "expired before it could be sent: budget: 2 of 2 a day used" in failed.error


def _many(one: Account, count: int, budget: Budget) -> dict[str, Account]:
    names = [f"telegram-{n}" for n in range(count)]
    shared = replace(budget, shared_by=frozenset(names))
    return {name: replace(one, name=name, budgets=(shared,)) for name in names}


def test_two_machines_never_send_more_than_a_shared_budget(
    postgres_url: str, tmp_path: Path, means: Means, network
) -> None:
    accounts = _many(means.accounts["telegram"], 12, Budget(5, HOUR))
    with (
        closing(Database(postgres_url, tmp_path)) as here,
        closing(Database(postgres_url, tmp_path)) as there,
        ThreadPoolExecutor(2) as machines,
    ):
        Queue(here, "nilufar").add([an_order(account=name) for name in accounts], NOON)
        both = [replace(means, database=one, accounts=accounts) for one in (here, there)]
        list(machines.map(lambda one: Daemon(one).run_once(), both))
        assert Queue(here, "nilufar").counts()[State.PUBLISHED] == 5
    assert len(network.texts) == 5


def test_two_machines_never_send_more_than_an_accounts_own_budget(
    postgres_url: str, tmp_path: Path, thrifty: Means, network
) -> None:
    with (
        closing(Database(postgres_url, tmp_path)) as here,
        closing(Database(postgres_url, tmp_path)) as there,
        ThreadPoolExecutor(2) as machines,
    ):
        queued(Queue(here, "nilufar"), 6)
        both = [replace(thrifty, database=one) for one in (here, there)]
        list(machines.map(lambda one: Daemon(one).run_once(), both))
    assert len(network.texts) == 2
