"""What a signal means, and that it means what it did before once we no longer listen."""

from __future__ import annotations

import signal

import pytest

from karnay.cli.signals import Signals


def test_a_signal_to_stop_is_told() -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGTERM)
        assert signals.wait(5) is signal.SIGTERM


def test_sighup_asks_to_reload_and_may_come_again() -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert [signals.wait(5), signals.wait(5)] == [signal.SIGHUP] * 2


def test_without_a_signal_the_time_passes() -> None:
    with Signals() as signals:
        assert signals.wait(0.01) is None


def test_a_command_that_ends_by_itself_is_interrupted() -> None:
    with Signals(interrupting=True), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Signals():
        pass
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert after == before


def test_a_sighup_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
