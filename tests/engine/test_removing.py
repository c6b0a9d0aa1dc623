"""Taking down: the last part first, with what the network says of each; never a second posting."""

from dataclasses import dataclass, field, replace

import pytest

from builders import HOUR, NOON
from karnay.accounts import Account
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import State
from karnay.engine.publisher import Publisher
from karnay.engine.removing import Remover
from karnay.errors import (
    AccountError,
    NoAnswer,
    NotPossible,
    NotSent,
    PublishingError,
    RateLimited,
    Rejected,
)
from karnay.platforms.base import Receipt, Step
from karnay.platforms.wire import Wire
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.store.takedowns import Takedowns
from karnay.testing.clock import FixedClock


@dataclass
class Deleting:
    """A network that lets everything be taken down, but for the `answers`, one a request."""

    title: str = "Telegram"
    answers: list[Exception | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        self.asked.append(receipt.id)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


@dataclass
class Lasting:
    """A network that lets nothing be taken down."""

    title: str = "Stone"


@pytest.fixture
def network_of_stone() -> Lasting:
    return Lasting()


@pytest.fixture
def deleting() -> Deleting:
    return Deleting()


@pytest.fixture
def remover(publisher: Publisher, database: Database, deleting: Deleting) -> Remover:
    return Remover(
        Takedowns(database, "nilufar"),
        publisher.accounts,
        publisher.clock,
        publisher.wire,
        networks=lambda _: deleting,
    )


@pytest.fixture
def half(publishing, queue: Queue, network, publisher: Publisher) -> Delivery:
    """A thread of two whose second part was refused."""
    import httpx

    def refusing(_: httpx.Request) -> httpx.Response:
        said = {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}
        return httpx.Response(400, json=said)

    def first(request: httpx.Request) -> httpx.Response:
        network.reactions, later = [], network.reactions
        answer = network.handle_request(request)
        network.reactions = later
        return answer

    network.reactions = [first, refusing]
    failed: Delivery = publishing("One.", "Two.")
    assert failed.state is State.FAILED
    return failed


def test_the_last_part_is_taken_down_first(
    remover: Remover, publishing, deleting: Deleting
) -> None:
    delivery = publishing("One.", "Two.", "Three.")
    removal = remover.take_down(delivery)
    assert (deleting.asked, removal.standing) == (["3", "2", "1"], ())


def test_when_and_by_whom_is_kept(
    remover: Remover, publishing, clock: FixedClock, queue: Queue
) -> None:
    delivery = publishing()
    clock.move(HOUR)
    remover.take_down(delivery)
    [gone] = remover.takedowns.of([delivery.id])[delivery.id]
    assert (gone.link, gone.at, gone.who) == ("https://t.me/demo/1", NOON + HOUR, "nilufar")
    assert queue.get(delivery.id).state is State.PUBLISHED


def test_a_part_that_the_network_lets_stand_keeps_none_of_the_others(
    remover: Remover, publishing, deleting: Deleting
) -> None:
    deleting.answers = [Rejected("too old")]
    removal = remover.take_down(publishing("One.", "Two."))
    assert [part.receipt.id for part in removal.standing] == ["2"]
    assert [str(error) for _, error in removal.refusals] == ["too old"]


@pytest.mark.parametrize(
    "error",
    [NotSent("no line"), AccountError("who"), RateLimited("slow", NOON), NoAnswer("?"), KeyError()],
)
def test_after_any_other_failure_the_rest_waits_for_the_next_time(
    remover: Remover, publishing, deleting: Deleting, error: PublishingError
) -> None:
    deleting.answers = [error]
    delivery = publishing("One.", "Two.")
    assert len(remover.take_down(delivery).standing) == 2
    assert remover.take_down(delivery).standing == ()
    assert deleting.asked == ["2", "2", "1"]


def test_half_a_thread_is_taken_down(remover: Remover, half: Delivery, deleting: Deleting) -> None:
    assert remover.take_down(half).standing == ()
    assert deleting.asked == ["1"]


def test_what_was_taken_down_is_not_retried(remover: Remover, half: Delivery, queue: Queue) -> None:
    remover.take_down(half)
    with pytest.raises(NotPossible, match="--again"):
        queue.retry(half.id, NOON)


def test_what_may_be_gone_is_not_retried(
    remover: Remover, half: Delivery, queue: Queue, deleting: Deleting
) -> None:
    deleting.answers = [NoAnswer("?")]
    remover.take_down(half)
    with pytest.raises(NotPossible, match="--again"):
        queue.retry(half.id, NOON)


def test_what_was_let_stand_can_be_retried(
    remover: Remover, half: Delivery, queue: Queue, deleting: Deleting
) -> None:
    deleting.answers = [Rejected("too old")]
    remover.take_down(half)
    assert queue.retry(half.id, NOON).state is State.SCHEDULED


def test_what_was_retried_meanwhile_is_not_taken_down(
    remover: Remover, half: Delivery, queue: Queue, deleting: Deleting
) -> None:
    [part] = remover.takedowns.standing(half)
    queue.retry(half.id, NOON)
    with pytest.raises(NotPossible, match="karnay queue cancel"):
        remover.takedowns.begin(half, part, NOON)
    assert deleting.asked == []


def test_a_network_that_cannot_names_the_link_to_do_it_by_hand(
    remover: Remover, publishing, network_of_stone: Lasting
) -> None:
    stony = replace(remover, networks=lambda _: network_of_stone)
    with pytest.raises(NotPossible, match=r"Stone lets nothing .*: https://t.me/demo/1$"):
        stony.take_down(publishing())


def test_a_delivery_of_an_account_that_is_gone_cannot_be_taken_down(
    remover: Remover, publishing
) -> None:
    delivery = publishing()
    with pytest.raises(NotPossible, match=r"no longer in karnay\.toml"):
        replace(remover, accounts={}).take_down(delivery)


def test_the_trail_says_what_the_network_said(
    remover: Remover, publishing, queue: Queue, deleting: Deleting
) -> None:
    deleting.answers = [Rejected("too old")]
    delivery = publishing()
    remover.take_down(delivery)
    last = queue.history(delivery.id).trail[-1]
    assert (last.who, last.action) == ("nilufar", "left standing")
    assert last.detail.endswith("too old")
