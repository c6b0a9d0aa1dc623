"""What makes a daemon unhealthy, and what only needs a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import NOON
from karnay.engine.health import Health, Snapshot, Standing, judge, threads
from karnay.engine.vitals import THREADS, Signs
from karnay.store.sight import Needs, Waiting
from karnay.store.writer import WRITER

FORGOTTEN = Waiting(7, "telegram", NOON - timedelta(seconds=12), 0)


def health(**seen: Any) -> Health:
    return judge(Snapshot(NOON, **seen))


def says(found: Health, name: str) -> str:
    return {check.name: check.says for check in found.checks}[name]


def test_a_daemon_with_nothing_to_do_is_healthy() -> None:
    assert health().healthy
    assert not health().needs_a_person


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("due", {"waiting": FORGOTTEN}),
        ("due", {"unreadable": "the disk is gone"}),
        ("claims", {"unreadable": "the disk is gone"}),
        ("failed", {"unreadable": "the disk is gone"}),
        ("database", {"unreadable": "the disk is gone"}),
        ("database", {"signs": Signs(store_trouble="the disk is full")}),
        ("threads", {"signs": Signs(silences={"clock": 31.0})}),
        ("claims", {"abandoned": 1}),
        ("workers", {"signs": Signs(worker_failed_ago=20.0)}),
        ("workers", {"signs": Signs(busy=1, longest_at_work=1801.0)}),
        ("clock", {"signs": Signs(clock_offset=31.0)}),
        ("clock", {"signs": Signs(clock_offset=-31.0)}),
    ],
)
def test_it_is_unhealthy(name: str, seen: dict[str, Any]) -> None:
    found = health(**seen)
    assert not found.healthy
    assert [one.standing for one in found.checks if one.name == name] == [Standing.BAD]


@pytest.mark.parametrize(
    "signs",
    [
        Signs(silences=dict.fromkeys(THREADS, 29.0)),
        Signs(worker_failed_ago=301.0),
        Signs(clock_offset=29.0),
        Signs(busy=32, longest_at_work=300.0),
    ],
)
def test_it_is_healthy(signs: Signs) -> None:
    assert health(signs=signs).healthy


@pytest.mark.parametrize(
    "needs",
    [Needs(asked=1), Needs(failed=1), Needs(paused=("telegram",)), Needs(logins=("linkedin",))],
)
def test_what_a_person_has_to_mend_is_told_and_no_reason_to_restart(needs: Needs) -> None:
    found = health(needs=needs)
    assert found.healthy
    assert found.needs_a_person


def test_a_sentence_names_the_delivery_and_for_how_long_it_waits() -> None:
    told = says(health(waiting=FORGOTTEN), "due")
    assert told == "delivery 7 to telegram could have begun 12 s ago"


def test_a_sentence_names_the_thread_that_is_silent() -> None:
    assert threads(Signs(silences={WRITER: 95.4})).says == "no sign of life from: writer for 95 s"


def test_the_json_has_every_check_with_its_state_and_a_sentence() -> None:
    document = health(needs=Needs(paused=("telegram", "x"))).as_json()
    assert document["status"] == "healthy"
    assert document["needs_a_person"] is True
    paused = {"check": "accounts", "state": "needs a person", "says": "paused: telegram, x"}
    assert paused in document["checks"]
    assert all(check["says"] for check in document["checks"])
