"""Wall-clock text and an IANA zone to one moment, and back.

A time that a clock change skips is refused, one that it repeats needs its offset from UTC.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from karnay.content import zones

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=1)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""No moment outside is accepted: a day off both ends, so that every zone can show it."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_REMEDY = "write it as 2030-01-15 10:00"
_TEXT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:\s*T\s*|\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"\s*(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.IGNORECASE,
)


class BadTime(ValueError):
    """A text that names no one moment; the message says why and what to write."""


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises BadTime with the nearest name."""
    try:
        return zones.zone(name)
    except zones.BadZone as error:
        raise BadTime(str(error)) from None


def resolve(text: str, zone: ZoneInfo) -> datetime:
    """The moment, aware in UTC, at which clocks in the zone show `2030-01-15 10:00`.

    A `T` between, seconds, and an offset from UTC at the end are understood; the offset then
    decides. Raises BadTime.
    """
    found = _TEXT.fullmatch(text.strip())
    if not found:
        raise BadTime(f'"{text}" is not a time: {_REMEDY}')
    local = _local(found)
    return _within(_with_offset(local, found["offset"]) if found["offset"] else at(local, zone))


def at(local: datetime, zone: ZoneInfo) -> datetime:
    """The one moment, in UTC, at which clocks in the zone show that naive time.

    Raises BadTime where a clock change skips or repeats it, or where it is out of all range.
    """
    _in_range(local)
    first, second = _both(local, zone)
    if first == second:
        return first
    raise BadTime(_skipped(local, zone) if second < first else _repeated(local, zone))


def moved(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a recurring wall-clock time: never refused.

    A skipped time moves forward by the gap; of a repeated one, the first counts.
    """
    _in_range(local)
    return _both(local, zone)[0]


def spoken(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`Wed 4 Dec 2024 09:00 Asia/Tashkent (in 16 h 30 min)`."""
    local = moment.astimezone(zone)
    clock = local.strftime("%H:%M:%S" if local.second else "%H:%M")
    return f"{_day(local)} {clock} {zone.key} ({_distance(moment - now)})"


def _day(local: datetime) -> str:
    weekday, month = WEEKDAYS[local.weekday()], MONTHS[local.month - 1]
    return f"{weekday} {local.day} {month} {local.year:04}"


def _distance(span: timedelta) -> str:
    minutes = round(abs(span) / timedelta(minutes=1))
    if not minutes:
        return "now"
    return f"in {_amount(minutes)}" if span > timedelta() else f"{_amount(minutes)} ago"


def _amount(minutes: int) -> str:
    """The two largest units."""
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    named = ((days, "d"), (hours, "h"), (left, "min"))
    return " ".join([f"{number} {unit}" for number, unit in named if number][:2])


def _local(found: re.Match[str]) -> datetime:
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    check_date(year, month, day)
    if found["hour"] is None:
        raise BadTime(f'"{found[0]}" has no time of day: write {found[0]} 09:00')
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    check_clock(hour, minute, second)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone follows


def check_date(year: int, month: int, day: int) -> None:
    """Raises BadTime for a date that is in no calendar."""
    if not 1970 <= year <= 9999:
        raise BadTime(f"the year {year:04} is out of range: {_REMEDY}")
    if not 1 <= month <= 12:
        raise BadTime(f"there is no month {month}: write year, month, day, as in 2030-01-15")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        name = calendar.month_name[month]
        raise BadTime(f"there is no {day} {name} {year}: the last day is {last} {name}")


def check_clock(hour: int, minute: int, second: int = 0) -> None:
    """Raises BadTime for a time of day that no clock shows."""
    if hour > 23 or minute > 59 or second > 59:
        shown = f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
        raise BadTime(f"there is no {shown}: a day goes from 00:00 to 23:59")


def _with_offset(local: datetime, offset: str) -> datetime:
    digits = "0000" if offset in "zZ" else offset[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 15 or minutes > 59:
        raise BadTime(f'"{offset}" is no offset from UTC: write it as +05:00')
    _in_range(local)
    sign = -1 if offset.startswith("-") else 1
    return local.replace(
        tzinfo=timezone(sign * timedelta(hours=hours, minutes=minutes))
    ).astimezone(UTC)


def _in_range(local: datetime) -> None:
    if not EARLIEST <= local.replace(tzinfo=UTC) <= LATEST:
        raise BadTime(f"{local.isoformat(' ', 'minutes')} is out of range: {_REMEDY}")


def _within(moment: datetime) -> datetime:
    _in_range(moment.replace(tzinfo=None))
    return moment


def _both(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local time read with the offset before, and with the one after, a clock change near it.

    The same moment twice almost always; https://peps.python.org/pep-0495/ has the rest.
    """
    before = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return before, local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _skipped(local: datetime, zone: ZoneInfo) -> str:
    valid = _first_after_gap(local, zone)
    return (
        f"{_clock(local)} on {_date(local)} does not exist in {zone.key}: clocks go forward then. "
        f"The next valid time is {valid:%Y-%m-%d %H:%M}"
    )


def _first_after_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show right after the change: found by halving the span in which it lies."""
    late, early = _both(local, zone)
    offset = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        unchanged = middle.astimezone(zone).utcoffset() == offset
        early, late = (middle, late) if unchanged else (early, middle)
    return late.astimezone(zone)


def _repeated(local: datetime, zone: ZoneInfo) -> str:
    first, second = (
        f'"{local:%Y-%m-%d} {_clock(local)} {_offset(moment, zone)}"'
        for moment in _both(local, zone)
    )
    return (
        f"{_clock(local)} on {_date(local)} comes twice in {zone.key}: clocks go back then. "
        f"Write {first} for the first, {second} for the second"
    )


def _offset(moment: datetime, zone: ZoneInfo) -> str:
    """`+02:00`."""
    return f"{moment.astimezone(zone):%z}"[:3] + ":" + f"{moment.astimezone(zone):%z}"[3:5]


def _clock(local: datetime) -> str:
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def _date(local: datetime) -> str:
    return f"{local.day} {calendar.month_name[local.month]} {local.year}"
