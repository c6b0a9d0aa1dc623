"""Several machines on one PostgreSQL, each with a workspace of its own, and a daemon in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from karnay.cli.exits import Exit
from karnay.engine.lock import sole_daemon
from karnay.newsroom import Newsroom
from karnay.store.clock import DatabaseClock
from karnay.store.engines import plain_engine

Karnay = Callable[..., Result]


@pytest.fixture(autouse=True)
def on_a_server(workspace: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KARNAY_DATABASE", postgres_url)


def test_a_second_daemon_on_one_workspace_is_refused(karnay: Karnay, workspace: Path) -> None:
    with sole_daemon(workspace / ".karnay"):
        result = karnay("run", "--once")
    assert result.exit_code == Exit.DELIVERY_FAILED
    assert "already runs on this workspace" in result.stderr


def test_a_daemon_in_another_workspace_is_no_obstacle(karnay: Karnay, tmp_path: Path) -> None:
    with sole_daemon(tmp_path / "other" / ".karnay"):
        assert karnay("run", "--once").exit_code == Exit.DONE


def test_the_daemon_of_this_workspace_is_seen(karnay: Karnay, workspace: Path) -> None:
    with sole_daemon(workspace / ".karnay"):
        assert "the daemon runs" in karnay("status").stderr


def test_of_other_machines_nothing_is_claimed(karnay: Karnay) -> None:
    assert "no daemon runs here; other machines may have theirs" in karnay("status").stderr


def test_a_command_leaves_no_connection_behind(karnay: Karnay, postgres_url: str) -> None:
    karnay("status")
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with plain_engine(sa.make_url(postgres_url)).connect() as connection:
        assert connection.exec_driver_sql(f"{mine} AND pid <> pg_backend_pid()").scalar_one() == 0


def test_daemon_and_monitor_go_by_one_clock_that_is_the_servers(workspace: Path) -> None:
    room = Newsroom(workspace)
    assert isinstance(room.deciding_clock, DatabaseClock)
    assert room.deciding_clock is room.deciding_clock
    room.database.close()
