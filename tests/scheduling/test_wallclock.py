"""Wall-clock text to one moment: clock changes, impossible times, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.scheduling.wallclock import BadTime, moved, resolve, spoken, zone

TASHKENT = ZoneInfo("Asia/Tashkent")
NOW = datetime(2024, 12, 3, 11, 30, tzinfo=UTC)
ZONES = st.one_of(
    st.sampled_from(["Asia/Tashkent", "Europe/Berlin", "America/New_York", "UTC"]),
    st.sampled_from(["Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Caracas"]),
).map(ZoneInfo)


@pytest.mark.parametrize(
    ("text", "name", "moment"),
    [
        ("2024-12-04 10:00", "Asia/Tashkent", "2024-12-04T05:00Z"),
        ("2024-12-04T10:00", "Asia/Tashkent", "2024-12-04T05:00Z"),
        (" 2024-12-4  9:05:30 ", "Asia/Tashkent", "2024-12-04T04:05:30Z"),
        ("2024-12-04 10:00 +03:00", "Asia/Tashkent", "2024-12-04T07:00Z"),
        ("2024-12-04T10:00:00Z", "Asia/Tashkent", "2024-12-04T10:00Z"),
        ("2024-12-04 10:00-0330", "Asia/Tashkent", "2024-12-04T13:30Z"),
        ("1970-01-01 00:00", "Asia/Tashkent", "1969-12-31T18:00Z"),
        ("9999-12-30 00:00", "Asia/Tashkent", "9999-12-29T19:00Z"),
        ("2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59Z"),
        ("2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00Z"),
        ("2026-10-25 01:59", "Europe/Berlin", "2026-10-24T23:59Z"),
        ("2026-10-25 02:30 +02:00", "Europe/Berlin", "2026-10-25T00:30Z"),
        ("2026-10-25 02:30 +01:00", "Europe/Berlin", "2026-10-25T01:30Z"),
        ("2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00Z"),
        ("2026-03-08 03:00", "America/New_York", "2026-03-08T07:00Z"),
        ("2026-11-01 01:30 -04:00", "America/New_York", "2026-11-01T05:30Z"),
        ("2026-11-01 02:00", "America/New_York", "2026-11-01T07:00Z"),
        ("2026-03-29 02:30", "Asia/Tashkent", "2026-03-28T21:30Z"),
    ],
)
def test_a_wall_clock_text_is_one_moment(text: str, name: str, moment: str) -> None:
    assert resolve(text, ZoneInfo(name)) == datetime.fromisoformat(moment)
    assert resolve(text, ZoneInfo(name)).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            "2026-03-29 02:30",
            "Europe/Berlin",
            (
                "02:30 on 29 March 2026 does not exist in Europe/Berlin: clocks go forward then. "
                "The next valid time is 2026-03-29 03:00"
            ),
        ),
        (
            "2026-03-08 02:00",
            "America/New_York",
            (
                "02:00 on 8 March 2026 does not exist in America/New_York: clocks go forward then. "
                "The next valid time is 2026-03-08 03:00"
            ),
        ),
        (
            "2011-12-30 09:00",
            "Pacific/Apia",
            (
                "09:00 on 30 December 2011 does not exist in Pacific/Apia: clocks go forward then. "
                "The next valid time is 2011-12-31 00:00"
            ),
        ),
        (
            "2026-10-25 02:30",
            "Europe/Berlin",
            (
                "02:30 on 25 October 2026 comes twice in Europe/Berlin: clocks go back then. "
                'Write "2026-10-25 02:30 +02:00" for the first, "2026-10-25 02:30 +01:00" '
                "for the second"
            ),
        ),
        (
            "2026-11-01 01:00",
            "America/New_York",
            (
                "01:00 on 1 November 2026 comes twice in America/New_York: clocks go back then. "
                'Write "2026-11-01 01:00 -04:00" for the first, "2026-11-01 01:00 -05:00" '
                "for the second"
            ),
        ),
    ],
)
def test_a_skipped_or_repeated_hour_is_refused(text: str, name: str, message: str) -> None:
    with pytest.raises(BadTime) as caught:
        resolve(text, ZoneInfo(name))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-12-04 25:00", "there is no 25:00: a day goes from 00:00 to 23:59"),
        ("2024-12-04 24:00", "there is no 24:00: a day goes from 00:00 to 23:59"),
        ("2024-12-04 09:60", "there is no 09:60: a day goes from 00:00 to 23:59"),
        ("2024-12-04 09:00:60", "there is no 09:00:60: a day goes from 00:00 to 23:59"),
        ("2026-02-31 10:00", "there is no 31 February 2026: the last day is 28 February"),
        ("2024-02-30 10:00", "there is no 30 February 2024: the last day is 29 February"),
        ("2024-12-00 10:00", "there is no 0 December 2024: the last day is 31 December"),
        (
            "2024-13-01 10:00",
            "there is no month 13: write year, month, day, as in 2030-01-15",
        ),
        ("2024-12-04", '"2024-12-04" has no time of day: write 2024-12-04 09:00'),
        ("0000-01-01 10:00", "the year 0000 is out of range: write it as 2030-01-15 10:00"),
        ("1969-12-31 23:59", "the year 1969 is out of range: write it as 2030-01-15 10:00"),
        (
            "9999-12-31 23:59",
            "9999-12-31 23:59 is out of range: write it as 2030-01-15 10:00",
        ),
        (
            "2024-12-04 10:00 +99:00",
            '"+99:00" is no offset from UTC: write it as +05:00',
        ),
        ("tomorrow", '"tomorrow" is not a time: write it as 2030-01-15 10:00'),
        ("04.12.2024 10:00", '"04.12.2024 10:00" is not a time: write it as 2030-01-15 10:00'),
        ("٢٠٢٤-12-04 10:00", '"٢٠٢٤-12-04 10:00" is not a time: write it as 2030-01-15 10:00'),
        ("", '"" is not a time: write it as 2030-01-15 10:00'),
    ],
)
def test_what_names_no_moment_is_refused_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(BadTime) as caught:
        resolve(text, TASHKENT)
    assert str(caught.value) == message


def test_a_zone_is_known_by_its_name() -> None:
    assert zone("Asia/Tashkent") == TASHKENT


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Asia/Toshkent", 'unknown time zone "Asia/Toshkent". Did you mean "Asia/Tashkent"?'),
        ("Asia", 'unknown time zone "Asia". Write it as Asia/Tashkent.'),
        ("", 'unknown time zone "". Write it as Asia/Tashkent.'),
        ("a\0b", 'unknown time zone "a\0b". Write it as Asia/Tashkent.'),
    ],
)
def test_an_unknown_zone_is_answered_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(BadTime) as caught:
        zone(name)
    assert str(caught.value).startswith(message.partition(" Did")[0].partition(" Write")[0])


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(hours=16, minutes=30), "Wed 4 Dec 2024 09:00 Asia/Tashkent (in 16 h 30 min)"),
        (timedelta(seconds=20), "Tue 3 Dec 2024 16:30:20 Asia/Tashkent (now)"),
        (timedelta(), "Tue 3 Dec 2024 16:30 Asia/Tashkent (now)"),
        (timedelta(days=8, minutes=5), "Wed 11 Dec 2024 16:35 Asia/Tashkent (in 8 d 5 min)"),
        (timedelta(days=1, hours=2, minutes=3), "Wed 4 Dec 2024 18:33 Asia/Tashkent (in 1 d 2 h)"),
        (-timedelta(hours=1), "Tue 3 Dec 2024 15:30 Asia/Tashkent (1 h ago)"),
    ],
)
def test_a_moment_is_spoken_with_zone_and_distance(away: timedelta, words: str) -> None:
    assert spoken(NOW + away, TASHKENT, NOW) == words


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 29)), ZONES)  # noqa: DTZ001 - naive is meant
def test_what_is_accepted_reads_back_as_it_was_written(local: datetime, here: ZoneInfo) -> None:
    whole = local.replace(microsecond=0)
    try:
        moment = resolve(whole.isoformat(" "), here)
    except BadTime:
        return
    assert moment.astimezone(here).replace(tzinfo=None) == whole


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 29)), ZONES)  # noqa: DTZ001 - naive is meant
def test_a_recurring_time_is_never_refused_and_never_earlier(
    local: datetime, here: ZoneInfo
) -> None:
    assert moved(local, here).astimezone(here).replace(tzinfo=None) >= local


def outcome(text: str) -> datetime | BadTime:
    try:
        return resolve(text, TASHKENT)
    except BadTime as refusal:
        return refusal


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9] [0-9:+-]{0,9}"))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, BadTime) or found.tzinfo is UTC
