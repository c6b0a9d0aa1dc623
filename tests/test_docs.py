"""The documentation keeps step with the code: pages, commands, keys, filters, links."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from karnay.cli.exits import Exit
from karnay.cli.main import cli
from karnay.content.shapes import MediaShape, OverrideShape, PostShape, TranslationShape
from karnay.delivery.states import Event, State
from karnay.platforms.registry import platforms
from karnay.rendering.fields import NAMES
from karnay.rendering.filters import FILTERS
from karnay.sandbox.server import Sandbox
from karnay.settings import Settings, _Common

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BETWEEN_COMMANDS = frozenset({"&&", "|", "&", ";", ">", "2>"})


def _module(name: str) -> ModuleType:
    """A module of the generator, which is a script's and on nobody's path."""
    spec = importlib.util.spec_from_file_location(
        f"docs_{name}", DOCS / "generating" / f"{name}.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


documents = _module("documents")


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found
            yield from _commands(found, f"{name} {child}")


COMMANDS = dict(_commands(cli, "karnay"))
WITH_JSON = [
    name
    for name, command in COMMANDS.items()
    if any("--json" in parameter.opts for parameter in command.params)
]


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _shell_lines(page: Path) -> Iterator[str]:
    for language, block in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "sh":
            yield from block.replace("\\\n", " ").splitlines()


def _runs_of_karnay(line: str) -> Iterator[list[str]]:
    words = shlex.split(line, comments=True)
    for between, run in groupby(words, lambda word: word in _BETWEEN_COMMANDS):
        command, *arguments = run
        if not between and command == "karnay":
            yield arguments


EXAMPLES = [
    pytest.param(arguments, id=f"{page.stem}: {shlex.join(arguments)}")
    for page in PAGES
    for line in _shell_lines(page)
    for arguments in _runs_of_karnay(line)
]
LINKS = [
    pytest.param(page, link, id=f"{page.stem}: {link}")
    for page in PAGES
    for link in _LINK.findall(page.read_text(encoding="utf-8"))
    if not link.startswith(("http://", "https://", "#"))
]


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with Sandbox() as sandbox:
        found: dict[str, Any] = documents.produced(tmp_path_factory.mktemp("docs"), sandbox.url)
        return found


def test_the_generated_pages_are_up_to_date() -> None:
    asked = [sys.executable, str(DOCS / "generate.py"), "--check"]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section(name: str) -> None:
    assert f"\n## {name}\n" in _text("cli.md")


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_told(code: Exit) -> None:
    assert f"\n| {code.value} | " in _text("cli.md")


def test_every_json_document_is_described() -> None:
    assert sorted(documents.DOCUMENTS) == sorted(WITH_JSON)


@pytest.mark.parametrize("name", WITH_JSON)
def test_the_described_keys_are_those_of_the_real_document(
    name: str, produced: dict[str, Any]
) -> None:
    keys = {**documents.SCHEMA, **documents.DOCUMENTS[name].keys}
    assert list(documents.mismatches(produced[name], keys)) == []


@pytest.mark.parametrize("name", WITH_JSON)
def test_the_recorded_example_has_the_keys_of_today(name: str) -> None:
    keys = {**documents.SCHEMA, **documents.DOCUMENTS[name].keys}
    assert list(documents.mismatches(documents.examples()[name], keys)) == []


@pytest.mark.parametrize("name", [platform.title for platform in platforms().values()])
def test_every_platform_has_its_section(name: str) -> None:
    assert f"\n## {name}\n" in _text("platforms.md")


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            *PostShape.model_fields,
            *TranslationShape.model_fields,
            *MediaShape.model_fields,
            *OverrideShape.model_fields,
        }
    ),
)
def test_every_key_of_the_front_matter_is_told(key: str) -> None:
    assert f"`{key}`" in _text("post-format.md")


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_told(name: str) -> None:
    assert f"`{name}`" in _text("templates.md")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_a_template_knows_is_told(name: str) -> None:
    assert f"`{name}`" in _text("templates.md")


@pytest.mark.parametrize("key", sorted({*Settings.model_fields, *_Common.model_fields}))
def test_every_setting_is_told(key: str) -> None:
    assert f"`{key}`" in _text("configuration.md")


@pytest.mark.parametrize("word", [*State, *Event])
def test_every_state_and_event_is_told(word: str) -> None:
    assert word in _text("delivery.md")


@pytest.mark.parametrize("arguments", EXAMPLES)
def test_an_example_uses_commands_and_options_that_there_are(arguments: list[str]) -> None:
    # Help is asked for last, so that the rest is read and nothing is done.
    assert CliRunner().invoke(cli, [*arguments, "--help"]).exit_code == Exit.DONE


def test_there_are_examples_to_check() -> None:
    assert len(EXAMPLES) > 40


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    assert (page.parent / link.partition("#")[0]).exists()


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in (DOCS / "decisions").iterdir()]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
