"""`karnay run --monitor`: `/healthz` and `/metrics` over real HTTP."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from builders import NOON
from daemons import Process, until
from karnay.cli import monitoring
from karnay.cli.exits import Exit
from karnay.cli.monitoring import Monitor, parsed
from karnay.engine.checkup import Checkup
from karnay.engine.vitals import Vitals
from karnay.errors import NotPossible
from karnay.sandbox.server import Sandbox
from karnay.store.database import Database
from karnay.testing.clock import FixedClock


@pytest.fixture
def vitals() -> Vitals:
    return Vitals()


@pytest.fixture
def checkup(sqlite_database: Database, vitals: Vitals) -> Checkup:
    return Checkup(sqlite_database, vitals, FixedClock(NOON))


@pytest.fixture
def monitor(checkup: Checkup) -> Iterator[Monitor]:
    with Monitor(checkup) as running:
        yield running


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False)


def test_a_healthy_daemon_answers_200(monitor: Monitor) -> None:
    answer = get(f"{monitor.url}/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy"
    assert answer.headers["cache-control"] == "no-store"


def test_an_unhealthy_one_answers_503_and_says_why(monitor: Monitor, vitals: Vitals) -> None:
    vitals.store_refused("the disk is full")
    answer = get(f"{monitor.url}/healthz")
    assert answer.status_code == 503
    assert {"check": "database", "state": "bad", "says": "the disk is full"} in answer.json()[
        "checks"
    ]


def test_a_database_that_does_not_answer_is_told_in_time(
    monitor: Monitor, checkup: Checkup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "ANSWERS_WITHIN", 0.0)
    answer = get(f"{monitor.url}/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"][0]["says"] == "it does not answer"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("", "text/plain"), ("application/openmetrics-text", "application/openmetrics-text")],
)
def test_metrics_come_in_the_format_that_is_asked_for(
    monitor: Monitor, accept: str, content_type: str
) -> None:
    answer = get(f"{monitor.url}/metrics", accept=accept)
    assert answer.headers["content-type"].startswith(content_type)
    assert "karnay_build_info" in answer.text


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz/x", "/metrics/../etc"])
def test_there_is_nothing_else(monitor: Monitor, path: str) -> None:
    assert get(f"{monitor.url}{path}").status_code == 404


def test_it_only_reads(monitor: Monitor) -> None:
    assert httpx.post(f"{monitor.url}/healthz", trust_env=False).status_code == 405


def test_a_port_that_is_taken_is_said_in_words(monitor: Monitor, sqlite_database: Database) -> None:
    port = int(monitor.url.rpartition(":")[2])
    with pytest.raises(NotPossible, match=r"cannot listen on 127\.0\.0\.1:\d+"):
        Monitor(Checkup(sqlite_database, Vitals(), FixedClock(NOON)), port=port)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9477", ("127.0.0.1", 9477)),
        ("9477", ("127.0.0.1", 9477)),
        (":9477", ("127.0.0.1", 9477)),
        ("[::1]:9477", ("::1", 9477)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
    ],
)
def test_an_address_is_on_the_loopback_unless_it_says_otherwise(
    text: str, address: tuple[str, int]
) -> None:
    assert parsed(text) == address


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1", "127.0.0.1:99999", "::1:9477"])
def test_what_is_no_address_is_refused(workspace: Path, karnay, text: str) -> None:
    result = karnay("run", "--monitor", text or " ")
    assert result.exit_code == Exit.USAGE
    assert "127.0.0.1:9477" in result.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def daemon(on_sandbox: Path) -> Iterator[Process]:
    running = Process(on_sandbox, "--monitor", f"127.0.0.1:{free_port()}")
    assert running.says("karnay runs on"), running.log
    yield running
    running.kill()


@pytest.mark.slow
def test_a_real_daemon_tells_of_its_work_and_stops_answering_with_it(
    daemon: Process, karnay, sandbox: Sandbox
) -> None:
    [url] = re.findall(r"answers on (\S+)/healthz", daemon.log)
    assert get(f"{url}/healthz").json()["status"] == "healthy"
    sandbox.fault("mastodon", "refuse")
    karnay("queue", "add", "open-day", "-a", "mastodon", "--now")
    assert until(lambda: "karnay_failed_lately 1.0" in get(f"{url}/metrics").text)
    answer = get(f"{url}/healthz")
    assert (answer.status_code, answer.json()["needs_a_person"]) == (200, True)
    daemon.send(signal.SIGTERM)
    assert daemon.ended() == 0
    with pytest.raises(httpx.ConnectError):
        get(f"{url}/healthz")
