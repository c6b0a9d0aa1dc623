"""Whatever the bytes of a file are, they become a post or problems; nothing else happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.post_workspace import KNOWN
from karnay.content.library import load
from karnay.content.post import Post
from karnay.content.shapes import MediaShape, OverrideShape, PostShape
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = st.sampled_from(
    [*PostShape.model_fields, *MediaShape.model_fields, *OverrideShape.model_fields, "telegram"]
)
_PIECES = st.one_of(
    _KEYS,
    st.sampled_from(
        [": ", "- ", "  ", "&a ", "|\n", "---\n", "...", "? ", "\\ud800", "0x", "true"]
    ),
    st.sampled_from(["2024-12-03", "1:2", ".inf", "a\u0301", "שלום", "👩‍👩‍👧‍👦", "*a", "!!", "<<"]),
    st.sampled_from("\n[]{}'\"#>\t\\%@`1~\u2028\ufeff\x85"),
    st.text(max_size=3),
)
headers = st.lists(_PIECES, max_size=25).map("".join)
files = st.one_of(
    st.binary(max_size=200),
    headers.map(lambda text: f"---\n{text}\n---\nbody".encode("utf-8", "surrogatepass")),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def outcome(folder: Path, data: bytes) -> Post | InvalidPost:
    file = folder / "a.md"
    file.write_bytes(data)
    try:
        return load(file, KNOWN, folder)
    except InvalidPost as error:
        return error


@settings(max_examples=300, deadline=None)
@given(files)
@example(b'---\na: "\\U00110000"\n---\nx')
@example(b"---\na: !<tag:yaml.org,2002:int> x\n---\nx")
@example(b"---\n? ? ? a\n---\nx")
@example(b"---\na: &a 1\nb: &a 2\n---\nx")
def test_any_bytes_are_a_post_or_problems(folder: Path, data: bytes) -> None:
    found = outcome(folder, data)
    assert isinstance(found, (Post, InvalidPost))


@settings(max_examples=100, deadline=None)
@given(files)
def test_every_problem_has_a_place_in_the_file(folder: Path, data: bytes) -> None:
    found = outcome(folder, data)
    problems = getattr(found, "problems", ())
    assert all(problem.place.line >= 1 for problem in problems)


@settings(max_examples=100, deadline=None)
@given(files)
def test_the_same_bytes_give_the_same_outcome(folder: Path, data: bytes) -> None:
    assert repr(outcome(folder, data)) == repr(outcome(folder, data))
