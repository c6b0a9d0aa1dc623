"""The watchdog's pulse follows the threads' beats; a reload reads the accounts again."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from karnay.accounts import Account
from karnay.cli.running import keep_running
from karnay.engine.vitals import CLOCK, Vitals
from karnay.newsroom import Newsroom
from karnay.sandbox.networks import PLATFORMS

WAITED = None
"""Nothing came: it is time for a pulse."""


class Idle:
    """A daemon that has nothing to do."""

    accounts: Mapping[str, Account] | None = None

    def start(self) -> None:
        """Nothing begins."""

    def stop(self) -> None:
        """Nothing ends."""

    def require_store(self) -> None:
        """It is there."""

    def reload(self, accounts: Mapping[str, Account]) -> None:
        self.accounts = accounts


class Script:
    """What comes, one at each wait, and SIGTERM at the end."""

    def __init__(self, *coming: signal.Signals | None) -> None:
        self._coming = iter(coming)

    def wait(self, _seconds: float | None) -> signal.Signals | None:
        return next(self._coming, signal.SIGTERM)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Stands for systemd, and wants a pulse."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        monkeypatch.setattr("faulthandler.enable", lambda: None)  # pytest has its own
        yield listening


def told(manager: socket.socket) -> list[bytes]:
    """All that it was told."""
    return list(iter(lambda: _next(manager), b""))


def _next(manager: socket.socket) -> bytes:
    try:
        return manager.recv(1000)
    except BlockingIOError:
        return b""


def run(room: Newsroom, vitals: Vitals, *coming: signal.Signals | None) -> Idle:
    daemon: Any = Idle()
    script: Any = Script(*coming)
    keep_running(room, daemon, vitals, script)
    return daemon


def test_a_daemon_whose_threads_live_has_a_pulse(workspace: Path, manager: socket.socket) -> None:
    run(Newsroom(workspace), Vitals(), WAITED, WAITED)
    assert told(manager) == [
        b"READY=1\nSTATUS=publishing what is due",
        b"WATCHDOG=1",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=finishing the step in hand",
    ]


def test_one_that_hangs_has_none_and_says_which_thread(
    workspace: Path, manager: socket.socket
) -> None:
    seconds = iter([0.0])
    vitals = Vitals(lambda: next(seconds, 45.0))
    vitals.beat(CLOCK)
    run(Newsroom(workspace), vitals, WAITED)
    said = told(manager)
    assert b"WATCHDOG=1" not in said
    assert b"STATUS=no sign of life from: clock for 45 s" in said


def test_a_reload_hands_the_daemon_the_accounts_of_now(
    workspace: Path, manager: socket.socket
) -> None:
    room, toml = Newsroom(workspace), workspace / "karnay.toml"
    toml.write_text(toml.read_text("utf-8").replace("[accounts.mastodon]", "[accounts.toot]"))
    daemon = run(room, Vitals(), signal.SIGHUP)
    assert daemon.accounts is not None
    assert {"toot"} == set(daemon.accounts) - {*PLATFORMS}
    assert told(manager)[1].startswith(b"RELOADING=1")


def test_a_reload_of_a_wrong_configuration_changes_nothing(
    workspace: Path, manager: socket.socket
) -> None:
    room, toml = Newsroom(workspace), workspace / "karnay.toml"
    before = room.configuration
    toml.write_text("accounts = 7\n" + toml.read_text("utf-8"), "utf-8")
    daemon = run(room, Vitals(), signal.SIGHUP)
    assert daemon.accounts is None
    assert room.configuration is before
    assert any(b"karnay.toml is wrong" in one for one in told(manager))
