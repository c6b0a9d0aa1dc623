"""What commands print: tables that fit the screen, and a document also where they fail."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from karnay.cli.exits import Exit
from karnay.sandbox.networks import PLATFORMS

Karnay = Callable[..., Result]
SCREEN = 80  # columns

FAILING = [
    pytest.param(("history", "99"), Exit.NOT_THERE, "there is no delivery 99", id="not there"),
    pytest.param(("history", "x"), Exit.USAGE, "'x' is not a valid integer", id="usage"),
    pytest.param(("publish", "open-day"), Exit.USAGE, "Say --yes", id="nobody to ask"),
    pytest.param(("preview", "broken"), Exit.INVALID_POST, "titel", id="invalid post"),
]


@pytest.fixture(autouse=True)
def broken(workspace: Path) -> None:
    (workspace / "posts" / "broken.md").write_text("---\ntitel: Hm\n---\nText.\n")


@pytest.mark.parametrize(("arguments", "code", "words"), FAILING)
def test_a_command_that_fails_says_why_in_its_document(
    karnay: Karnay, arguments: tuple[str, ...], code: Exit, words: str
) -> None:
    result = karnay(*arguments, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == code
    assert (document["schema"], words in document["error"]) == (1, True)


@pytest.mark.parametrize(("arguments", "code", "words"), FAILING)
def test_without_json_a_failure_is_told_to_people_alone(
    karnay: Karnay, arguments: tuple[str, ...], code: Exit, words: str
) -> None:
    result = karnay(*arguments)
    assert (result.exit_code, result.stdout, words in result.stderr) == (code, "", True)


def test_all_problems_of_a_post_are_in_the_document(karnay: Karnay) -> None:
    document = json.loads(karnay("preview", "broken", "--json").stdout)
    assert [problem["file"] for problem in document["problems"]]
    assert {problem["severity"] for problem in document["problems"]} == {"error"}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(SCREEN))


@pytest.mark.usefixtures("narrow")
def test_only_what_a_row_says_is_wider_than_the_screen(karnay: Karnay) -> None:
    karnay("queue", "add", "open-day")
    karnay("pause", "--all", "--reason", "a long reason " * 10)
    lines = karnay("queue", "list").stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert {line.split()[0] for line in lines if len(line) > SCREEN} == {
        str(number) for number in range(1, len(PLATFORMS) + 1)
    }
