"""What the threads tell, and what is made of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from builders import a_delivery
from karnay.engine.metrics import ThreadCollector, exposition
from karnay.engine.vitals import CLOCK, WATCH, Vitals


class Stopwatch:
    """A monotonic clock that goes when it is told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def vitals(stopwatch: Stopwatch) -> Vitals:
    return Vitals(stopwatch)


def sample(vitals: Vitals, name: str, **labels: Any) -> float | None:
    return vitals.registry.get_sample_value(name, labels)


def test_a_silence_is_counted_from_the_last_beat(vitals: Vitals, stopwatch: Stopwatch) -> None:
    vitals.beat(WATCH)
    stopwatch.seconds += 3
    vitals.woke()
    stopwatch.seconds += 4
    assert vitals.signs().silences == {WATCH: 7, CLOCK: 4}


def test_whoever_has_a_delivery_in_hand_is_busy_and_for_how_long_is_told(
    vitals: Vitals, stopwatch: Stopwatch
) -> None:
    with vitals.working():
        stopwatch.seconds += 5
        assert (vitals.signs().busy, vitals.signs().longest_at_work) == (1, 5)
    assert (vitals.signs().busy, vitals.signs().longest_at_work) == (0, 0)


def test_a_worker_that_fails_is_at_work_no_more(vitals: Vitals) -> None:
    with pytest.raises(ZeroDivisionError), vitals.working():
        raise ZeroDivisionError
    assert vitals.signs().busy == 0


def test_one_wrong_clock_among_the_networks_does_not_make_ours_wrong(vitals: Vitals) -> None:
    for offset in (0.2, 3600.0, -0.1):
        vitals.clock_offset_seen(offset)
    assert vitals.signs().clock_offset == 0.2


def test_what_was_heard_of_the_time_grows_old(vitals: Vitals, stopwatch: Stopwatch) -> None:
    vitals.clock_offset_seen(90.0)
    stopwatch.seconds += 3601
    assert vitals.signs().clock_offset is None


def test_a_write_that_succeeds_ends_the_trouble(vitals: Vitals) -> None:
    vitals.store_refused("the disk is full")
    assert vitals.signs().store_trouble == "the disk is full"
    vitals.stored()
    assert vitals.signs().store_trouble == ""


def test_requests_are_counted_by_platform_and_outcome(vitals: Vitals) -> None:
    vitals.attempted("x", "ok", 0.2)
    vitals.attempted("x", "Rejected", 0.1)
    assert sample(vitals, "karnay_attempts_total", platform="x", outcome="ok") == 1
    assert sample(vitals, "karnay_request_seconds_count", platform="x") == 2


def test_lateness_is_a_histogram(vitals: Vitals) -> None:
    vitals.began(a_delivery(), 0.03)
    assert sample(vitals, "karnay_lateness_seconds_bucket", platform="telegram", le="0.025") == 0
    assert sample(vitals, "karnay_lateness_seconds_bucket", platform="telegram", le="0.05") == 1


def test_every_metric_has_its_name_and_help_and_no_text(vitals: Vitals) -> None:
    vitals.began(a_delivery(), 0.03)
    vitals.settled("telegram", "published")
    vitals.beat(WATCH)
    vitals.registry.register(ThreadCollector(vitals))
    text = exposition(vitals.registry)[0].decode()
    assert 'karnay_thread_silence_seconds{thread="watch"}' in text
    assert "karnay_build_info{" in text
    assert "Open day" not in text


def test_two_daemons_in_one_process_do_not_mix() -> None:
    first, second = Vitals(), Vitals()
    first.worker_failed()
    assert sample(first, "karnay_worker_failures_total") == 1
    assert sample(second, "karnay_worker_failures_total") == 0


def test_threads_may_tell_at_the_same_time(vitals: Vitals) -> None:
    def work() -> None:
        for _ in range(200):
            with vitals.working():
                vitals.attempted("x", "ok", 0.0)

    with ThreadPoolExecutor(4) as pool:
        told = [pool.submit(work) for _ in range(4)]
    assert [one.exception() for one in told] == [None] * 4
    assert sample(vitals, "karnay_attempts_total", platform="x", outcome="ok") == 800
    assert vitals.signs().busy == 0
