"""An independent server of Mastodon's API takes what we send, and we find it there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from karnay.errors import AccountError
from karnay.platforms.base import Absent, Key, Receipt, Step
from karnay.platforms.mastodon import PLATFORM
from karnay.rendering.variant import Part, Variant
from karnay.testing.clock import START
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire

# The server has a clock of its own.
LONG_AGO, MUCH_LATER = START.replace(year=2000), START.replace(year=2100)


@pytest.fixture(scope="module")
def server(
    installed: Callable[[str], Path], served: Callable[..., Any], free_port: Callable[[], int]
) -> Iterator[str]:
    """A server of our own, in memory."""
    command, port = installed("venv/bin/mastodon_mock"), free_port()
    listening = ["serve", "--in-memory", "--host", "127.0.0.1", "--port", str(port)]
    with served([command, *listening], port) as address:
        yield address


@pytest.fixture
def account(
    server: str, an_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> Account:
    """The account whose token the server knows."""
    monkeypatch.setenv("MOCK_TOKEN", "mock_token")
    return an_account("mastodon", server=server, token="env:MOCK_TOKEN")


def a_plan(account: Account, parts: Sequence[Part], seed: str) -> list[Step]:
    variant = Variant(account.name, "mastodon", "uz", "", tuple(parts))
    return PLATFORM.plan(variant, account, Key(seed, START))


def published(
    account: Account, wire: Wire, parts: Sequence[Part], seed: str
) -> list[tuple[Step, Receipt]]:
    """The steps as they were performed, with what they received."""
    receipts: dict[str, Receipt] = {}
    done = []
    for step in a_plan(account, parts, seed):
        ready = step.filled(receipts)
        receipts[step.name] = PLATFORM.perform(ready, account, wire)
        done.append((ready, receipts[step.name]))
    return done


def asked(server: str, path: str) -> dict[str, Any]:
    """The server's answer to somebody who is not karnay."""
    headers = {"Authorization": "Bearer mock_token"}
    with httpx.Client(trust_env=False, headers=headers) as client:
        return dict(client.get(f"{server}/api/v1/statuses/{path}").raise_for_status().json())


def plain(text: str) -> Part:
    return Part(RichText(text))


def test_every_text_is_kept_and_found(
    server: str,
    account: Account,
    wire: Wire,
    rich: RichText,
    worded: Callable[..., tuple[Part, ...]],
) -> None:
    parts = worded(rich, PLATFORM.limits(account))
    done = published(account, wire, parts, rich.text)
    kept = [asked(server, f"{receipt.id}/source")["text"] for _, receipt in done]
    found = [PLATFORM.find(step, account, wire, LONG_AGO) for step, _ in done]
    assert kept == [part.text.text for part in parts]
    assert found == [receipt for _, receipt in done]


def test_a_thread_is_a_chain(server: str, account: Account, wire: Wire) -> None:
    done = published(account, wire, [plain(f"{number} of 3") for number in (1, 2, 3)], "thread")
    ids = [receipt.id for _, receipt in done]
    parents = [asked(server, number)["in_reply_to_id"] for number in ids]
    assert [parent and str(parent) for parent in parents] == [None, *ids[:2]]


def test_the_status_is_in_the_language_of_the_variant(
    server: str, account: Account, wire: Wire
) -> None:
    [(_, receipt)] = published(account, wire, [plain("Salom")], "language")
    assert asked(server, receipt.id)["language"] == "uz"


def test_the_same_key_makes_the_same_status(account: Account, wire: Wire) -> None:
    [first], [second] = (published(account, wire, [plain("once")], "once") for _ in range(2))
    assert first[1] == second[1]


def test_what_was_never_sent_is_absent(account: Account, wire: Wire) -> None:
    [step] = a_plan(account, [plain("Nobody has ever sent this.")], "absent")
    assert PLATFORM.find(step, account, wire, MUCH_LATER) == Absent()


def test_we_are_whom_the_server_says(account: Account, wire: Wire) -> None:
    assert PLATFORM.identify(account, wire).facts["max_characters"] >= 500


def test_a_wrong_token_is_about_the_account(
    account: Account, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_TOKEN", "another_token")
    with pytest.raises(AccountError):
        published(account, wire, [plain("never")], "never")
