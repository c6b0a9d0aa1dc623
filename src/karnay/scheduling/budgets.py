"""Budgets: `17 per day`, `30 per 10 min`; how much of one is used, and when there is room again.

Every window is rolling. One that rolls keeps any fixed one, too: a day of 24 hours the network's
day in whichever zone, and a month of 31 days every calendar month and billing cycle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.accounts import Budget, Counts
from karnay.content.durations import BadDuration
from karnay.content.durations import parse as duration
from karnay.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

MOST = 1_000_000
"""No budget that a person means allows more than a million."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=366)
MONTH = timedelta(days=31)

_BUDGET = re.compile(
    r"(?P<most>[0-9][0-9,_]*)(?:\s+(?P<counts>[a-z]+))??\s*(?:\bper\b|\bevery\b|\bin\b|\ban?\b|/)"
    r"\s*(?P<window>\S.*)"
)
_REMEDY = "write it as 17 per day, 500 per month, 30 per 10 min or 100 requests per hour"
_COUNTS: dict[str | None, Counts] = {
    None: Counts.POSTS,
    "post": Counts.POSTS,
    "request": Counts.REQUESTS,
    **{counts.value: counts for counts in Counts},
}
_MONTHS = frozenset({"month", "1 month"})
_UNITS = (
    (MONTH, "month", "a month"),
    (timedelta(weeks=1), "weeks", "a week"),
    (timedelta(days=1), "days", "a day"),
    (timedelta(hours=1), "h", "an hour"),
    (timedelta(minutes=1), "min", "a minute"),
    (timedelta(seconds=1), "s", "a second"),
)


class BadBudget(ValueError):
    """A text that says no budget; the message says why and how to write one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a budget is used, and from when on `wanted` more have room (aware UTC)."""

    budget: Budget
    used: int
    wanted: int
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until` (aware UTC); the reason is for people."""

    until: datetime
    reason: str


def parse(text: str) -> Budget:
    """The budget that the text says. Raises BadBudget."""
    found = _BUDGET.fullmatch(" ".join(text.lower().split()))
    if not found:
        raise BadBudget(f'"{text}" is not a budget: {_REMEDY}')
    try:
        return Budget(_most(found["most"]), _window(found["window"]), _counts(found["counts"]))
    except ValueError as error:
        raise BadBudget(f'"{text}": {error}') from None


def _most(digits: str) -> int:
    number = re.sub("[,_]", "", digits).lstrip("0")
    if not number:
        raise BadBudget("nothing would ever go out; to stop an account, use `karnay pause`")
    if len(number) > len(str(MOST)) or int(number) > MOST:
        raise BadBudget(f"more than {MOST:,} is no budget")
    return int(number)


def _counts(word: str | None) -> Counts:
    if word not in _COUNTS:
        hint = did_you_mean(str(word), Counts)
        raise BadBudget(f'"{word}" is neither posts nor requests.{hint}')
    return _COUNTS[word]


def _window(words: str) -> timedelta:
    if words in _MONTHS:
        return MONTH
    try:
        window = duration(words if words[0].isdigit() else f"1 {words}")
    except BadDuration as error:
        raise BadBudget(str(error)) from None
    if not SHORTEST <= window <= LONGEST:
        raise BadBudget("its span is from a second to a year long")
    return window


def in_words(budget: Budget) -> str:
    """`17 a day`, `30 in 10 min`, `100 requests an hour`."""
    return f"{budget.most:,}{_kind(budget)} {_span(budget.window)}"


def _kind(budget: Budget) -> str:
    return " requests" if budget.counts is Counts.REQUESTS else ""


def _span(window: timedelta) -> str:
    unit, several, one = next(
        (row for row in _UNITS if not window % row[0]), (window, f"{window.total_seconds()} s", "")
    )
    if window == unit:
        return one or f"in {several}"
    return f"in {window // unit} {several}"


def free_at(
    budget: Budget, spent: Iterable[datetime], now: datetime, *, wanted: int = 1
) -> datetime:
    """The earliest moment, from `now` on, at which so many more fit into the budget.

    Until then nothing else may be spent. What was written down by a clock that is ahead of ours
    counts as of now. A thread longer than the whole budget begins when nothing of it is used; its
    parts are asked for one by one.
    """
    may_remain = max(0, budget.most - wanted)
    counted = _counted(budget, spent, now)
    if len(counted) <= may_remain:
        return now
    last_to_leave = counted[len(counted) - may_remain - 1]
    return max(now, last_to_leave + budget.window)


def _counted(budget: Budget, spent: Iterable[datetime], now: datetime) -> list[datetime]:
    """What the window that ends now holds, oldest first."""
    return sorted(min(moment, now) for moment in spent if moment + budget.window > now)


def usage(budget: Budget, spent: Sequence[datetime], now: datetime, *, wanted: int = 1) -> Usage:
    """How the budget stands, given the moments that spent of it."""
    used = len(_counted(budget, spent, now))
    return Usage(budget, used, wanted, free_at(budget, spent, now, wanted=wanted))


def wait(usages: Iterable[Usage], zone: ZoneInfo, now: datetime) -> Wait | None:
    """What to wait for, if any of the budgets has no room now: the one that is free last."""
    short = [one for one in usages if one.free_at > now]
    if not short:
        return None
    tightest = max(short, key=lambda one: one.free_at)
    return Wait(tightest.free_at, reason(tightest, zone, now))


def reason(short: Usage, zone: ZoneInfo, now: datetime) -> str:
    """`budget: 17 of 17 a day used; goes on at 14:05`, in that zone's wall clock."""
    budget = short.budget
    shared = f" by {len(budget.shared_by)} accounts" if len(budget.shared_by) > 1 else ""
    needed = f", {short.wanted} needed" if short.wanted > 1 else ""
    used = f"{short.used:,} of {in_words(budget)} used{shared}{needed}"
    return f"budget: {used}; goes on at {_clock(short.free_at, zone, now)}"


def _clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The minute from which on it is so, with the date where that is not today."""
    whole = (moment + timedelta(minutes=1) - timedelta(microseconds=1)).astimezone(zone)
    today = whole.date() == now.astimezone(zone).date()
    return whole.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
