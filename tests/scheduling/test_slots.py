"""Slots: weekly wall-clock times that no clock change moves, doubles or loses."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karnay.scheduling.slots import next_free, parse, upcoming
from karnay.scheduling.wallclock import BadTime

TASHKENT = ZoneInfo("Asia/Tashkent")
TUESDAY = datetime(2024, 12, 3, 11, 30, tzinfo=UTC)  # 16:30 in Tashkent


def days(text: str) -> list[int]:
    return sorted(parse([text])[0].days)


def local(texts: list[str], name: str, after: str, count: int) -> list[str]:
    """The next moments of the slots as clocks in the zone show them, with the offset's hours."""
    zone = ZoneInfo(name)
    start = datetime.fromisoformat(after).replace(tzinfo=zone)
    moments = islice(upcoming(texts, zone, start), count)
    return [f"{moment.astimezone(zone):%m-%d %H:%M%z}"[:-2] for moment in moments]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mon 09:00", [0]),
        ("mon-fri 09:00", [0, 1, 2, 3, 4]),
        ("Sat,Sun 11:00", [5, 6]),
        ("fri-mon 9:00", [0, 4, 5, 6]),
        ("mon - wed , fri 9:00", [0, 1, 2, 4]),
        ("daily 10:00,17:30", [0, 1, 2, 3, 4, 5, 6]),
        ("пн–пт 09:00", [0, 1, 2, 3, 4]),
        ("dushanba-juma 09:00", [0, 1, 2, 3, 4]),
    ],
)
def test_the_days_of_a_slot(text: str, meant: list[int]) -> None:
    assert days(text) == meant


def test_the_times_of_a_slot_are_in_order_and_each_once() -> None:
    assert parse(["daily 17:30,10:00, 10:00"])[0].times == (time(10), time(17, 30))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mno 09:00", '"mno" is not a day of the week. Did you mean "mon"?'),
        ("mondy-fri 09:00", '"mondy" is not a day of the week. Did you mean "monday"?'),
        ("dialy 09:00", '"dialy" is not a day of the week. Did you mean "daily"?'),
        (
            "1-5 09:00",
            (
                '"1" is not a day of the week. '
                "Write it as mon-fri 09:00, sat 11:00 or daily 10:00,17:30"
            ),
        ),
        (
            "mon",
            '"mon" is not a slot: write it as mon-fri 09:00, sat 11:00 or daily 10:00,17:30',
        ),
        ("mon 25:00", "there is no 25:00: a day goes from 00:00 to 23:59"),
        (
            "mon 9am",
            '"9am" is not a time of day: write it as mon-fri 09:00, sat 11:00 or daily 10:00,17:30',
        ),
        (
            "daily 10:00,",
            '"" is not a time of day: write it as mon-fri 09:00, sat 11:00 or daily 10:00,17:30',
        ),
    ],
)
def test_a_bad_slot_says_what_it_should_be(text: str, message: str) -> None:
    with pytest.raises(BadTime) as caught:
        parse([text])
    assert str(caught.value) == message


def test_the_next_free_slot_is_the_first_to_come() -> None:
    moment = next_free(["mon-fri 09:00", "sat 11:00"], TASHKENT, TUESDAY)
    assert moment == datetime(2024, 12, 4, 4, tzinfo=UTC)


def test_a_slot_at_this_very_moment_has_gone() -> None:
    now = datetime(2024, 12, 3, 4, tzinfo=UTC)
    assert next_free(["daily 09:00"], TASHKENT, now) == now + timedelta(days=1)


def test_taken_slots_are_passed_over_whatever_zone_they_are_told_in() -> None:
    taken = [datetime(2024, 12, 4, 9, tzinfo=TASHKENT), datetime(2024, 12, 5, 4, tzinfo=UTC)]
    moment = next_free(["daily 09:00"], TASHKENT, TUESDAY, taken)
    assert moment == datetime(2024, 12, 6, 4, tzinfo=UTC)


def test_without_slots_there_is_no_next_one() -> None:
    with pytest.raises(BadTime, match="there is no slot to come"):
        next_free([], TASHKENT, TUESDAY)


@pytest.mark.parametrize(
    ("slot", "zone", "after", "expected"),
    [
        (
            "daily 00:00",
            "Europe/Berlin",
            "2026-03-28 12:00",
            ["03-29 00:00+01", "03-30 00:00+02", "03-31 00:00+02"],
        ),
        (
            "mon 00:15",
            "Europe/Berlin",
            "2026-03-23 00:15",
            ["03-30 00:15+02", "04-06 00:15+02"],
        ),
        (
            "daily 02:30",
            "Europe/Berlin",
            "2026-03-27 12:00",
            ["03-28 02:30+01", "03-29 03:30+02", "03-30 02:30+02"],
        ),
        (
            "daily 02:30",
            "Europe/Berlin",
            "2026-10-24 12:00",
            ["10-25 02:30+02", "10-26 02:30+01", "10-27 02:30+01"],
        ),
        (
            "daily 09:00",
            "Europe/Berlin",
            "2026-10-24 12:00",
            ["10-25 09:00+01", "10-26 09:00+01"],
        ),
        (
            "daily 02:00",
            "America/New_York",
            "2026-03-07 12:00",
            ["03-08 03:00-04", "03-09 02:00-04"],
        ),
        (
            "daily 00:30",
            "America/New_York",
            "2026-03-07 12:00",
            ["03-08 00:30-05", "03-09 00:30-04"],
        ),
        (
            "daily 01:30",
            "America/New_York",
            "2026-10-31 12:00",
            ["11-01 01:30-04", "11-02 01:30-05"],
        ),
        (
            "daily 02:30",
            "Asia/Tashkent",
            "2026-03-28 12:00",
            ["03-29 02:30+05", "03-30 02:30+05"],
        ),
        (
            "daily 02:30,03:30",
            "Europe/Berlin",
            "2026-03-29 00:00",
            ["03-29 03:30+02", "03-30 02:30+02", "03-30 03:30+02"],
        ),
    ],
)
def test_a_clock_change_moves_doubles_and_loses_nothing(
    slot: str, zone: str, after: str, expected: list[str]
) -> None:
    assert local([slot], zone, after, len(expected)) == expected


def test_a_repeated_time_does_not_come_again_in_its_second_hour() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # after the first 02:30 in Berlin
    moment = next_free(["daily 02:30"], ZoneInfo("Europe/Berlin"), between)
    assert moment == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tashkent", "Pacific/Apia"])
CLOCKS = st.times().map(lambda clock: f"{clock:%H:%M}")


@settings(deadline=None)
@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ZONES.map(ZoneInfo),
    st.lists(CLOCKS, min_size=1, max_size=3).map(",".join),
)
def test_upcoming_slots_grow_and_are_never_more_than_two_days_apart(
    after: datetime, zone: ZoneInfo, clocks: str
) -> None:
    moments = [after, *islice(upcoming([f"daily {clocks}"], zone, after), 5)]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) > timedelta()
    assert max(gaps) <= timedelta(days=2)
