"""What may be connected to, and what never."""

from __future__ import annotations

import time

import pytest

from karnay.cards.reach import Deadline, Reach, Unreachable, is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_the_open_internet_may_be_reached(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep their secrets
        "100.64.0.1",  # shared by a provider's customers
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_nothing_else_may_be_reached(address: str) -> None:
    assert not is_public(address)


def test_only_those_addresses_of_a_host_are_taken_that_may_be_reached() -> None:
    reach = Reach(lookup=lambda *_: ["10.0.0.1", "93.184.215.14", "::1"])
    assert reach.addresses("example.org", 443, Deadline(5)) == ["93.184.215.14"]


def test_only_the_webs_ports_are_fetched_from() -> None:
    with pytest.raises(Unreachable, match="port 22"):
        Reach().addresses("example.org", 22, Deadline(5))


@pytest.mark.parametrize("host", ["127.1", "0x7f.0.0.1", "2130706433", "localhost"])
def test_loopback_in_other_clothes_is_not_reached(host: str) -> None:
    with pytest.raises(Unreachable, match=r"private network|nobody knows"):
        Reach().addresses(host, 80, Deadline(5))


def test_a_name_server_that_is_silent_is_not_waited_for() -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="does not answer"):
        Reach(lookup=lambda *_: [str(time.sleep(2))]).addresses("example.org", 80, Deadline(0.05))
    assert time.monotonic() - began < 1
