"""Human dates for the command line: one certain moment, or a refusal that says why.

dateparser reads only the date in a phrase, and what it reads is checked: asked for all, it drops
`25:00` from "tomorrow 25:00", drops "UTC" from any phrase, and takes "5" for a day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from karnay.content import durations
from karnay.scheduling import phrases
from karnay.scheduling.wallclock import BadTime, at, check_clock, resolve, spoken
from karnay.scheduling.weekdays import WEEKDAYS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_LONGEST = 80  # characters
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?!\d).*", re.DOTALL)
_DISTANCE = re.compile(r"\s*\((?:now|in [^()]*|[^()]* ago)\)$")
_OFFSET = re.compile(r"\+\s*\d|(?:\s|:\d\d)[-−]\s*\d{1,4}$")
_CLOCK = re.compile(
    r"(?:\b(?P<lead>at|в|во|soat)\s*)?(?<![\d:.])(?P<hour>\d{1,2})"
    # with a dot, only what cannot be a day and its month
    r"(?::|\.(?(lead)|(?=(?:00|1[3-9]|[2-5]\d)(?!\s*(?:[hdwms]|hours?|days?|weeks?|min)\b))))"
    r"(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?![\d:]|\.\d)"
    r"(?:\s*(?P<half>am|pm|утра|дня|вечера)\b)?(?:\s*-?da\b)?"
)
_HOUR = re.compile(
    r"\b(?P<lead>at|в|во|soat)\s*(?P<hour>\d{1,2})(?:\s*(?:ч|час|часа|часов)\b)?"
    r"(?:\s*(?P<half>am|pm|утра|дня|вечера)|\s*-?da)?$"
    r"|(?<![\d:.])(?P<bare>\d{1,2})\s*(?:(?P<part>am|pm|утра|вечера)\b|-?da\b)"
)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(?:20)?(\d{2}))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(/\d{2,4})?")
_LATER_HALF = frozenset({"pm", "дня", "вечера"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person said, where, and when."""

    text: str
    zone: ZoneInfo
    now: datetime

    @property
    def local(self) -> datetime:
        """What clocks show there and then, naive."""
        return self.now.astimezone(self.zone).replace(tzinfo=None)

    @property
    def tomorrow(self) -> str:
        return f"{self.local.date() + timedelta(days=1)}"

    @property
    def remedy(self) -> str:
        return (
            f"write it as {self.tomorrow} 10:00, tomorrow 9:00, завтра в 9:00, ertaga 9:00 "
            "or in 2 hours"
        )

    def refused(self, why: str) -> BadTime:
        return BadTime(f'"{self.text}" {why}: {self.remedy}')


def understand(text: str, zone: ZoneInfo, now: datetime, *, allow_past: bool = False) -> datetime:
    """The moment, aware in UTC, that a person means who says this in that zone, now.

    English, Russian and Uzbek in both scripts; `17:00` is the next such time. The zone's own name
    may stand at the end, any other zone is refused. Raises BadTime for what is vague, impossible,
    not understood or, unless allowed, past.
    """
    if len(text) > _LONGEST:
        raise _Asked(f"{text[:_LONGEST]}...", zone, now).refused("is too long for a time")
    moment = _meant(_Asked(text, zone, now))
    if moment < now and not allow_past:
        raise BadTime(f'"{text}" is in the past: {spoken(moment, zone, now)}')
    return moment


def _meant(asked: _Asked) -> datetime:
    text = _without_own_zone(asked)
    phrase = phrases.plain(text)
    if _ISO.fullmatch(text):
        return _of_numbers(text, asked)
    _refuse_zones(phrase, asked)
    if phrase == phrases.NOW:
        return asked.now.astimezone(UTC)
    clock, rest = _clock(phrase, asked)
    rest = _without_part_of_day(rest, clock)
    _refuse_vague(rest, asked)
    return _after_span(rest, asked) if clock is None else _at_clock(clock, rest, asked)


def _of_numbers(text: str, asked: _Asked) -> datetime:
    try:
        return resolve(text, asked.zone)
    except BadTime:
        _refuse_zones(text.lower(), asked)
        raise


def _without_own_zone(asked: _Asked) -> str:
    """The text without what an echo adds: `Asia/Tashkent (in 16 h 30 min)`."""
    text = _DISTANCE.sub("", asked.text.strip())
    before, _, name = text.rpartition(" ")
    return before.rstrip() if name.lower() == asked.zone.key.lower() else text


def _refuse_zones(phrase: str, asked: _Asked) -> None:
    named = re.findall(r"[^\W\d_]+(?:/[^\W\d]+)*", phrase)
    zones = [word for word in named if word in phrases.ZONES or "/" in word]
    if zones or _OFFSET.search(phrase):
        raise _of_zone(asked)


def _of_zone(asked: _Asked) -> BadTime:
    return BadTime(
        f'"{asked.text}" names a time zone: write the time as in {asked.zone.key}, '
        f"or with an offset as {asked.tomorrow}T09:00+00:00"
    )


def _without_part_of_day(phrase: str, clock: time | None) -> str:
    """The phrase without such words as `morning` where the time of day is in the morning."""
    hour = -1 if clock is None else clock.hour
    words = phrase.split()
    return " ".join(word for word in words if hour not in phrases.PARTS_OF_DAY.get(word, ()))


def _refuse_vague(phrase: str, asked: _Asked) -> None:
    for word in re.findall(r"[^\W\d_]+", phrase):
        if word in phrases.VAGUE:
            raise BadTime(f'"{word}" in "{asked.text}" is vague: {phrases.VAGUE[word]}')


def _clock(phrase: str, asked: _Asked) -> tuple[time | None, str]:
    """The one time of day in the phrase, and the phrase without it."""
    found = list(_CLOCK.finditer(phrase)) or list(_HOUR.finditer(phrase))
    if not found:
        return None, phrase
    if len(found) > 1:
        raise BadTime(f'"{asked.text}" has more than one time of day')
    rest = phrase[: found[0].start()] + " " + phrase[found[0].end() :]
    return _time(found[0]), " ".join(rest.split())


def _time(found: re.Match[str]) -> time:
    parts = found.groupdict()
    hour, minute = int(parts["hour"] or parts["bare"]), int(parts.get("minute") or 0)
    second, half = int(parts.get("second") or 0), parts["half"] or parts.get("part")
    check_clock(hour, minute, second)
    if half and not 1 <= hour <= 12:
        raise BadTime(f'"{found[0].strip()}" is not a time of day: write it as 17:00')
    return time(hour % 12 + 12 * (half in _LATER_HALF) if half else hour, minute, second)


def _at_clock(clock: time, rest: str, asked: _Asked) -> datetime:
    days = phrases.trimmed(rest)
    if not days:
        return _next_at(clock, frozenset(range(7)), asked)
    if days in WEEKDAYS:
        return _next_at(clock, frozenset({WEEKDAYS[days]}), asked)
    return at(datetime.combine(_date(days, asked), clock), asked.zone)


def _next_at(clock: time, weekdays: frozenset[int], asked: _Asked) -> datetime:
    """The next moment at which clocks show that time on one of these days of the week."""
    days = (asked.local.date() + timedelta(days=offset) for offset in range(8))
    nexts = (datetime.combine(day, clock) for day in days if day.weekday() in weekdays)
    return at(next(moment for moment in nexts if moment > asked.local), asked.zone)


def _after_span(phrase: str, asked: _Asked) -> datetime:
    """The moment `in 2 hours`; whole days keep the clock's time, all else is time that elapses."""
    span = _span(phrase, asked)
    if span % timedelta(days=1):
        return asked.now.astimezone(UTC) + span
    return at(asked.local + span, asked.zone)


def _span(phrase: str, asked: _Asked) -> timedelta:
    try:
        return durations.parse(re.sub(r"^in (?:an? )?", _one, phrase))
    except durations.BadDuration:
        if not phrases.RELATIVE.search(phrase):
            raise _no_clock(phrase, asked) from None
    span: timedelta = _parsed(phrase, asked).date_obj - asked.local.replace(microsecond=0)
    if not timedelta() < span <= durations.LONGEST:
        raise asked.refused("is not a span from now")
    return span


def _one(found: re.Match[str]) -> str:
    return "1 " if "a" in found[0] else ""


def _no_clock(phrase: str, asked: _Asked) -> BadTime:
    """Why a phrase without any time of day is refused."""
    days = phrases.trimmed(phrase)
    try:
        if days not in WEEKDAYS:
            _date(days, asked)
    except BadTime as error:
        return error
    return BadTime(f'"{asked.text}" has no time of day: write "{asked.text} 9:00"')


def _date(phrase: str, asked: _Asked) -> date:
    """The day that the phrase names, nothing else being in it."""
    plain = _DOTTED.sub(_with_slashes, _day_first(phrase))
    found = _parsed(plain, asked)
    if not {"month", "day"} <= set(found.parts) or "time" in found.parts:
        raise asked.refused("does not name one day")
    day: date = found.date_obj.date()
    day = day if "year" in found.parts else _coming(day, asked.local.date())
    if "ago" in plain.split() or not _numbers(plain) <= _numbers_of(day, plain):
        raise asked.refused("is not understood")
    _check_weekday(day, phrase, asked)
    return day


def _day_first(phrase: str) -> str:
    """`3/16/2030` as `16/3/2030`: of two numbers, one above 12 is the day, else it is a guess."""
    found = _SLASHED.fullmatch(phrase)
    if not found:
        return phrase
    first, second = int(found[1]), int(found[2])
    if first != second and min(first, second) >= 1 and max(first, second) <= 12:
        raise BadTime(f'"{phrase}" can be read in two ways: {_either(first, second)}')
    day, month = (second, first) if second > 12 else (first, second)
    return f"{day}/{month}{found[3] or ''}"


def _either(first: int, second: int) -> str:
    return f"write {first} {calendar.month_name[second]} or {second} {calendar.month_name[first]}"


def _check_weekday(day: date, phrase: str, asked: _Asked) -> None:
    """Raises BadTime for `Tue 25 Nov 2026`, a Wednesday."""
    said = {WEEKDAYS[word] for word in re.findall(r"[^\W\d_]+", phrase) if word in WEEKDAYS}
    if said - {day.weekday()}:
        name = f"{day.day} {calendar.month_name[day.month]} {day.year}"
        weekday = calendar.day_name[day.weekday()]
        raise BadTime(f'"{asked.text}" names two days: {name} is a {weekday}')


def _with_slashes(found: re.Match[str]) -> str:
    """`5.12.25` as `5/12/2025`: with dots, dateparser may take it for a time."""
    day, month, year = found.groups()
    return f"{day}/{month}/20{year}" if year else f"{day}/{month}"


def _coming(day: date, today: date) -> date:
    """That day and month, today or later: dateparser takes a date of today for next year's."""
    return today if (day.month, day.day) == (today.month, today.day) else day


def _numbers(phrase: str) -> set[int]:
    return {int(number) for number in re.findall(r"\d+", phrase)}


def _numbers_of(day: date, phrase: str) -> set[int]:
    """The numbers that a phrase for this day may hold; a span's own number is not in its day."""
    spans = _numbers(phrase) if phrases.RELATIVE.search(phrase) else set()
    return {day.year, day.month, day.day} | spans


def _parsed(phrase: str, asked: _Asked) -> Any:
    """What dateparser makes of it, no zone given: with one, days jump. Raises BadTime for nothing.

    https://github.com/scrapinghub/dateparser/issues/307
    """
    from dateparser.date import (  # noqa: PLC0415 - slow to import
        DateDataParser,
    )

    base = asked.local.replace(microsecond=0)
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"}
    try:
        found = DateDataParser(languages=["en", "ru", "uz"], settings=settings).get_date_data(
            phrase
        )
    except (ValueError, OverflowError, TypeError, LookupError):
        found = None
    if found is None or found.date_obj is None:
        raise asked.refused("is not understood")
    if found.date_obj.tzinfo is not None:
        raise _of_zone(asked)
    return found
