"""A workspace on a sandbox, and a `karnay` to run in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from karnay.cli.main import cli
from karnay.cli.output import console
from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.sandbox.server import Sandbox

Karnay = Callable[..., Result]

POST = """\
---
title: Open day
summary: Come and see the laboratories.
publish_at: 2030-03-16 10:00
link: https://example.uz/en/open-day
hashtags: [TICT]
---
The institute opens its doors on **Saturday**.
"""


@pytest.fixture(autouse=True)
def _screen_of_its_own() -> Iterator[None]:
    """The console remembers how wide the screen was when it was first used."""
    console.cache_clear()
    yield
    console.cache_clear()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose networks are not there."""
    make_workspace(tmp_path, "Asia/Tashkent", ("en",))
    add_sandbox_accounts(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "posts" / "open-day.md").write_text(POST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def on_sandbox(workspace: Path, sandbox: Sandbox) -> Path:
    """The same workspace with its networks at hand."""
    file = workspace / "karnay.toml"
    text = file.read_text(encoding="utf-8").replace("http://127.0.0.1:9/", f"{sandbox.url}/")
    file.write_text(text, encoding="utf-8")
    return workspace


@pytest.fixture
def karnay() -> Karnay:
    """Run `karnay ARGUMENTS`; the result has stdout, stderr and exit_code."""

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(cli, arguments, **options)

    return run


@pytest.fixture
def told(karnay: Karnay) -> Callable[..., Any]:
    """Run `karnay ARGUMENTS --json` and read what it prints."""

    def run(*arguments: str) -> Any:
        result = karnay(*arguments, "--json")
        assert result.stdout, result.stderr
        return json.loads(result.stdout)

    return run


@pytest.fixture(params=["telegram", "mastodon"])
def account(request: pytest.FixtureRequest) -> str:
    """One network where what is public can be changed, after the other."""
    name: str = request.param
    return name


@pytest.fixture
def published(on_sandbox: Path, told: Callable[..., Any], account: str) -> str:
    """The number of a delivery that is public."""
    [one] = told("publish", "open-day", "-a", account, "--yes")["deliveries"]
    return str(one["delivery"])
