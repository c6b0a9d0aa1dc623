"""The sandbox over real sockets: starting, stopping, and connections that are cut."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from karnay.errors import NotPossible
from karnay.sandbox.server import Sandbox
from karnay.sandbox.telegram.api import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.testing.clock import FixedClock

SERVE = "from karnay.sandbox.server import serve; serve(ready=lambda url: print(url, flush=True))"


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Sandbox]:
    """A running sandbox."""
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def remote(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Asks it over a socket."""
    with httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        yield client


def send(client: httpx.Client, text: str = "Hello", timeout: float = 5) -> httpx.Response:
    path, body = f"/telegram/bot{TOKEN}/sendMessage", {"chat_id": "@tict_demo", "text": text}
    return client.post(path, json=body, timeout=timeout)


def test_it_answers_at_its_url(sandbox: Sandbox, remote: httpx.Client) -> None:
    assert send(remote).status_code == 200
    (post,) = sandbox.published("telegram")
    assert post.link == f"{sandbox.url}/telegram/tict_demo/2"
    assert remote.get(post.link).status_code == 200


def test_it_listens_on_this_machine_only(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_a_dropped_connection_leaves_the_post_and_no_answer(
    sandbox: Sandbox, remote: httpx.Client
) -> None:
    sandbox.fault("telegram", "drop")
    with pytest.raises(httpx.RemoteProtocolError):
        send(remote)
    assert [post.text for post in sandbox.published()] == ["Hello"]
    assert [request.status for request in sandbox.requests("telegram")] == [None]


def test_after_a_dropped_connection_the_next_one_is_served(
    sandbox: Sandbox, remote: httpx.Client
) -> None:
    sandbox.fault("telegram", "drop")
    with pytest.raises(httpx.TransportError):
        send(remote)
    assert send(remote, "Again").status_code == 200


@pytest.mark.parametrize(("kind", "made"), [("close", 0), ("half", 1), ("drop", 1)])
def test_a_connection_that_is_cut_may_have_published(
    sandbox: Sandbox, remote: httpx.Client, kind: str, made: int
) -> None:
    sandbox.fault("telegram", kind)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        send(remote)
    assert len(sandbox.published()) == made
    assert send(remote, "Again").status_code == 200


def test_half_an_answer_begins_as_the_whole_one_does(
    sandbox: Sandbox, remote: httpx.Client
) -> None:
    sandbox.fault("telegram", "half")
    path, body = f"/telegram/bot{TOKEN}/sendMessage", {"chat_id": "@tict_demo", "text": "Hello"}
    with remote.stream("POST", path, json=body) as answer:
        pieces = answer.iter_bytes()
        assert next(pieces).startswith(b'{"ok":true')
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            next(pieces)


def test_a_slow_answer_outlasts_the_clients_patience(
    sandbox: Sandbox, remote: httpx.Client
) -> None:
    sandbox.fault("telegram", "slow", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        send(remote, timeout=0.1)
    assert len(sandbox.published()) == 1


def test_a_slow_answer_delays_no_other(sandbox: Sandbox, remote: httpx.Client) -> None:
    sandbox.fault("telegram", "slow", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        send(remote, timeout=0.1)
    assert send(remote, "Quick", timeout=1).status_code == 200


def test_healing_ends_a_fault(sandbox: Sandbox, remote: httpx.Client) -> None:
    sandbox.fault("telegram", "500", times=None)
    sandbox.heal()
    assert send(remote).status_code == 200


@pytest.mark.parametrize(("platform", "kind"), [("myspace", "drop"), ("x", "explode")])
def test_an_unknown_fault_is_refused(sandbox: Sandbox, platform: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"myspace|explode"):
        sandbox.fault(platform, kind)


def test_many_threads_publish_at_once(sandbox: Sandbox, remote: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: send(remote, str(number)), range(80)))
    ids = {answer.json()["result"]["message_id"] for answer in answers}
    assert len(ids) == len(sandbox.published()) == len(sandbox.requests()) == 80


def test_threads_are_told_apart(sandbox: Sandbox, remote: httpx.Client) -> None:
    send(remote, "One")
    send(remote, "Two")
    assert [[post.text for post in thread] for thread in sandbox.threads()] == [["One"], ["Two"]]


def test_it_stops_at_once_even_while_an_answer_is_owed() -> None:
    with Sandbox() as running:
        running.fault("telegram", "slow", seconds=30)
        with httpx.Client(base_url=running.url, trust_env=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                send(client, timeout=0.1)
            began = time.monotonic()
            running.__exit__(None, None, None)
    assert time.monotonic() - began < 2


def test_a_stopped_sandbox_answers_no_more() -> None:
    with Sandbox() as running:
        url = running.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NotPossible, match=rf"127\.0\.0\.1:{port}.*another port"):
            Sandbox(port=port)


def test_it_starts_in_half_a_second() -> None:
    began = time.monotonic()
    with Sandbox():
        assert time.monotonic() - began < 0.5


def test_alone_it_serves_until_ctrl_c() -> None:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        url = ran.stdout.readline().strip()
        status = httpx.get(url, trust_env=False, timeout=10).status_code
        ran.send_signal(signal.SIGINT)
        _rest, errors = ran.communicate(timeout=10)
    assert (status, ran.returncode, errors) == (200, 0, "")
