"""Slots: weekly wall-clock times, `mon-fri 09:00`, that stay the same all year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING

from karnay.errors import did_you_mean
from karnay.scheduling.wallclock import BadTime, check_clock, moved
from karnay.scheduling.weekdays import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from zoneinfo import ZoneInfo

_EVERY_DAY = frozenset(range(7))
_REMEDY = "write it as mon-fri 09:00, sat 11:00 or daily 10:00,17:30"
_BEFORE, _AFTER = 2, 9  # days around a moment: a week, and what a clock change can move


@dataclass(frozen=True, slots=True)
class Slot:
    """Days of the week, 0 for Monday, and the times of day at which an account likes to post."""

    days: frozenset[int]
    times: tuple[time, ...]


def parse(texts: Iterable[str]) -> tuple[Slot, ...]:
    """The slots that the texts say: `mon-fri 09:00`, `sat,sun 11:00`, `daily 10:00,17:30`.

    Days may be named in English, Russian or Uzbek. Raises BadTime.
    """
    return tuple(_slot(text) for text in texts)


def _slot(text: str) -> Slot:
    words = re.sub(r"\s*([,-])\s*", r"\1", text.strip().lower().replace("–", "-")).split()
    if len(words) != 2:
        raise BadTime(f'"{text}" is not a slot: {_REMEDY}')
    days, times = words
    return Slot(_days(days), tuple(sorted({_time(word) for word in times.split(",")})))


def upcoming(slots: Iterable[str], zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """All moments of the slots strictly after that one, in order, each once, aware in UTC.

    A time that a clock change skips moves forward by the gap; one that it repeats comes once.
    Without slots there are none. Raises BadTime for a slot that is none.
    """
    parsed = parse(slots)
    while moment := _next(parsed, zone, after):
        yield moment
        after = moment


def next_free(
    slots: Iterable[str], zone: ZoneInfo, after: datetime, taken: Collection[datetime] = ()
) -> datetime:
    """The first moment of the slots strictly after that one that is not taken, aware in UTC.

    Raises BadTime when there are no slots, or when one is none.
    """
    busy = {moment.astimezone(UTC) for moment in taken}
    free = (moment for moment in upcoming(slots, zone, after) if moment not in busy)
    found = next(free, None)
    if found is None:
        raise BadTime(f"there is no slot to come: give the account `slots`, {_REMEDY}")
    return found


def _next(slots: tuple[Slot, ...], zone: ZoneInfo, after: datetime) -> datetime | None:
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=offset) for offset in range(-_BEFORE, _AFTER))
    moments = (moment for day, slot in product(days, slots) for moment in _on(day, slot, zone))
    return min((moment for moment in moments if moment > after), default=None)


def _on(day: date, slot: Slot, zone: ZoneInfo) -> Iterator[datetime]:
    if day.weekday() in slot.days:
        yield from (moved(datetime.combine(day, clock), zone) for clock in slot.times)


def _days(text: str) -> frozenset[int]:
    if text in {"daily", "everyday"}:
        return _EVERY_DAY
    return frozenset().union(*(_span(word) for word in text.split(",")))


def _span(word: str) -> frozenset[int]:
    """The days of `sat`, or of `fri-mon`, which goes over the week's end."""
    first, _, last = word.partition("-")
    start, end = _day(first), _day(last or first)
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _day(word: str) -> int:
    if word not in WEEKDAYS:
        hint = did_you_mean(word, (*WEEKDAYS, "daily")) or f" {_REMEDY.capitalize()}"
        raise BadTime(f'"{word}" is not a day of the week.{hint}')
    return WEEKDAYS[word]


def _time(word: str) -> time:
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", word)
    if not found:
        raise BadTime(f'"{word}" is not a time of day: {_REMEDY}')
    hour, minute = int(found[1]), int(found[2])
    check_clock(hour, minute)
    return time(hour, minute)
