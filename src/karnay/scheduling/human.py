"""Human dates for the command line: one certain moment, or a refusal that says why.

dateparser reads only the date in a phrase, and what it reads is checked: asked for all, it drops
`25:00` from "tomorrow 25:00", and takes "5" for a day.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from karnay.content import durations
from karnay.scheduling import phrases
from karnay.scheduling.wallclock import BadTime, at, check_clock, resolve, spoken
from karnay.scheduling.weekdays import WEEKDAYS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_LONGEST = 80  # characters
_REMEDY = "write it as 2024-12-04 10:00, tomorrow 9:00, завтра в 9:00, ertaga 9:00 or in 2 hours"
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?!\d).*", re.DOTALL)
_CLOCK = re.compile(
    r"(?:\b(?:at|в|во|soat)\s*)?(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2}))?(?![\d:])"
    r"(?:\s*(?P<half>am|pm|утра|дня|вечера)\b)?(?:\s*-?da\b)?"
)
_HOUR = re.compile(
    r"\b(?P<lead>at|в|во|soat)\s*(?P<hour>\d{1,2})(?:\s*(?P<half>am|pm|утра|дня|вечера)|\s*-?da)?$"
    r"|(?<![\d:.])(?P<bare>\d{1,2})\s*(?P<part>am|pm|утра|вечера)\b"
)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(?:20)?(\d{2}))?")
_LATER_HALF = frozenset({"pm", "дня", "вечера"})


def understand(text: str, zone: ZoneInfo, now: datetime, *, allow_past: bool = False) -> datetime:
    """The moment, aware in UTC, that a person means who says this in that zone, now.

    English, Russian and Uzbek in both scripts; `17:00` is the next such time. Raises BadTime for
    what is vague, impossible, not understood or, unless allowed, past.
    """
    if len(text) > _LONGEST:
        raise BadTime(f'"{text[:_LONGEST]}..." is too long for a time: {_REMEDY}')
    moment = _meant(text.strip(), zone, now)
    if moment < now and not allow_past:
        raise BadTime(f'"{text}" is in the past: {spoken(moment, zone, now)}')
    return moment


def _meant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    if _ISO.fullmatch(text):
        return resolve(text, zone)
    phrase = phrases.plain(text)
    if phrase == phrases.NOW:
        return now.astimezone(UTC)
    _refuse_vague(text, phrase)
    clock, rest = _clock(phrase, text)
    if clock is None:
        return _after_span(rest, text, zone, now)
    return _at_clock(clock, rest, text, zone, now)


def _refuse_vague(text: str, phrase: str) -> None:
    for word in re.findall(r"[^\W\d_]+", phrase):
        if word in phrases.VAGUE:
            raise BadTime(f'"{word}" in "{text}" is vague: {phrases.VAGUE[word]}')


def _clock(phrase: str, text: str) -> tuple[time | None, str]:
    """The one time of day in the phrase, and the phrase without it."""
    found = list(_CLOCK.finditer(phrase)) or list(_HOUR.finditer(phrase))
    if not found:
        return None, phrase
    if len(found) > 1:
        raise BadTime(f'"{text}" has more than one time of day')
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


def _at_clock(clock: time, rest: str, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    days = phrases.trimmed(rest)
    if not days:
        return _next_at(clock, frozenset(range(7)), zone, now)
    if days in WEEKDAYS:
        return _next_at(clock, frozenset({WEEKDAYS[days]}), zone, now)
    return at(datetime.combine(_date(days, text, zone, now), clock), zone)


def _next_at(clock: time, weekdays: frozenset[int], zone: ZoneInfo, now: datetime) -> datetime:
    """The next moment at which clocks show that time on one of these days of the week."""
    local = now.astimezone(zone).replace(tzinfo=None)
    days = (local.date() + timedelta(days=offset) for offset in range(8))
    nexts = (datetime.combine(day, clock) for day in days if day.weekday() in weekdays)
    return at(next(moment for moment in nexts if moment > local), zone)


def _after_span(phrase: str, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment `in 2 hours`; whole days keep the clock's time, all else is time that elapses."""
    span = _span(phrase, text, zone, now)
    if span % timedelta(days=1):
        return now.astimezone(UTC) + span
    return at(now.astimezone(zone).replace(tzinfo=None) + span, zone)


def _span(phrase: str, text: str, zone: ZoneInfo, now: datetime) -> timedelta:
    try:
        return durations.parse(re.sub(r"^in (?:an? )?", _one, phrase))
    except durations.BadDuration:
        if not phrases.RELATIVE.search(phrase):
            raise _no_clock(phrase, text, zone, now) from None
    base = now.astimezone(zone).replace(tzinfo=None, microsecond=0)
    span: timedelta = _parsed(phrase, base, text).date_obj - base
    if not timedelta() < span <= durations.LONGEST:
        raise BadTime(f'"{text}" is not a span from now: {_REMEDY}')
    return span


def _one(found: re.Match[str]) -> str:
    return "1 " if "a" in found[0] else ""


def _no_clock(phrase: str, text: str, zone: ZoneInfo, now: datetime) -> BadTime:
    """Why a phrase without any time of day is refused."""
    days = phrases.trimmed(phrase)
    try:
        known = days in WEEKDAYS or _date(days, text, zone, now)
    except BadTime as error:
        return error
    return BadTime(f'"{text}" has no time of day: write "{text} 9:00"' if known else _REMEDY)


def _date(phrase: str, text: str, zone: ZoneInfo, now: datetime) -> date:
    """The day that the phrase names, nothing else being in it."""
    if re.fullmatch(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?", phrase):
        raise BadTime(f'"{phrase}" can be read in two ways: write 5 December or 2024-12-05')
    base = now.astimezone(zone).replace(tzinfo=None, microsecond=0)
    phrase = _DOTTED.sub(_slashed, phrase)
    found = _parsed(phrase, base, text)
    if not {"month", "day"} <= set(found.parts) or "time" in found.parts:
        raise BadTime(f'"{text}" does not name one day: {_REMEDY}')
    day: date = found.date_obj.date()
    day = day if "year" in found.parts else _coming(day, base.date())
    if "ago" in phrase.split() or not _numbers(phrase) <= _numbers_of(day, phrase):
        raise BadTime(f'"{text}" is not understood: {_REMEDY}')
    return day


def _slashed(found: re.Match[str]) -> str:
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


def _parsed(phrase: str, base: datetime, text: str) -> Any:
    """What dateparser makes of it, no zone given: with one, days jump. Raises BadTime for nothing.

    https://github.com/scrapinghub/dateparser/issues/307
    """
    from dateparser.date import (  # noqa: PLC0415 - slow to import
        DateDataParser,
    )

    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"}
    try:
        found = DateDataParser(languages=["en", "ru", "uz"], settings=settings).get_date_data(
            phrase
        )
    except (ValueError, OverflowError, TypeError, LookupError):
        found = None
    if found is None or found.date_obj is None:
        raise BadTime(f'"{text}" is not understood: {_REMEDY}')
    return found
