"""`karnay stats`: how posts are received, from real answers of the sandbox."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from daemons import until
from karnay.cli.exits import Exit
from karnay.clock import SystemClock
from karnay.engine.daemon import Tempos
from karnay.newsroom import Newsroom
from karnay.testing.clock import FixedClock


@pytest.fixture
def published(on_sandbox: Path, karnay) -> None:
    karnay("publish", "open-day", "-a", "mastodon", "-a", "telegram", "--yes")


def test_what_the_networks_tell_is_kept_and_shown(published: None, karnay, told) -> None:
    asked = karnay("stats", "open-day", "--now")
    assert asked.exit_code == Exit.DONE, asked.output
    kept = told("stats")["figures"]
    assert {one["account"] for one in kept} == {"mastodon"}
    assert {"likes", "reposts", "replies"} <= {one["name"] for one in kept}
    assert {one["part"] for one in kept} == {1}


def test_a_network_that_tells_no_figures_is_named_and_harms_nothing(
    published: None, karnay
) -> None:
    asked = karnay("stats", "open-day", "--now")
    assert (asked.exit_code, "Telegram tells no figures" in asked.stderr) == (Exit.DONE, True)


def test_the_table_has_a_row_for_each_account_and_age(published: None, karnay) -> None:
    karnay("stats", "open-day", "--now")
    [row] = [line for line in karnay("stats").stdout.splitlines() if "open-day" in line]
    assert "mastodon" in row


def test_csv_has_a_line_for_each_figure(published: None, karnay, told) -> None:
    karnay("stats", "open-day", "--now")
    rows = list(csv.DictReader(karnay("stats", "--csv").stdout.splitlines()))
    assert [row["name"] for row in rows] == [one["name"] for one in told("stats")["figures"]]


def test_before_anything_was_counted_it_says_what_counts(workspace: Path, karnay) -> None:
    result = karnay("stats")
    assert (result.exit_code, "--now" in result.stderr) == (Exit.DONE, True)


def test_a_post_that_was_never_queued_has_no_stats(workspace: Path, karnay) -> None:
    assert karnay("stats", "nonsense").exit_code == Exit.NOT_THERE


@pytest.mark.parametrize("arguments", [["--now"], ["--csv", "--json"]])
def test_what_cannot_be_meant_is_refused(workspace: Path, karnay, arguments: list[str]) -> None:
    assert karnay("stats", *arguments).exit_code == Exit.USAGE


def test_a_network_that_cannot_be_reached_is_told(published: None, karnay, workspace: Path) -> None:
    toml = workspace / "karnay.toml"
    here = toml.read_text().partition('server = "')[2].partition("/mastodon")[0]
    toml.write_text(toml.read_text().replace(f"{here}/", "http://127.0.0.1:9/"))
    result = karnay("stats", "open-day", "--now")
    assert result.exit_code == Exit.RETRIED_LATER
    assert "mastodon" in result.stderr


def test_the_daemon_counts_what_has_come_of_age(published: None, workspace: Path) -> None:
    clock = FixedClock(SystemClock().now() + timedelta(hours=1))
    room = Newsroom(workspace, clock=clock)
    daemon = room.daemon(tempos=Tempos(count_every=timedelta(milliseconds=50)))
    daemon.start()
    found = until(lambda: room.figures.of(["open-day"]))
    daemon.stop()
    room.close()
    assert {(one.account, one.age) for one in found} == {("mastodon", timedelta(hours=1))}
