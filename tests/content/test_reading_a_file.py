"""Bytes to header and body: what is refused, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karnay.content.front_matter import split
from karnay.content.source import decoded
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from content.post_workspace import Workspace


SAVE = (
    "save the file as UTF-8 (Notepad: Save as, Encoding; "
    "VS Code: UTF-8 in the bottom line, Save with Encoding)"
)


def problem(data: bytes) -> str:
    with pytest.raises(InvalidPost) as caught:
        split(decoded(data, "a.md"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"---\ntitle: caf\xe9\n---\nx",
            f"a.md:2:11: the byte 0xE9 is not UTF-8: {SAVE}",
        ),
        (
            "---\ntitle: я\n---\nя".encode("utf-16"),
            f"a.md:1:1: the byte 0xFF is not UTF-8: {SAVE}",
        ),
        (
            b"---\n---\nx\xed\xa0\x80",
            f"a.md:3:2: the byte 0xED is not UTF-8: {SAVE}",
        ),
        (
            b"---\n---\nno\x00thing",
            "a.md:3:3: the invisible character U+0000 cannot be published: delete it",
        ),
        (
            "---\n---\nне\ufdd0т".encode(),
            "a.md:3:3: the invisible character U+FDD0 cannot be published: delete it",
        ),
        (
            "---\n---\n\U0001fffe".encode(),
            "a.md:3:1: the invisible character U+1FFFE cannot be published: delete it",
        ),
        (
            b"---\ntitle: x\nBody without a second fence",
            (
                "a.md:1:1: the header that begins here is not closed: "
                "put a line --- after its last key"
            ),
        ),
        (
            b"Just text",
            (
                "a.md:1:1: the header is missing: begin the file with a line ---, "
                "then lines such as `title: ...`, then a line --- again"
            ),
        ),
        (
            b"",
            (
                "a.md:1:1: the header is missing: begin the file with a line ---, "
                "then lines such as `title: ...`, then a line --- again"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, message: str) -> None:
    assert problem(data) == message


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    plain = split(decoded("---\ntitle: х\n---\n\nодин\nдва\n".encode(), "a.md"))
    windows = split(decoded("\ufeff---\r\ntitle: х\r\n---\r\n\r\nодин\r\nдва\r\n".encode(), "a.md"))
    assert windows == plain


def test_a_place_in_the_body_counts_the_header_lines() -> None:
    sheet = split(decoded(b"---\ntitle: x\n---\n\n\nbody", "a.md"))
    assert str(sheet.body.place()) == "a.md:6:1"


@pytest.mark.parametrize(
    "text",
    ["a\u0301", "שלום", "👩‍👩‍👧‍👦", "one\u2028two", "```\n---\n```", "a\n---\nb", "    code"],
)
def test_the_body_stays_as_it_is_written(text: str) -> None:
    sheet = split(decoded(f"---\n---\n\n{text}\n\n".encode(), "a.md"))
    assert sheet.body.text == text


def test_a_gigantic_file_is_not_read(workspace: Workspace) -> None:
    workspace.file("a/index.md", b"x" * 1_000_001)
    assert workspace.problems() == [
        "posts/a/index.md: cannot be read: it is larger than 1 MB, which no announcement is"
    ]


def test_a_folder_where_a_file_should_be_is_named(workspace: Workspace) -> None:
    (workspace.root / "posts" / "a" / "index.md").mkdir(parents=True)
    assert workspace.problems() == ["posts/a/index.md: cannot be read: it is not a file"]
