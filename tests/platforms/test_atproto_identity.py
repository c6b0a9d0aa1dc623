"""Where an account logs in: at Bluesky's own door, or at the server that its identity names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from karnay.accounts import Account
from karnay.errors import AccountError, Transient
from karnay.platforms.atproto_identity import entrance
from karnay.platforms.base import Absent, Key
from karnay.platforms.bluesky import PLATFORM
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Part, Variant
from karnay.testing.clock import FixedClock
from karnay.text.richtext import RichText

PLC, WEB = "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "did:web:tict.example.uz"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def naming(home: str) -> dict[str, Any]:
    service = {"id": "#atproto_pds", "serviceEndpoint": home}
    return {"id": PLC, "service": [{"id": "#other", "serviceEndpoint": "https://x.test"}, service]}


def a_world(answers: dict[str, tuple[int, Any]], asked: list[str] | None = None) -> Wire:
    """Answers by host, and by the last word of the path for servers of accounts."""

    def react(request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition(".")[2]
        if asked is not None:
            asked.append(f"{request.method} {request.url.host} {method}")
        status, body = answers.get(request.url.host) or answers[method]
        return httpx.Response(status, json=body)

    return Wire(FixedClock(), transport=httpx.MockTransport(react))


def found(did: str) -> tuple[int, Any]:
    return 200, {"did": did}


def test_a_handle_of_bluesky_asks_nobody() -> None:
    assert entrance("tict.bsky.social", a_world({})) == "https://bsky.social"


@pytest.mark.parametrize(
    ("home", "door"),
    [
        ("https://pds.example.uz", "https://pds.example.uz"),
        ("https://pds.example.uz/", "https://pds.example.uz"),
        ("https://morel.us-east.host.bsky.network", "https://bsky.social"),
    ],
)
def test_a_handle_of_ones_own_leads_to_the_server_of_the_account(home: str, door: str) -> None:
    world = {"public.api.bsky.app": found(PLC), "plc.directory": (200, naming(home))}
    assert entrance("tict.uz", a_world(world)) == door


def test_an_identity_may_be_a_domain() -> None:
    document = (200, naming("https://pds.example.uz"))
    world = {"public.api.bsky.app": found(WEB), "tict.example.uz": document}
    assert entrance("tict.uz", a_world(world)) == "https://pds.example.uz"


@pytest.mark.parametrize(
    "world",
    [
        {"public.api.bsky.app": (400, {"error": "InvalidRequest", "message": "Unable to resolve"})},
        {"public.api.bsky.app": found(PLC), "plc.directory": (404, {"message": "not registered"})},
        {"public.api.bsky.app": found(PLC), "plc.directory": (200, {"service": []})},
        {"public.api.bsky.app": found(PLC), "plc.directory": (200, naming("http://10.0.0.1"))},
    ],
)
def test_a_handle_that_leads_nowhere_is_about_the_account(world: dict[str, Any]) -> None:
    with pytest.raises(AccountError):
        entrance("tict.uz", a_world(world))


def test_a_directory_that_is_down_is_asked_later() -> None:
    world = {"public.api.bsky.app": found(PLC), "plc.directory": (503, {})}
    with pytest.raises(Transient):
        entrance("tict.uz", a_world(world))


def an_account(server: str = "https://bsky.social") -> Account:
    table = {"handle": "tict.uz", "password": "env:BLUESKY_PASSWORD", "server": server}
    return Account("bluesky", "bluesky", "en", PLATFORM.details.model_validate(table))


SESSION = {"did": PLC, "handle": "tict.uz", "accessJwt": "a1", "refreshJwt": "r1", "active": True}
ELSEWHERE = {
    "public.api.bsky.app": found(PLC),
    "plc.directory": (200, naming("https://pds.example.uz")),
    "createSession": (200, SESSION),
    "getSession": (200, SESSION),
    "getRecord": (400, {"error": "RecordNotFound", "message": "Could not locate record"}),
}


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUESKY_PASSWORD", "k7xq-m2vd-w9ta-p4ze")


def test_an_account_elsewhere_is_served_there() -> None:
    asked: list[str] = []
    PLATFORM.identify(an_account(), a_world(ELSEWHERE, asked))
    assert [line.split()[1] for line in asked[2:]] == ["pds.example.uz"] * 2


def test_a_server_that_is_named_is_taken_at_its_word() -> None:
    asked: list[str] = []
    PLATFORM.identify(an_account("https://pds.named.uz"), a_world(ELSEWHERE, asked))
    assert {line.split()[1] for line in asked} == {"pds.named.uz"}


def test_a_look_before_any_log_in_finds_the_server_and_changes_nothing() -> None:
    asked: list[str] = []
    variant = Variant("bluesky", "bluesky", "en", "", (Part(RichText("Hi")),))
    [step] = PLATFORM.plan(variant, an_account(), Key("seed", NOW))
    assert PLATFORM.find(step, an_account(), a_world(ELSEWHERE, asked), NOW) == Absent()
    assert [line.split()[0] for line in asked] == ["GET"] * 3
