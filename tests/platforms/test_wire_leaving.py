"""A request leaves soon after its attempt was written down, or never."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import httpx
import pytest

from builders import NOON
from karnay.errors import NoAnswer, NotSent
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.wire import Timer, Wire
from karnay.testing.clock import FixedClock

SECONDS = 15.0


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def send(wire: Wire, port: int) -> None:
    wire.send(Call("POST", f"http://127.0.0.1:{port}/", body={"text": "once"}), effect=Effect.ONCE)


@pytest.fixture
def heard() -> Iterator[tuple[int, list[bytes]]]:
    """A port, and all that was said to it; it hangs up without a word."""
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            connection, _ = listening.accept()
            with connection:
                said.append(connection.recv(10_000))

        thread = Thread(target=listen, daemon=True)
        thread.start()
        yield listening.getsockname()[1], said
        with socket.create_connection(listening.getsockname()):
            pass
        thread.join(5)


def test_in_time_it_leaves(clock: FixedClock, heard: tuple[int, list[bytes]]) -> None:
    wire = Wire(clock)
    with wire.leaving_before(Timer(clock, SECONDS)), pytest.raises(NoAnswer):
        send(wire, heard[0])
    assert heard[1][0].startswith(b"POST")
    wire.close()


def test_a_process_that_wakes_up_too_late_sends_nothing(
    clock: FixedClock, heard: tuple[int, list[bytes]]
) -> None:
    wire = Wire(clock)
    with wire.leaving_before(Timer(clock, SECONDS)):
        clock.move(timedelta(minutes=10))
        with pytest.raises(NotSent, match="did not leave in time"):
            send(wire, heard[0])
    wire.close()
    assert heard[1] == []


def test_one_that_is_stopped_while_it_connects_sends_nothing(
    clock: FixedClock, heard: tuple[int, list[bytes]]
) -> None:
    wire = Wire(clock)
    wait_for_connection = wire._on_event

    def stopped(name: str, info: dict[str, object]) -> None:
        clock.move(timedelta(minutes=10) * name.endswith("connect_tcp.complete"))
        wait_for_connection(name, info)

    wire._on_event = stopped  # type: ignore[method-assign]
    with (
        wire.leaving_before(Timer(clock, SECONDS)),
        pytest.raises(NotSent, match="did not leave in time"),
    ):
        send(wire, heard[0])
    wire.close()
    assert not [said for said in heard[1] if said]


def test_a_wall_clock_that_was_set_back_hides_no_delay() -> None:
    clock = FixedClock(NOON)
    wire = Wire(clock, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with wire.leaving_before(Timer(clock, 0.01)):
        clock.move(-timedelta(hours=1))
        time.sleep(0.02)
        with pytest.raises(NotSent):
            send(wire, 9)
    wire.close()


def test_outside_a_step_there_is_no_hurry(clock: FixedClock) -> None:
    wire = Wire(clock, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with wire.leaving_before(Timer(clock, SECONDS)):
        clock.move(timedelta(minutes=10))
    send(wire, 9)
    wire.close()
