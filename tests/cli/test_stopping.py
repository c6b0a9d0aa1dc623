"""Signals to a real daemon: what it finishes, what it drops, and that nothing is lost by it."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemons import Process, until
from karnay.delivery.states import State
from karnay.newsroom import Newsroom
from karnay.sandbox.server import Sandbox

pytestmark = pytest.mark.slow

Start = Callable[..., Process]


@pytest.fixture
def start(on_sandbox: Path) -> Iterator[Start]:
    """Start a daemon on the workspace, and wait until it runs."""
    started: list[Process] = []

    def starting(*options: str, **environment: str) -> Process:
        process = Process(on_sandbox, *options, **environment)
        started.append(process)
        assert process.says("karnay runs on"), process.log
        return process

    yield starting
    while started:
        started.pop().kill()


@pytest.fixture
def room(on_sandbox: Path) -> Iterator[Newsroom]:
    opened = Newsroom(on_sandbox)
    yield opened
    opened.database.close()


def state(room: Newsroom) -> State:
    return room.queue.get(1).state


def under_way(karnay: Any, sandbox: Sandbox, account: str, seconds: float) -> None:
    """A post that the network has, and whose answer comes so much later."""
    sandbox.fault(account, "slow", seconds=seconds)
    karnay("queue", "add", "open-day", "-a", account, "--now")
    assert until(lambda: sandbox.published(account))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_the_step_in_hand_end(
    start: Start, room: Newsroom, karnay, sandbox: Sandbox, number: int
) -> None:
    daemon = start()
    under_way(karnay, sandbox, "mastodon", 1.5)
    daemon.send(number)
    assert daemon.ended() == 0
    assert "stopping after the step in hand" in daemon.log
    assert state(room) is State.PUBLISHED
    assert len(sandbox.published()) == 1


@pytest.mark.parametrize("account", ["mastodon", "bluesky"])
def test_the_second_ends_it_at_once_and_nothing_is_lost_or_doubled(
    start: Start, room: Newsroom, karnay, sandbox: Sandbox, account: str
) -> None:
    daemon = start()
    under_way(karnay, sandbox, account, 60)
    daemon.send(signal.SIGTERM)
    assert daemon.says("stopping after the step in hand")
    asked = time.monotonic()
    daemon.send(signal.SIGTERM)
    assert daemon.ended() == 128 + signal.SIGTERM
    assert time.monotonic() - asked < 1
    assert state(room) is State.PUBLISHING
    start()
    assert until(lambda: state(room) is State.PUBLISHED, 60)
    assert len(sandbox.published()) == 1


def test_sighup_has_it_read_the_accounts_again(
    start: Start, on_sandbox: Path, room: Newsroom, karnay, sandbox: Sandbox
) -> None:
    daemon = start()
    toml = on_sandbox / "karnay.toml"
    renamed = toml.read_text("utf-8").replace("[accounts.mastodon]", "[accounts.toot]")
    toml.write_text(renamed, "utf-8")
    daemon.send(signal.SIGHUP)
    assert daemon.says("karnay.toml was read again")
    karnay("queue", "add", "open-day", "-a", "toot", "--now")
    assert until(lambda: state(room) is State.PUBLISHED)


def test_a_karnay_toml_that_is_wrong_changes_nothing(
    start: Start, on_sandbox: Path, karnay, sandbox: Sandbox
) -> None:
    daemon = start()
    karnay("queue", "add", "open-day", "-a", "mastodon", "--at", "in 4 seconds")
    toml = on_sandbox / "karnay.toml"
    toml.write_text("accounts = 7\n" + toml.read_text("utf-8"), "utf-8")
    daemon.send(signal.SIGHUP)
    assert daemon.says("the accounts of before go on")
    assert until(lambda: sandbox.published("mastodon"))


def test_systemd_is_told_that_it_is_ready_alive_and_about_to_stop(
    start: Start, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        daemon = start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000")
        assert manager.recv(1000) == b"READY=1\nSTATUS=publishing what is due"
        assert [manager.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        daemon.send(signal.SIGTERM)
        assert b"STOPPING=1" in _last(manager)
    assert daemon.ended() == 0


def _last(manager: socket.socket) -> bytes:
    told = b"WATCHDOG=1"
    while told == b"WATCHDOG=1":
        told = manager.recv(1000)
    return told


def test_json_is_logged_where_it_is_asked_for(start: Start, karnay, sandbox: Sandbox) -> None:
    daemon = start(KARNAY_LOG="json")
    karnay("queue", "add", "open-day", "-a", "bluesky", "--now")
    assert daemon.says('"event": "finished"')
    assert '"delivery": 1' in daemon.log


def test_once_ends_at_the_first_signal_too(
    on_sandbox: Path, room: Newsroom, karnay, sandbox: Sandbox
) -> None:
    sandbox.fault("mastodon", "slow", seconds=1.5)
    karnay("queue", "add", "open-day", "-a", "mastodon", "--now")
    once = Process(on_sandbox, "--once")
    assert until(lambda: sandbox.published("mastodon"))
    once.send(signal.SIGTERM)
    assert once.ended() == 130
    assert state(room) is State.PUBLISHED
