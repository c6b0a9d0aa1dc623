"""The watchdog's pulse follows the threads' beats."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from karnay.cli.running import keep_running
from karnay.cli.signals import Signals
from karnay.engine.vitals import CLOCK, Vitals
from karnay.newsroom import Newsroom


class Idle:
    """A daemon that has nothing to do, and whose threads beat when the test says so."""

    def start(self) -> None:
        """Nothing begins."""

    def stop(self) -> None:
        """Nothing ends."""


def told_to_systemd(
    workspace: Path, vitals: Vitals, monkeypatch: pytest.MonkeyPatch
) -> list[bytes]:
    """All datagrams of a daemon that is stopped after half a second, five pulses long."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(workspace / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(workspace / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        monkeypatch.setattr("faulthandler.enable", lambda: None)  # pytest has its own
        with Signals() as signals:
            Timer(0.55, os.kill, (os.getpid(), signal.SIGTERM)).start()
            idle: Any = Idle()
            keep_running(Newsroom(workspace), idle, vitals, signals)
        return list(iter(lambda: _next(manager), b""))


def _next(manager: socket.socket) -> bytes:
    try:
        return manager.recv(1000)
    except BlockingIOError:
        return b""


def test_a_daemon_whose_threads_live_has_a_pulse(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_to_systemd(workspace, Vitals(), monkeypatch)
    assert told[0] == b"READY=1\nSTATUS=publishing what is due"
    assert told.count(b"WATCHDOG=1") >= 3
    assert told[-1] == b"STOPPING=1\nSTATUS=finishing the step in hand"


def test_one_that_hangs_has_none_and_says_which_thread(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0])
    vitals = Vitals(lambda: next(seconds, 45.0))
    vitals.beat(CLOCK)
    told = told_to_systemd(workspace, vitals, monkeypatch)
    assert b"WATCHDOG=1" not in told
    assert b"STATUS=no sign of life from: clock for 45 s" in told
