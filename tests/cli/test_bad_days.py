"""What an officer meets on a bad day: an account taken out, a database that is gone."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from karnay.cli.exits import Exit

Karnay = Callable[..., Result]
Told = Callable[..., Any]


@pytest.fixture
def without_mastodon(workspace: Path, karnay: Karnay) -> Path:
    """The workspace with a post queued for Mastodon, an account that it has no longer."""
    assert karnay("queue", "add", "open-day", "-a", "mastodon", "-a", "x").exit_code == Exit.DONE
    file = workspace / "karnay.toml"
    text = file.read_text(encoding="utf-8")
    shorter = re.sub(r"\[accounts\.mastodon\].*?(?=\n\[)", "", text, flags=re.DOTALL)
    file.write_text(shorter, encoding="utf-8")
    return workspace


@pytest.mark.parametrize("command", [("queue", "list"), ("status",)])
def test_a_delivery_to_an_account_that_is_gone_is_told_before_it_is_due(
    without_mastodon: Path, karnay: Karnay, command: tuple[str, ...]
) -> None:
    said = karnay(*command).stdout
    assert 'held: account "mastodon" is no longer in karnay.toml' in said


def test_monitoring_sees_a_delivery_to_an_account_that_is_gone(
    without_mastodon: Path, told: Told
) -> None:
    assert [one["account"] for one in told("status")["held"]] == ["mastodon"]


def test_a_delivery_to_an_account_that_is_gone_is_not_called_edited(
    without_mastodon: Path, karnay: Karnay
) -> None:
    assert "was edited" not in karnay("queue", "list").stderr


def test_a_delivery_to_an_account_that_is_gone_can_be_cancelled(
    without_mastodon: Path, told: Told
) -> None:
    [cancelled] = told("queue", "cancel", "1")["deliveries"]
    assert (cancelled["account"], cancelled["state"]) == ("mastodon", "cancelled")


@pytest.fixture
def losing(workspace: Path) -> Iterator[threading.Thread]:
    """Deletes the database as soon as a daemon runs on it."""

    def lose() -> None:
        while not (workspace / ".karnay" / "daemon.pid").exists():
            time.sleep(0.01)
        (workspace / ".karnay" / "karnay.db").unlink()

    thread = threading.Thread(target=lose, daemon=True)
    thread.start()
    yield thread
    thread.join()


def test_a_daemon_whose_database_was_deleted_ends_and_says_so(
    losing: threading.Thread, karnay: Karnay
) -> None:
    ended = karnay("run")
    assert ended.exit_code == Exit.UNAVAILABLE
    assert "karnay.db was moved, deleted or replaced while it was in use" in ended.stderr


def test_a_daemon_makes_no_database_in_the_place_of_one_that_was_deleted(
    losing: threading.Thread, karnay: Karnay, workspace: Path
) -> None:
    karnay("run")
    assert not (workspace / ".karnay" / "karnay.db").exists()
