"""Rounds that ask how posts are received: in their time, and never in the way."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from builders import HOUR, NOON
from karnay.accounts import Account
from karnay.engine.counting import MOST, QUIET, Counter, Rounds
from karnay.engine.publisher import Publisher
from karnay.errors import AccountError, NotPossible, PublishingError, RateLimited, Rejected
from karnay.platforms.base import Receipt, Step
from karnay.platforms.registry import platform
from karnay.platforms.wire import Wire
from karnay.store.database import Database
from karnay.store.figures import Figures
from karnay.store.takedowns import Takedowns
from karnay.testing.clock import FixedClock


@dataclass
class Counting:
    """A network that numbers its answers; `answers` are used up first, one a question."""

    name: str = "telegram"
    title: str = "Telegram"
    answers: list[PublishingError | dict[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        self.asked.append(receipt.id)
        answer = self.answers.pop(0) if self.answers else {"views": len(self.asked)}
        if isinstance(answer, PublishingError):
            raise answer
        return answer


@pytest.fixture
def network_of_counts() -> Counting:
    return Counting()


@pytest.fixture
def figures(database: Database) -> Figures:
    return Figures(database)


@pytest.fixture
def counter(
    publisher: Publisher, database: Database, figures: Figures, network_of_counts: Counting
) -> Counter:
    takedowns = Takedowns(database, "nilufar")
    asking = lambda _: network_of_counts  # noqa: E731
    return Counter(
        figures, takedowns, publisher.accounts, publisher.clock, publisher.wire, networks=asking
    )


@pytest.fixture
def rounds(counter: Counter) -> Rounds:
    return Rounds(lambda: nullcontext(counter))


def values(figures: Figures) -> list[tuple[int, str, int]]:
    return [(one.part, one.name, one.value) for one in figures.of()]


def test_a_delivery_is_counted_once_when_it_comes_of_age(
    rounds: Rounds, publishing, figures: Figures, clock: FixedClock, network_of_counts: Counting
) -> None:
    publishing()
    rounds.run()
    clock.move(HOUR)
    rounds.run()
    rounds.run()
    assert (values(figures), network_of_counts.asked) == ([(0, "views", 1)], ["1"])


def test_every_part_is_counted(
    rounds: Rounds, publishing, figures: Figures, clock: FixedClock
) -> None:
    publishing("One.", "Two.")
    clock.move(HOUR)
    rounds.run()
    assert values(figures) == [(0, "views", 1), (1, "views", 2)]


def test_a_part_that_the_network_has_no_more_keeps_none_of_the_others(
    rounds: Rounds, publishing, figures: Figures, clock: FixedClock, network_of_counts: Counting
) -> None:
    publishing("One.", "Two.")
    network_of_counts.answers = [Rejected("it is not there")]
    clock.move(HOUR)
    rounds.run()
    assert values(figures) == [(1, "views", 2)]


@pytest.mark.parametrize(
    ("error", "after"),
    [(AccountError("who are you"), QUIET), (RateLimited("slow down", NOON + 1.5 * HOUR), HOUR / 2)],
)
def test_an_account_whose_network_does_not_answer_is_left_alone_for_a_while(
    rounds: Rounds,
    publishing,
    clock: FixedClock,
    network_of_counts: Counting,
    error: PublishingError,
    after: timedelta,
) -> None:
    publishing(post="a")
    publishing(post="b")
    network_of_counts.answers = [error]
    clock.move(HOUR)
    rounds.run()
    clock.move(after - timedelta(seconds=1))
    rounds.run()
    assert network_of_counts.asked == ["1"]
    clock.move(timedelta(seconds=1))
    rounds.run()
    assert network_of_counts.asked == ["1", "1", "2"]


def test_what_was_refused_is_not_asked_every_minute(
    rounds: Rounds, publishing, clock: FixedClock, network_of_counts: Counting
) -> None:
    publishing()
    network_of_counts.answers = [Rejected("it is not there")]
    clock.move(HOUR)
    rounds.run()
    clock.move(timedelta(minutes=1))
    rounds.run()
    assert network_of_counts.asked == ["1"]


def test_one_round_asks_for_a_few_only(
    rounds: Rounds, publishing, clock: FixedClock, network_of_counts: Counting
) -> None:
    [publishing(post=f"p{number}") for number in range(MOST + 1)]
    clock.move(HOUR)
    rounds.run()
    assert len(network_of_counts.asked) == MOST


def test_an_unforeseen_error_ends_no_daemon(
    rounds: Rounds, publishing, clock: FixedClock, figures: Figures, network_of_counts: Counting
) -> None:
    publishing()
    network_of_counts.answers = [{"views": None}]  # type: ignore[dict-item]
    clock.move(HOUR)
    rounds.run()
    assert values(figures) == []


def test_after_stop_nobody_is_asked(
    rounds: Rounds, publishing, clock: FixedClock, network_of_counts: Counting
) -> None:
    publishing()
    clock.move(HOUR)
    rounds.stop()
    rounds.run()
    assert network_of_counts.asked == []


def test_a_network_that_counts_nothing_is_passed_over(
    counter: Counter, publishing, clock: FixedClock, network
) -> None:
    publishing()
    clock.move(HOUR)
    Rounds(lambda: nullcontext(replace(counter, networks=platform))).run()
    assert network.texts == ["Open day on Saturday."]


def test_what_was_taken_down_is_counted_no_more(
    counter: Counter, publishing, clock: FixedClock
) -> None:
    delivery = publishing()
    [part] = counter.takedowns.standing(delivery)
    counter.takedowns.begin(delivery, part, clock.now())
    counter.takedowns.end(delivery, part, clock.now())
    with pytest.raises(NotPossible, match="nothing of delivery 1 is public"):
        counter.count(delivery)


def test_counted_by_hand_a_delivery_has_its_very_age(
    counter: Counter, publishing, clock: FixedClock, figures: Figures
) -> None:
    delivery = publishing()
    clock.move(timedelta(minutes=90))
    assert counter.count(delivery)
    assert [one.age for one in figures.of()] == [timedelta(minutes=90)]
