"""The reference server of the AT Protocol takes what we send, and we understand what it says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from karnay.errors import AccountError, Rejected
from karnay.platforms.base import Absent, Key, Receipt, Step
from karnay.platforms.bluesky import PLATFORM
from karnay.rendering.variant import Card, Part, Variant
from karnay.testing.clock import START
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire

FAMILY = "👨‍👩‍👧‍👦"  # one grapheme of 25 bytes
SIGNING_KEY = b"jwt-secret-jwt-secret"  # the server's, by shared/servers/bluesky-pds.mjs


@pytest.fixture(scope="module")
def server(
    shared: Callable[[str], Path],
    installed: Callable[[str], Path],
    served: Callable[..., Any],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A server of our own, with its own directory of identities."""
    script, node, home = shared("servers/bluesky-pds.mjs"), installed("bin/node"), installed("pds")
    port, data = free_port(), tmp_path_factory.mktemp("pds")
    with served([node, script, home, str(port), str(free_port()), data], port) as address:
        yield address


@pytest.fixture
def account(
    server: str, an_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> Account:
    """Somebody new on that server."""
    monkeypatch.setenv("PDS_PASSWORD", "correct horse")
    name = f"t{uuid.uuid4().hex[:12]}"
    wanted = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "correct horse"}
    httpx.post(
        f"{server}/xrpc/com.atproto.server.createAccount", json=wanted, trust_env=False, timeout=30
    ).raise_for_status()
    return an_account(
        "bluesky", handle=wanted["handle"], password="env:PDS_PASSWORD", server=server
    )


def a_part(text: RichText, card: Card | None = None) -> Part:
    limits = PLATFORM.limits(None)  # type: ignore[arg-type]  # alike for all accounts
    sent = text.with_spans(limits.dialect.detect(text.text)).only(limits.dialect.keeps)
    return Part(sent, card=card)


def a_plan(account: Account, *parts: Part, language: str = "en") -> list[Step]:
    variant = Variant(account.name, "bluesky", language, "", parts)
    return PLATFORM.plan(variant, account, Key.of("post", variant, START))


def published(steps: list[Step], account: Account, wire: Wire) -> list[tuple[Step, Receipt]]:
    """The steps as they were performed, with what they received."""
    receipts: dict[str, Receipt] = {}
    done = []
    for step in steps:
        ready = step.filled(receipts)
        receipts[step.name] = PLATFORM.perform(ready, account, wire)
        done.append((ready, receipts[step.name]))
    return done


def stored(server: str, account: Account) -> list[dict[str, Any]]:
    """The account's records, the oldest first."""
    asked = {"repo": account.details.handle, "collection": "app.bsky.feed.post", "reverse": "true"}  # type: ignore[attr-defined]
    url = f"{server}/xrpc/com.atproto.repo.listRecords"
    records = httpx.get(url, params=asked, trust_env=False).raise_for_status().json()["records"]
    return [record["value"] for record in records]


def test_every_text_is_stored_as_planned(
    server: str, account: Account, wire: Wire, rich: RichText
) -> None:
    done = published(a_plan(account, a_part(rich)), account, wire)
    assert stored(server, account) == [done[-1][0].call.body["record"]]


def test_a_thread_hangs_together(server: str, account: Account, wire: Wire) -> None:
    parts = [a_part(RichText(f"{number} of 3")) for number in (1, 2, 3)]
    done = published(a_plan(account, *parts), account, wire)
    ids = [{"uri": receipt.id, "cid": receipt.get("cid")} for _, receipt in done]
    assert [record.get("reply") for record in stored(server, account)] == [
        None,
        {"root": ids[0], "parent": ids[0]},
        {"root": ids[0], "parent": ids[1]},
    ]


@pytest.mark.parametrize("language", ["en", "uz", "uz-Cyrl", "zh-Hans-CN"])
def test_every_language_is_taken(server: str, account: Account, wire: Wire, language: str) -> None:
    published(a_plan(account, a_part(RichText("Salom")), language=language), account, wire)
    assert stored(server, account)[0]["langs"] == [language]


@pytest.mark.parametrize("address", ["https://example.org/a?b=c#d", "https://пример.рф/путь"])
def test_a_card_is_taken(server: str, account: Account, wire: Wire, address: str) -> None:
    card = Card(address, "Title “é”", "Words\u2028and more")
    published(a_plan(account, a_part(RichText("See"), card)), account, wire)
    assert stored(server, account)[0]["embed"]["external"]["uri"] == address


@pytest.mark.parametrize("text", ["x" * 300, "é" * 300, "a\u0301" * 300, FAMILY * 120])
def test_what_just_fits_is_taken(account: Account, wire: Wire, text: str) -> None:
    assert PLATFORM.limits(account).fits(RichText(text))
    published(a_plan(account, a_part(RichText(text))), account, wire)


@pytest.mark.parametrize("text", ["x" * 301, "a\u0301" * 301, FAMILY * 120 + "x"])
def test_what_just_does_not_fit_is_rejected(account: Account, wire: Wire, text: str) -> None:
    assert not PLATFORM.limits(account).fits(RichText(text))
    with pytest.raises(Rejected, match=r"\$\.record\.text"):
        published(a_plan(account, a_part(RichText(text))), account, wire)


def test_sending_again_changes_nothing(server: str, account: Account, wire: Wire) -> None:
    steps = a_plan(account, a_part(RichText("once")))
    first, second = (published(steps, account, wire)[-1][1] for _ in range(2))
    assert (first.id, first.get("cid")) == (second.id, second.get("cid"))
    assert len(stored(server, account)) == 1


def test_a_post_is_found_only_once_it_is_there(account: Account, wire: Wire) -> None:
    [step] = a_plan(account, a_part(RichText("lost")))
    before = PLATFORM.find(step, account, wire, START)
    receipt = PLATFORM.perform(step, account, wire)
    assert (before, PLATFORM.find(step, account, wire, START)) == (Absent(), receipt)


def test_a_known_handle_is_mentioned_and_an_unknown_one_is_not(
    server: str, account: Account, wire: Wire
) -> None:
    handle = account.details.handle  # type: ignore[attr-defined]
    spans = (
        Span(0, len(handle) + 1, Kind.MENTION, handle),
        Span(len(handle) + 2, len(handle) + 14, Kind.MENTION, "nobody.test"),
    )
    text = RichText(f"@{handle} @nobody.test", spans)
    published(a_plan(account, Part(text)), account, wire)
    facets = stored(server, account)[0]["facets"]
    did = PLATFORM.identify(account, wire).facts["did"]
    assert [facet["features"][0].get("did") for facet in facets] == [did]


@pytest.mark.parametrize("age", [1, 7200])
def test_an_expired_session_is_renewed(account: Account, wire: Wire, age: int) -> None:
    PLATFORM.identify(account, wire)
    session = wire.sessions.get(account.name) or {}
    wire.sessions.put(account.name, {**session, "access": expired(session["access"], age)})
    published(a_plan(account, a_part(RichText("renewed"))), account, wire)
    renewed = wire.sessions.get(account.name) or {}
    assert renewed["access"] not in ("", session["access"])


def expired(token: str, age: int) -> str:
    """The same token, signed by the server, but over since that many seconds."""
    head, claims, _ = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    late = json.dumps({**told, "exp": int(time.time()) - age}).encode()
    signed = head + "." + base64.urlsafe_b64encode(late).decode().rstrip("=")
    proof = hmac.new(SIGNING_KEY, signed.encode(), hashlib.sha256).digest()
    return signed + "." + base64.urlsafe_b64encode(proof).decode().rstrip("=")


def test_a_session_that_the_server_never_gave_is_replaced(account: Account, wire: Wire) -> None:
    server = account.details.server  # type: ignore[attr-defined]
    wire.sessions.put(account.name, {"access": "x.y.z", "refresh": "x.y.z", "server": server})
    published(a_plan(account, a_part(RichText("replaced"))), account, wire)


def test_a_wrong_password_is_about_the_account(
    account: Account, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDS_PASSWORD", "wrong horse")
    with pytest.raises(AccountError, match="Invalid identifier or password"):
        published(a_plan(account, a_part(RichText("never"))), account, wire)
