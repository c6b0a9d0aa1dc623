"""What an answer's date says of our clock."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from builders import HOUR, NOON
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.told_time import clock_offset
from karnay.platforms.wire import Wire
from karnay.testing.clock import FixedClock


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("made", "took", "offset"),
    [
        (NOON, 0.2, 0.0),
        (NOON + seconds(30), 60.0, 0.0),  # a slow network makes no right clock wrong
        (NOON + HOUR, 0.5, -3599.5),
        (NOON - HOUR, 0.5, 3599.0),
    ],
)
def test_our_clock_is_off_by_what_the_way_there_and_back_cannot_explain(
    made, took: float, offset: float
) -> None:
    date = format_datetime(made, usegmt=True)
    assert clock_offset(date, NOON, NOON + seconds(took)) == offset


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT", "\udcff"])
def test_what_is_no_date_says_nothing(date: str) -> None:
    assert clock_offset(date, NOON, NOON) is None


@pytest.mark.parametrize(
    ("headers", "heard"),
    [({"Date": format_datetime(NOON + HOUR, usegmt=True)}, [-3600.0]), ({}, [])],
)
def test_the_wire_tells_of_every_answer_that_has_a_date(
    headers: dict[str, str], heard: list[float]
) -> None:
    told: list[float] = []
    network = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))
    wire = Wire(FixedClock(NOON), transport=network, hears=told.append)
    wire.send(Call("GET", "https://network.example/"), effect=Effect.SAFE)
    wire.close()
    assert told == heard
