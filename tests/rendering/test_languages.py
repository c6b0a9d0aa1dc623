"""Dates, times and plurals as the press of each language writes them."""

from __future__ import annotations

import datetime

import pytest

from karnay.rendering.languages import listed, locale, written_date, written_time


@pytest.mark.parametrize(
    ("language", "style", "written"),
    [
        ("uz", "long", "2024-yil 3-dekabr"),
        ("uz-Cyrl", "long", "2024 йил 3 декабрь"),
        ("ru", "long", "3 декабря 2024 г."),
        ("en", "long", "3 December 2024"),
        ("uz", "day", "3-dekabr"),
        ("uz-Cyrl", "day", "3 декабрь"),
        ("ru", "day", "3 декабря"),
        ("en", "day", "3 December"),
        ("uz", "weekday", "2024-yil 3-dekabr, seshanba"),
        ("uz-Cyrl", "weekday", "2024 йил 3 декабрь, сешанба"),
        ("ru", "weekday", "вторник, 3 декабря 2024 г."),
        ("en", "weekday", "Tuesday, 3 December 2024"),
        ("uz-Cyrl", "MMMM", "декабрь"),
        ("en", "d.MM.yy", "3.12.24"),
    ],
)
def test_a_date_is_written_as_the_language_writes_it(
    language: str, style: str, written: str
) -> None:
    assert written_date("2024-12-03", language, style) == written


@pytest.mark.parametrize(
    "value",
    ["2024-12-03", "2024-12-03 10:00", "2024-12-03T10:00+05:00", datetime.date(2024, 12, 3)],
)
def test_a_date_is_read_from_what_begins_with_one(value: object) -> None:
    assert written_date(value, "en") == "3 December 2024"


@pytest.mark.parametrize(
    "value", ["", "3.12.2024", "2024-02-30", "2024-13-01", "2024-12-031", None]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a da"):
        written_date(value, "en")


@pytest.mark.parametrize(
    ("month", "written"),
    [
        ("01", "январь"),
        ("02", "февраль"),
        ("03", "март"),
        ("05", "май"),
        ("06", "июнь"),
        ("07", "июль"),
        ("08", "август"),
        ("10", "октябрь"),
    ],
)
def test_cyrillic_uzbek_months_are_the_newspapers(month: str, written: str) -> None:
    assert written_date(f"2024-{month}-03", "uz-Cyrl", "day") == f"3 {written}"


@pytest.mark.parametrize(
    ("value", "written"),
    [("9:05", "09:05"), ("14:30", "14:30"), ("2024-12-03 10:00", "10:00"), ("at 8:00", "08:00")],
)
def test_a_time_is_hour_and_minute(value: str, written: str) -> None:
    assert written_time(value) == written


@pytest.mark.parametrize("value", ["25:00", "10:60", "noon", "", None, 630])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="has no time"):
        written_time(value)


@pytest.mark.parametrize(
    ("items", "written"), [([], ""), (["a"], "a"), (["a", "b"], "a va b"), ([1, 2, 3], "1, 2 va 3")]
)
def test_a_list_of_any_length(items: list[object], written: str) -> None:
    assert str(listed(items, "uz")) == written


def test_other_languages_join_as_cldr_says() -> None:
    assert str(listed(["a", "b"], "kk")) == "a және b"


@pytest.mark.parametrize("code", ["xx-nonsense", "", "../etc"])
def test_an_unknown_language_writes_as_english(code: str) -> None:
    assert locale(code).language == "en"
