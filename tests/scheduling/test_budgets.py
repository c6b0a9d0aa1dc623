"""Budgets: how they are written, and when there is room again."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOUR, NOON
from karnay.accounts import Budget, Counts
from karnay.scheduling.budgets import (
    MOST,
    BadBudget,
    Wait,
    free_at,
    in_words,
    parse,
    reason,
    usage,
    wait,
)

DAY, MINUTE, TICK = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
TASHKENT = ZoneInfo("Asia/Tashkent")

spans = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
budgets = st.builds(Budget, most=st.integers(1, 6), window=spans)
moments = st.lists(st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 30)), max_size=12).map(  # noqa: DTZ001
    lambda found: [moment.replace(tzinfo=NOON.tzinfo) for moment in found]
)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("17 per day", Budget(17, DAY)),
        ("500 per month", Budget(500, 31 * DAY)),
        ("30 per 10 min", Budget(30, 10 * MINUTE)),
        ("10,000 a day", Budget(10_000, DAY)),
        ("3/hour", Budget(3, HOUR)),
        ("1 post every 2 hours", Budget(1, 2 * HOUR)),
        ("  5   Posts  PER  week ", Budget(5, 7 * DAY)),
        ("100 requests per 15 min", Budget(100, 15 * MINUTE, Counts.REQUESTS)),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert parse(text) == budget


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("17", '"17" is not a budget: write it as 17 per day, 500 per month'),
        ("", '"" is not a budget'),
        ("-3 per day", '"-3 per day" is not a budget'),
        ("٣ per day", '"٣ per day" is not a budget'),
        ("0 per day", "nothing would ever go out; to stop an account, use `karnay pause`"),
        ("1000001 per day", "more than 1,000,000 is no budget"),
        (f"{'9' * 5000} per day", "more than 1,000,000 is no budget"),
        ("12 pots a day", '"pots" is neither posts nor requests. Did you mean "posts"?'),
        ("5 per fortnight", '"fortnight" is not a unit of time'),
        ("5 per 0 min", "its span is from a second to a year long"),
        ("5 per 9 h per day", '"9 h per day" is not a duration'),
        ("5 per 367 days", "its span is from a second to a year long"),
    ],
)
def test_what_is_no_budget_says_why(text: str, message: str) -> None:
    with pytest.raises(BadBudget) as caught:
        parse(text)
    assert message in str(caught.value)


@given(
    st.lists(
        st.sampled_from(["9", "0", ",", "-", " ", "per", "a", "posts", "day", "/", "1.5", "h"])
    ).map("".join)
)
def test_any_text_is_a_budget_in_bounds_or_refused(text: str) -> None:
    try:
        budget = parse(text)
    except BadBudget:
        return
    assert 1 <= budget.most <= MOST
    assert timedelta(seconds=1) <= budget.window <= timedelta(days=366)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(17, DAY), "17 a day"),
        (Budget(1_000, 31 * DAY), "1,000 a month"),
        (Budget(30, 10 * MINUTE), "30 in 10 min"),
        (Budget(9, timedelta(seconds=90)), "9 in 90 s"),
        (Budget(9, timedelta(seconds=1.5)), "9 in 1.5 s"),
        (Budget(100, HOUR, Counts.REQUESTS), "100 requests an hour"),
    ],
)
def test_a_budget_is_told_in_words(budget: Budget, words: str) -> None:
    assert in_words(budget) == words


@given(st.integers(1, MOST), st.integers(1, 366 * 86_400), st.sampled_from(Counts))
def test_a_budget_in_words_is_the_same_budget(most: int, seconds: int, counts: Counts) -> None:
    budget = Budget(most, timedelta(seconds=seconds), counts)
    assert parse(in_words(budget)) == budget


def _sent(budget: Budget, wishes: list[datetime]) -> list[datetime]:
    """When each is sent that somebody wishes to send then, each as soon as there is room."""
    spent: list[datetime] = []
    for wish in sorted(wishes):
        spent.append(free_at(budget, spent, max([wish, *spent[-1:]])))
    return spent


@given(budgets, moments)
def test_no_window_ever_holds_more_than_the_budget(budget: Budget, wishes: list[datetime]) -> None:
    sent = _sent(budget, wishes)
    later = zip(sent, sent[budget.most :], strict=False)
    assert all(after - before >= budget.window for before, after in later)


@given(budgets, moments)
def test_what_waits_keeps_its_order(budget: Budget, wishes: list[datetime]) -> None:
    assert all(before <= after for before, after in pairwise(_sent(budget, wishes)))


@given(budgets, moments, st.integers(1, 8))
def test_it_is_never_later_than_needed(budget: Budget, spent: list[datetime], asked: int) -> None:
    known = [moment for moment in spent if moment <= NOON]
    free = free_at(budget, known, NOON, wanted=asked)
    just_before = sum(moment > free - TICK - budget.window for moment in known)
    assert free == NOON or just_before > max(0, budget.most - asked)


@given(budgets, moments, st.integers(1, 8))
def test_when_it_is_free_all_that_is_asked_for_fits(
    budget: Budget, spent: list[datetime], asked: int
) -> None:
    known = [moment for moment in spent if moment <= NOON]
    free = free_at(budget, known, NOON, wanted=asked)
    still_counted = sum(moment > free - budget.window for moment in known)
    assert still_counted + min(asked, budget.most) <= budget.most


@given(budgets, moments, st.integers(1, 8))
def test_the_wait_is_never_longer_than_the_window(
    budget: Budget, spent: list[datetime], asked: int
) -> None:
    assert NOON <= free_at(budget, spent, NOON, wanted=asked) <= NOON + budget.window


@given(budgets, moments, moments, st.integers(1, 8))
def test_having_spent_more_never_makes_it_sooner(
    budget: Budget, spent: list[datetime], more: list[datetime], asked: int
) -> None:
    less = free_at(budget, spent, NOON, wanted=asked)
    assert less <= free_at(budget, [*spent, *more], NOON, wanted=asked)


@given(budgets, moments, st.integers(1, 8))
def test_asking_for_more_never_makes_it_sooner(
    budget: Budget, spent: list[datetime], asked: int
) -> None:
    assert free_at(budget, spent, NOON, wanted=asked) <= free_at(
        budget, spent, NOON, wanted=asked + 1
    )


@given(budgets, moments)
def test_the_newest_as_many_as_the_budget_tell_all(budget: Budget, spent: list[datetime]) -> None:
    newest = sorted(spent, reverse=True)[: budget.most]
    assert free_at(budget, newest, NOON) == free_at(budget, spent, NOON)


def test_a_window_ends_to_the_microsecond() -> None:
    spent = [NOON - DAY]
    assert free_at(Budget(1, DAY), spent, NOON) == NOON
    assert free_at(Budget(1, DAY), spent, NOON - TICK) == NOON


def test_a_thread_waits_until_all_of_it_fits() -> None:
    spent = [NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR]
    assert free_at(Budget(5, DAY), spent, NOON, wanted=2) == NOON
    assert free_at(Budget(5, DAY), spent, NOON, wanted=4) == NOON - 2 * HOUR + DAY


def test_a_thread_longer_than_the_budget_begins_when_nothing_of_it_is_used() -> None:
    assert free_at(Budget(3, HOUR), [], NOON, wanted=5) == NOON
    assert free_at(Budget(3, HOUR), [NOON], NOON, wanted=5) == NOON + HOUR


def test_what_a_clock_ahead_of_ours_wrote_counts_as_of_now() -> None:
    assert free_at(Budget(1, HOUR), [NOON + DAY], NOON) == NOON + HOUR


def test_a_month_keeps_every_calendar_month_and_billing_cycle() -> None:
    assert parse("500 per month").window == timedelta(days=31)


@pytest.mark.parametrize(
    ("budget", "asked", "words"),
    [
        (Budget(2, DAY), 1, "budget: 2 of 2 a day used; goes on at 2026-11-25 15:00"),
        (Budget(2, 4 * HOUR), 1, "budget: 2 of 2 in 4 h used; goes on at 19:00"),
        (Budget(3, 4 * HOUR), 3, "budget: 2 of 3 in 4 h used, 3 needed; goes on at 20:00"),
        (
            Budget(2, 4 * HOUR, shared_by=frozenset({"x-uz", "x-en"})),
            1,
            "budget: 2 of 2 in 4 h used by 2 accounts; goes on at 19:00",
        ),
    ],
)
def test_a_person_reads_what_is_used_and_when_it_goes_on(
    budget: Budget, asked: int, words: str
) -> None:
    spent = [NOON - 2 * HOUR, NOON - HOUR]  # 15:00 and 16:00 in Tashkent
    assert reason(usage(budget, spent, NOON, wanted=asked), TASHKENT, NOON) == words


def test_the_minute_told_is_never_too_early() -> None:
    used = usage(Budget(1, HOUR), [NOON - MINUTE + timedelta(seconds=1)], NOON)
    assert reason(used, TASHKENT, NOON).endswith("goes on at 18:00")


def test_the_budget_that_is_free_last_is_waited_for() -> None:
    spent = [NOON]
    usages = [usage(Budget(1, HOUR), spent, NOON), usage(Budget(1, DAY), spent, NOON)]
    found = wait(usages, TASHKENT, NOON)
    assert isinstance(found, Wait)
    assert found.until == NOON + DAY


def test_where_all_budgets_have_room_there_is_nothing_to_wait_for() -> None:
    assert wait([usage(Budget(2, HOUR), [NOON], NOON)], TASHKENT, NOON) is None
