"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.content.durations import LONGEST, BadDuration, parse


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1 hour", 60),
        ("10 min", 10),
        ("2h30m", 150),
        ("2h 30m", 150),
        ("1 hour and 5 minutes", 65),
        ("2 hours, 1 min", 121),
        ("1.5 h", 90),
        ("2 days", 2880),
        ("1 Week", 10080),
        ("90s", 1.5),
        (" 0 min ", 0),
    ],
)
def test_a_duration_is_read(text: str, minutes: float) -> None:
    assert parse(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("90", '"90" has no unit: write it as 10 min, 1 hour or 2h30m'),
        ("", '"" is not a duration: write it as 10 min, 1 hour or 2h30m'),
        ("soon", '"soon" is not a duration: write it as 10 min, 1 hour or 2h30m'),
        ("-1 h", '"-1 h" is not a duration: write it as 10 min, 1 hour or 2h30m'),
        ("٣ h", '"٣ h" is not a duration: write it as 10 min, 1 hour or 2h30m'),
        ("1 fortnight", '"fortnight" is not a unit of time: write it as 10 min, 1 hour or 2h30m'),
        ("999999999 days", '"999999999 days" is longer than ten years'),
        ("999999999w", '"999999999w" is longer than ten years'),
    ],
)
def test_what_is_no_duration_says_why(text: str, message: str) -> None:
    with pytest.raises(BadDuration) as caught:
        parse(text)
    assert str(caught.value) == message


@given(st.integers(0, 9999), st.integers(0, 59))
def test_hours_and_minutes_add_up(hours: int, minutes: int) -> None:
    assert parse(f"{hours}h{minutes}m") == timedelta(hours=hours, minutes=minutes)


@given(
    st.lists(st.sampled_from(["999999999", " ", "1.5", "w", "days", "h", "and", ","])).map("".join)
)
def test_any_text_is_a_duration_in_bounds_or_refused(text: str) -> None:
    try:
        span = parse(text)
    except BadDuration:
        return
    assert timedelta() <= span <= LONGEST
