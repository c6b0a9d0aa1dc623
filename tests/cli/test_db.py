"""`karnay db`: what is printed, what is asked for, and how it ends."""

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from karnay.cli.exits import Exit
from karnay.engine.lock import sole_daemon
from karnay.store.addresses import file_address
from karnay.store.engines import plain_engine
from office import migrate_to
from postgres import Server

Karnay = Callable[..., Result]
Told = Callable[..., Any]


@pytest.fixture
def queued(workspace: Path, karnay: Karnay) -> Path:
    """The workspace, with a post in its queue."""
    assert karnay("queue", "add", "open-day").exit_code == 0
    return workspace


def in_a_process(
    workspace: Path, arguments: str, *, before: str = "true"
) -> subprocess.CompletedProcess[str]:
    """Run `karnay ARGUMENTS` in a shell, after another command of that shell."""
    karnay = f"{sys.executable} -c 'from karnay.cli.main import main; main()'"
    return subprocess.run(
        ["bash", "-c", f"{before}; {karnay} {arguments}"],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def old(workspace: Path) -> Path:
    """The workspace, with a database of the first karnay."""
    (workspace / ".karnay").mkdir(exist_ok=True)
    migrate_to(plain_engine(file_address(workspace / ".karnay" / "karnay.db")), "0001")
    return workspace


def test_a_dry_run_says_what_would_run_and_runs_nothing(old: Path, karnay: Karnay) -> None:
    assert "would run 0002: " in karnay("db", "upgrade", "--dry-run").stdout
    assert "would run 0002: " in karnay("db", "upgrade", "--dry-run").stdout


def test_an_upgrade_says_what_it_did(old: Path, karnay: Karnay) -> None:
    assert "ran 0002: " in karnay("db", "upgrade").stdout
    again = karnay("db", "upgrade")
    assert (again.stdout, again.stderr) == ("", "the schema is the newest already\n")


def test_a_dry_run_makes_no_database(workspace: Path, told: Told) -> None:
    shown = told("db", "upgrade", "--dry-run")
    assert shown["migrations"][0]["revision"] == "0001"
    assert not (workspace / ".karnay" / "karnay.db").exists()


def test_a_sound_database_is_said_to_be(queued: Path, karnay: Karnay) -> None:
    result = karnay("db", "check")
    assert result.exit_code == Exit.DONE
    assert result.stderr.startswith("sound: ")


def test_what_is_wrong_is_one_sentence_a_line(queued: Path, karnay: Karnay, told: Told) -> None:
    with sqlite3.connect(queued / ".karnay" / "karnay.db") as raw:
        raw.execute("UPDATE deliveries SET state = 'unknown' WHERE id = 1")
    raw.close()
    result = karnay("db", "check")
    assert result.exit_code == Exit.DELIVERY_FAILED
    assert result.stdout == (
        "delivery 1 is unknown, but it was never attempted: "
        "look on the network, then `karnay resolve 1 ...`\n"
    )
    [violation] = told("db", "check")["violations"]
    assert violation["delivery"] == 1


def test_a_backup_is_made_while_the_daemon_runs(queued: Path, told: Told) -> None:
    with sole_daemon(queued / ".karnay"):
        made = told("db", "backup", "saved.db")
    assert made["rows"]["deliveries"] >= 1
    assert stat.S_IMODE((queued / "saved.db").stat().st_mode) == 0o600


def test_a_restore_wants_the_daemon_to_be_stopped(queued: Path, karnay: Karnay) -> None:
    karnay("db", "backup", "saved.db")
    with sole_daemon(queued / ".karnay"):
        result = karnay("db", "restore", "saved.db", "--replace")
    assert "a karnay daemon already runs on this workspace" in result.stderr
    assert result.exit_code != 0


def test_a_restore_says_what_it_means(queued: Path, karnay: Karnay, told: Told) -> None:
    karnay("db", "backup", "saved.db")
    refused = karnay("db", "restore", "saved.db")
    assert "is not empty: `--replace` makes a backup of it" in refused.stderr
    result = karnay("db", "restore", "saved.db", "--replace")
    assert result.exit_code == 0
    assert "what was there before is in " in result.stderr
    assert "are held, as they may have gone out since: look on the networks" in result.stderr
    shown = told("queue", "list")["deliveries"]
    assert all("restored from a backup of" in one["held"] for one in shown)


def test_a_restore_in_json(queued: Path, told: Told, karnay: Karnay) -> None:
    karnay("db", "backup", "saved.db")
    (queued / ".karnay" / "karnay.db").unlink()
    restored = told("db", "restore", "saved.db")
    assert restored["held"] == restored["rows"]["deliveries"]
    assert restored["kept"] is None


def test_a_move_names_the_line_to_change(queued: Path, karnay: Karnay) -> None:
    file = queued / "karnay.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'database = "sqlite:///.karnay/karnay.db"\n{text}', encoding="utf-8")
    result = karnay("db", "move", "sqlite:///elsewhere.db")
    assert f"now write into {file}:1:  database = " in result.stderr
    after = karnay("queue", "list")
    assert (after.exit_code, "was moved to" in after.stderr) == (Exit.UNAVAILABLE, True)


def test_a_workspace_goes_on_on_postgresql(
    queued: Path, told: Told, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told("queue", "list", "--all")["deliveries"]
    url = postgres.url(postgres.database())
    moved = told("db", "move", url)
    monkeypatch.setenv("KARNAY_DATABASE", url)
    assert moved["rows"]["deliveries"] == len(before)
    assert moved["change"].endswith("karnay.toml:1")
    listed = in_a_process(queued, "queue list --all --json")
    assert json.loads(listed.stdout)["deliveries"] == before
    assert told("db", "check")["sound"] is True
    assert told("db", "backup", "server.db")["rows"] == told("db", "check")["rows"]


def test_nothing_is_backed_up_where_nothing_is(workspace: Path, karnay: Karnay) -> None:
    result = karnay("db", "backup", "saved.db")
    assert (result.exit_code, "there is no database" in result.stderr) == (Exit.NOT_THERE, True)


def test_a_disk_that_takes_no_more_leaves_no_half_backup(queued: Path) -> None:
    (queued / "backups").mkdir()
    result = in_a_process(queued, "db backup backups/saved.db", before="ulimit -f 20")
    assert result.returncode == Exit.UNAVAILABLE
    assert "backups/saved.db was not written: " in result.stderr
    assert "the disk does not take what is written to it" in result.stderr
    assert list((queued / "backups").iterdir()) == []
