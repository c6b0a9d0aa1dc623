"""What people say at the command line, on Tuesday 3 December 2024 at 16:30 in Tashkent."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karnay.scheduling.human import understand
from karnay.scheduling.wallclock import BadTime

TASHKENT = ZoneInfo("Asia/Tashkent")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2024, 12, 3, 11, 30, tzinfo=UTC)


def heard(text: str) -> str:
    return f"{understand(text, TASHKENT, NOW).astimezone(TASHKENT):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-12-04 10:00", "2024-12-04 10:00"),
        ("2024-12-04 10:00 Asia/Tashkent", "2024-12-04 10:00"),
        ("2024-12-04T10:00Z", "2024-12-04 15:00"),
        ("Wed 4 Dec 2024 09:00 Asia/Tashkent", "2024-12-04 09:00"),
        ("Wed 4 Dec 2024 09:00 Asia/Tashkent (in 16 h 30 min)", "2024-12-04 09:00"),
        ("tomorrow 9:00 asia/tashkent", "2024-12-04 09:00"),
        ("tomorrow 9 am", "2024-12-04 09:00"),
        ("tomorrow 9am", "2024-12-04 09:00"),
        ("tomorrow morning at 9:00", "2024-12-04 09:00"),
        ("16/03/2030 9:00", "2030-03-16 09:00"),
        ("03/16/2030 9:00", "2030-03-16 09:00"),
        ("12/12 9:00", "2024-12-12 09:00"),
        ("9.30", "2024-12-04 09:30"),
        ("5.12 9.30", "2024-12-05 09:30"),
        ("in 1.50 hours", "2024-12-03 18:00"),
        ("2024-12-04T10:00+03:00", "2024-12-04 12:00"),
        ("now", "2024-12-03 16:30"),
        ("17:00", "2024-12-03 17:00"),
        ("16:00", "2024-12-04 16:00"),
        ("16:30", "2024-12-04 16:30"),
        ("at 9", "2024-12-04 09:00"),
        ("9pm", "2024-12-03 21:00"),
        ("12 am", "2024-12-04 00:00"),
        ("2h30m", "2024-12-03 19:00"),
        ("in 2 hours", "2024-12-03 18:30"),
        ("in an hour", "2024-12-03 17:30"),
        ("in half an hour", "2024-12-03 17:00"),
        ("in 3 days", "2024-12-06 16:30"),
        ("in 3 days at 10:00", "2024-12-06 10:00"),
        ("Tomorrow 9:00", "2024-12-04 09:00"),
        ("tomorrow at 9:00", "2024-12-04 09:00"),
        ("9:00 tomorrow", "2024-12-04 09:00"),
        ("day after tomorrow 18:30", "2024-12-05 18:30"),
        ("today 18:00", "2024-12-03 18:00"),
        ("3 december 18:00", "2024-12-03 18:00"),
        ("December 5, 9:00", "2024-12-05 09:00"),
        ("5 dec 2025 9:00", "2025-12-05 09:00"),
        ("1 january 9:00", "2025-01-01 09:00"),
        ("5.12 9:00", "2024-12-05 09:00"),
        ("05.12.2025 09:00", "2025-12-05 09:00"),
        ("05.12.25 09:00", "2025-12-05 09:00"),
        ("monday 14:30", "2024-12-09 14:30"),
        ("tuesday 18:00", "2024-12-03 18:00"),
        ("tuesday 16:00", "2024-12-10 16:00"),
        ("завтра в 9:00", "2024-12-04 09:00"),
        ("завтра в 9", "2024-12-04 09:00"),
        ("завтра 9.30", "2024-12-04 09:30"),
        ("завтра в 9.10", "2024-12-04 09:10"),
        ("завтра в 9ч", "2024-12-04 09:00"),
        ("завтра в 9 часов вечера", "2024-12-04 21:00"),
        ("завтра вечером в 19:00", "2024-12-04 19:00"),
        ("через 9 ч", "2024-12-04 01:30"),
        ("завтра в 7 вечера", "2024-12-04 19:00"),
        ("послезавтра в 18:30", "2024-12-05 18:30"),
        ("5 декабря 9:00", "2024-12-05 09:00"),
        ("в среду в 10:00", "2024-12-04 10:00"),
        ("через час", "2024-12-03 17:30"),
        ("через полчаса", "2024-12-03 17:00"),
        ("через 3 дня", "2024-12-06 16:30"),
        ("через неделю в 9:00", "2024-12-10 09:00"),
        ("через 1 час 30 минут", "2024-12-03 18:00"),
        ("ertaga 9:00", "2024-12-04 09:00"),
        ("ertaga soat 9 da", "2024-12-04 09:00"),
        ("ertaga ertalab 9:00", "2024-12-04 09:00"),
        ("indin 9:00", "2024-12-05 09:00"),
        ("indinga 10:00", "2024-12-05 10:00"),
        ("dushanba 14:30", "2024-12-09 14:30"),
        ("5-dekabr kuni soat 9:00 da", "2024-12-05 09:00"),
        ("5-dekabrda 9:00", "2024-12-05 09:00"),
        ("2025-yil 5-yanvar 9:00", "2025-01-05 09:00"),
        ("2 soatdan keyin", "2024-12-03 18:30"),
        ("30 daqiqadan soʻng", "2024-12-03 17:00"),
        ("yarim soatdan keyin", "2024-12-03 17:00"),
        ("эртага 9:00", "2024-12-04 09:00"),
        ("эртага 9 да", "2024-12-04 09:00"),
        ("индин 9:00", "2024-12-05 09:00"),
        ("Эртага соат 9:00да", "2024-12-04 09:00"),
        ("душанба 14:30", "2024-12-09 14:30"),
        ("5-декабр 9:00", "2024-12-05 09:00"),
        ("2 соатдан кейин", "2024-12-03 18:30"),
    ],
)
def test_a_phrase_is_understood(text: str, meant: str) -> None:
    assert heard(text) == meant


_HOW = "write it as 2024-12-04 10:00, tomorrow 9:00, завтра в 9:00, ertaga 9:00 or in 2 hours"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tomorrow", '"tomorrow" has no time of day: write "tomorrow 9:00"'),
        ("friday", '"friday" has no time of day: write "friday 9:00"'),
        ("завтра", '"завтра" has no time of day: write "завтра 9:00"'),
        ("2024-12-04", '"2024-12-04" has no time of day: write 2024-12-04 09:00'),
        ("tomorrow 25:00", "there is no 25:00: a day goes from 00:00 to 23:59"),
        ("завтра в 9:75", "there is no 09:75: a day goes from 00:00 to 23:59"),
        ("2024-02-31 10:00", "there is no 31 February 2024: the last day is 29 February"),
        ("31 february 9:00", f'"31 february 9:00" is not understood: {_HOW}'),
        ("5", f'"5" does not name one day: {_HOW}'),
        ("may", f'"may" does not name one day: {_HOW}'),
        ("5 9:00", f'"5 9:00" does not name one day: {_HOW}'),
        ("may 9:00", f'"may 9:00" does not name one day: {_HOW}'),
        ("in 2 hours 9:00", f'"in 2 hours 9:00" does not name one day: {_HOW}'),
        ("hello", f'"hello" is not understood: {_HOW}'),
        ("", f'"" is not understood: {_HOW}'),
        ("in 99999 years", f'"in 99999 years" is not understood: {_HOW}'),
        ("5 december 20255 9:00", f'"5 december 20255 9:00" is not understood: {_HOW}'),
        ("tomorrow 7 9:00", f'"tomorrow 7 9:00" is not understood: {_HOW}'),
        ("5/12 9:00", '"5/12" can be read in two ways: write 5 December or 12 May'),
        ("16/03/2030", '"16/03/2030" has no time of day: write "16/03/2030 9:00"'),
        ("30/30 9:00", f'"30/30 9:00" does not name one day: {_HOW}'),
        ("завтра 9.10", f'"завтра 9.10" is not understood: {_HOW}'),
        (
            "Tue 4 Dec 2024 9:00",
            '"Tue 4 Dec 2024 9:00" names two days: 4 December 2024 is a Wednesday',
        ),
        (
            "tomorrow evening 7:00",
            '"evening" in "tomorrow evening 7:00" is vague: write the time, as in tomorrow 9:00',
        ),
        ("9:00 10:00", '"9:00 10:00" has more than one time of day'),
        ("13pm", '"13pm" is not a time of day: write it as 17:00'),
        ("soon", '"soon" in "soon" is vague: write a date and a time'),
        (
            "tomorrow morning",
            '"morning" in "tomorrow morning" is vague: write the time, as in tomorrow 9:00',
        ),
        (
            "завтра вечером",
            '"вечером" in "завтра вечером" is vague: write the time, as in завтра в 9:00',
        ),
        (
            "next monday 9:00",
            (
                '"next" in "next monday 9:00" is vague: '
                "write the day of the week alone for the nearest one, else the date"
            ),
        ),
        (
            "today 9:00",
            '"today 9:00" is in the past: Tue 3 Dec 2024 09:00 Asia/Tashkent (7 h 30 min ago)',
        ),
        (
            "3 december 9:00",
            (
                '"3 december 9:00" is in the past: '
                "Tue 3 Dec 2024 09:00 Asia/Tashkent (7 h 30 min ago)"
            ),
        ),
        (
            "вчера в 9:00",
            '"вчера в 9:00" is in the past: Mon 2 Dec 2024 09:00 Asia/Tashkent (1 d 7 h ago)',
        ),
        ("x" * 81, f'"{"x" * 80}..." is too long for a time: {_HOW}'),
    ],
)
def test_a_vague_impossible_or_past_phrase_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadTime) as caught:
        heard(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "shape",
    [
        "9:00 {}",
        "9am {}",
        "tomorrow 9:00 {}",
        "tomorrow 9:00{}",
        "tomorrow 9:00 ({})",
        "{} 9:00 tomorrow",
        "tomorrow at 9 {}",
        "5 December 9:00 {}",
        "05.12.2025 9:00 {}",
        "friday 9:00 {}",
        "in 2 hours {}",
        "2h {}",
        "now {}",
        "завтра 9:00 {}",
        "в среду в 9 {}",
        "ertaga 9:00 {}",
        "эртага 9:00 {}",
    ],
)
@pytest.mark.parametrize(
    "word", ["UTC", "utc", "GMT", "MSK", "мск", "EST", "Z", "UTC+3", "Europe/Berlin"]
)
def test_a_zone_in_a_phrase_is_refused_and_never_dropped(shape: str, word: str) -> None:
    text = shape.format(word)
    with pytest.raises(BadTime) as caught:
        heard(text)
    assert str(caught.value) == (
        f'"{text}" names a time zone: write the time as in Asia/Tashkent, '
        "or with an offset as 2024-12-04T09:00+00:00"
    )


@pytest.mark.parametrize("word", ["WARST", "ChST", "MART", "+3", "+03:00", "-3", "-0500"])
def test_no_other_zone_or_offset_is_dropped_either(word: str) -> None:
    with pytest.raises(BadTime, match="names a time zone"):
        heard(f"3 december 2026 9:00 {word}")


def test_utc_may_be_said_where_it_is_the_zone() -> None:
    moment = understand("tomorrow 9:00 UTC", ZoneInfo("UTC"), NOW)
    assert moment == datetime(2024, 12, 4, 9, tzinfo=UTC)


def test_a_zone_behind_a_date_in_numbers_is_refused() -> None:
    with pytest.raises(BadTime, match=r"^\"2024-12-04 9:00 MSK\" names a time zone"):
        heard("2024-12-04 9:00 MSK")


def test_a_remedy_shows_a_date_to_come() -> None:
    with pytest.raises(BadTime, match="write it as 2026-11-25 10:00"):
        understand("hello", TASHKENT, datetime(2026, 11, 24, 7, tzinfo=UTC))


def test_the_past_is_understood_where_it_is_allowed() -> None:
    moment = understand("today 9:00", TASHKENT, NOW, allow_past=True)
    assert moment == datetime(2024, 12, 3, 4, tzinfo=UTC)


def test_hours_from_now_are_hours_that_elapse_across_a_clock_change() -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Berlin
    assert understand("через 2 часа", BERLIN, now) == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


def test_days_from_now_keep_the_clock_across_a_clock_change() -> None:
    now = datetime(2026, 3, 28, 11, tzinfo=UTC)  # 12:00 in Berlin
    assert understand("in 2 days", BERLIN, now) == datetime(2026, 3, 30, 10, tzinfo=UTC)


def test_a_skipped_hour_is_refused_in_words_too() -> None:
    now = datetime(2026, 3, 28, 11, tzinfo=UTC)
    with pytest.raises(BadTime, match=r"The next valid time is 2026-03-29 03:00"):
        understand("завтра в 2:30", BERLIN, now)


def outcome(text: str) -> datetime | BadTime:
    try:
        return understand(text, TASHKENT, NOW)
    except BadTime as refusal:
        return refusal


WORDS = st.one_of(
    st.sampled_from(["tomorrow", "завтра", "ertaga", "эртага", "december", "in", "через", "keyin"]),
    st.sampled_from(["9:00", "25:00", "2", "5", "hours", "soat", "pm", "-", ".", "9999-12-31"]),
    st.text(max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=5).map(" ".join))
def test_any_phrase_is_a_coming_moment_or_refused(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, BadTime) or found >= NOW
