"""Datagrams to the service manager."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from karnay.engine.systemd import Systemd

_NUMBERS = itertools.count()


def a_manager(address: str) -> socket.socket:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(address.replace("@", "\0"))
    manager.settimeout(5)
    return manager


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    abstract = f"@karnay-test-{os.getpid()}-{next(_NUMBERS)}"
    return abstract if request.param == "abstract" else str(tmp_path / "notify")


@pytest.fixture
def manager(address: str) -> Iterator[socket.socket]:
    listening = a_manager(address)
    yield listening
    listening.close()


def test_ready_comes_with_its_status(manager: socket.socket, address: str) -> None:
    Systemd(address).ready("publishing")
    assert manager.recv(1000) == b"READY=1\nSTATUS=publishing"


def test_a_pulse_stopping_and_a_status_of_one_line(manager: socket.socket, address: str) -> None:
    systemd = Systemd(address)
    systemd.alive()
    systemd.stopping()
    systemd.status("two\nlines")
    told = [manager.recv(1000) for _ in range(3)]
    assert told == [b"WATCHDOG=1", b"STOPPING=1", b"STATUS=two lines"]


def test_reloading_tells_when_it_began(manager: socket.socket, address: str) -> None:
    Systemd(address).reloading()
    first, second = manager.recv(1000).splitlines()
    assert first == b"RELOADING=1"
    assert second.startswith(b"MONOTONIC_USEC=")


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "vsock:2:1"])
def test_without_a_manager_nothing_happens(address: str) -> None:
    Systemd(address).ready("publishing")


@pytest.mark.parametrize(
    ("environment", "pulse"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "17"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "18"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_pulse_is_half_of_what_the_watchdog_waits(
    environment: dict[str, str], pulse: float | None
) -> None:
    assert Systemd.of(environment, pid=17).pulse == pulse


def test_a_child_process_finds_its_manager_in_the_environment(
    manager: socket.socket, address: str
) -> None:
    script = "from karnay.engine.systemd import Systemd; Systemd.of().alive()"
    environment = {**os.environ, "NOTIFY_SOCKET": address}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert manager.recv(1000) == b"WATCHDOG=1"
