"""What networks told of published parts, and what is to be asked next; on each database."""

from datetime import timedelta

import pytest

from builders import HOUR, NOON, an_order
from karnay.delivery.delivery import Delivery
from karnay.delivery.rules import Decision
from karnay.delivery.states import Event
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call
from karnay.store.database import Database
from karnay.store.figures import Figures
from karnay.store.journal import Journal
from karnay.store.queue import Queue

DAY = timedelta(days=1)
AGES = (HOUR, DAY, 7 * DAY)


@pytest.fixture
def figures(database: Database) -> Figures:
    return Figures(database)


@pytest.fixture
def published(queue: Queue, journal: Journal) -> Delivery:
    """A delivery that became public at noon."""
    queue.add([an_order()], NOON)
    [claimed] = journal.claim(NOON, HOUR)
    step = Step("create-1", Effect.ONCE, "k", Call("POST", "https://a.example"), part=0)
    attempt = journal.begin(claimed, step, NOON, HOUR, plan=[step])
    assert attempt
    receipt = Receipt("1", "https://a.example/1")
    return journal.finish(claimed, attempt, receipt, Decision(Event.FINISHED), NOON)


def ages_due(figures: Figures, after: timedelta) -> list[timedelta]:
    return [one.age for one in figures.due("telegram", AGES, NOON + after)]


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (HOUR - timedelta(seconds=1), []),
        (HOUR, [HOUR]),
        (2 * HOUR, []),  # too late for the first hour
        (DAY, [DAY]),
        (8 * DAY, [7 * DAY]),
        (14 * DAY, []),
    ],
)
def test_a_delivery_is_due_from_an_age_until_twice_that(
    figures: Figures, published: Delivery, after: timedelta, due: list[timedelta]
) -> None:
    assert ages_due(figures, after) == due


def test_what_was_counted_is_not_due_again(figures: Figures, published: Delivery) -> None:
    figures.keep(published.id, HOUR, {0: {"views": 3}}, NOON + HOUR)
    assert ages_due(figures, HOUR) == []


def test_a_paused_account_is_not_counted(
    figures: Figures, published: Delivery, queue: Queue
) -> None:
    queue.pause(["telegram"], "holiday", NOON)
    assert ages_due(figures, HOUR) == []


def test_what_is_not_published_is_never_due(figures: Figures, queue: Queue) -> None:
    queue.add([an_order()], NOON)
    assert ages_due(figures, HOUR) == []


def test_figures_are_kept_by_part_and_age(figures: Figures, published: Delivery) -> None:
    figures.keep(published.id, HOUR, {0: {"likes": 2, "views": 9}, 1: {"views": 4}}, NOON + HOUR)
    kept = [(one.post, one.part, one.age, one.name, one.value) for one in figures.of(["open-day"])]
    assert kept == [
        ("open-day", 0, HOUR, "likes", 2),
        ("open-day", 0, HOUR, "views", 9),
        ("open-day", 1, HOUR, "views", 4),
    ]


def test_what_another_machine_has_kept_stays(figures: Figures, published: Delivery) -> None:
    figures.keep(published.id, HOUR, {0: {"views": 9}}, NOON + HOUR)
    figures.keep(published.id, HOUR, {0: {"views": 10}}, NOON + HOUR)
    assert [one.value for one in figures.of()] == [9]


def test_figures_of_other_posts_are_left_out(figures: Figures, published: Delivery) -> None:
    figures.keep(published.id, HOUR, {0: {"views": 9}}, NOON + HOUR)
    assert figures.of(["another"]) == []
