"""The command line as a whole: help, exit codes, errors in words."""

import subprocess
import sys

import click
import pytest

from karnay.cli.exits import Exit, exit_of
from karnay.cli.main import COMMANDS, cli
from karnay.errors import KarnayError, StoreError

SLOW = ("sqlalchemy", "alembic", "httpx", "tweepy", "dateparser", "rich", "apscheduler")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["queue", "--help"]])
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    script = (
        "import sys; from karnay.cli.main import cli\n"
        f"try: cli({arguments!r}, prog_name='karnay')\n"
        f"finally: print([name for name in {SLOW!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_help_that_its_own_page_begins_with(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help


def test_a_mistyped_command_is_guessed(karnay) -> None:
    result = karnay("preveiw")
    assert result.exit_code == Exit.USAGE
    assert 'Did you mean "preview"?' in result.stderr


def test_outside_a_workspace_it_says_how_to_make_one(karnay, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = karnay("status")
    assert result.exit_code == Exit.NOT_THERE
    assert "karnay init" in result.stderr


def test_every_error_has_an_exit_code() -> None:
    assert exit_of(StoreError("")) is Exit.UNAVAILABLE
    assert exit_of(KarnayError("")) is Exit.DELIVERY_FAILED


def test_the_module_runs_like_the_script() -> None:
    arguments = [sys.executable, "-m", "karnay", "--version"]
    ran = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("karnay, version ")
