"""The page of threads shows what the previews show."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "generate_threads.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """The script, which is on nobody's path."""
    spec = importlib.util.spec_from_file_location("generate_threads", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_threads_is_up_to_date(generator: ModuleType) -> None:
    assert generator.PAGE.read_text("utf-8") == generator.page(), "python docs/generate_threads.py"


def test_the_page_has_every_network_in_every_language(generator: ModuleType) -> None:
    headings = [
        f"### {generator.title_of(network, language)}"
        for network in generator.NETWORKS
        for language in generator.LANGUAGES
    ]
    shown = generator.PAGE.read_text("utf-8").splitlines()
    assert [line for line in shown if line.startswith("### ")] == headings
