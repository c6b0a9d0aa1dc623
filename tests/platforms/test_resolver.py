"""Addresses are asked for once, and anew when they do not answer."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpcore
import httpx
import pytest

from karnay.clock import SystemClock
from karnay.errors import NotSent
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.resolver import KEPT_FOR, Backend, Resolver, resolve_with
from karnay.platforms.wire import Wire


class Names:
    """A name server that counts its questions."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = list(addresses), 0

    def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        if not self.addresses:
            raise socket.gaierror("unknown")
        return self.addresses


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_many_threads_ask_once() -> None:
    names, ready = Names("127.0.0.1"), Barrier(8)
    resolver = Resolver(names)

    def ask(_: int) -> object:
        ready.wait()
        return resolver.addresses("karnay.example", 443)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [["127.0.0.1"]] * 8
    assert names.asked == 1


@pytest.mark.parametrize(("passed", "asked"), [(KEPT_FOR - 1, 1), (KEPT_FOR, 2)])
def test_an_answer_is_kept_for_a_while(passed: float, asked: int) -> None:
    names, now = Names("127.0.0.1"), [100.0]
    resolver = Resolver(names, lambda: now[0])
    resolver.addresses("karnay.example", 443)
    now[0] += passed
    resolver.addresses("karnay.example", 443)
    assert names.asked == asked


def test_the_first_address_that_answers_is_taken(port: int) -> None:
    backend = Backend(Resolver(Names("127.0.0.2", "127.0.0.1")))
    stream = backend.connect_tcp("karnay.example", port, timeout=5)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
    stream.close()


def test_addresses_that_do_not_answer_are_asked_for_anew(port: int) -> None:
    names = Names("127.0.0.2")
    backend = Backend(Resolver(names))
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("karnay.example", port, timeout=5)
    names.addresses = ["127.0.0.1"]
    backend.connect_tcp("karnay.example", port, timeout=5).close()


def test_a_name_that_nobody_knows_is_no_connection() -> None:
    with pytest.raises(httpcore.ConnectError, match="unknown"):
        Backend(Resolver(Names())).connect_tcp("karnay.example", 443)


def test_a_client_connects_to_the_address_and_names_the_host(port: int) -> None:
    with httpx.Client(trust_env=False, timeout=0.2) as client:
        resolve_with(client, Resolver(Names("127.0.0.1")))
        with pytest.raises(httpx.ReadTimeout):  # it was connected
            client.get(f"http://karnay.example:{port}/")


def test_every_wire_resolves_that_way() -> None:
    names = Names()
    wire = Wire(SystemClock(), resolver=Resolver(names))
    with pytest.raises(NotSent, match="unknown"):
        wire.send(Call("GET", "http://karnay.example/"), effect=Effect.SAFE)
    assert names.asked == 1
    wire.close()
