"""The parser is markdown-it, but for what takes it too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from karnay.text.commonmark import parser
from karnay.text.lowering import Lowering
from karnay.text.markdown import lower
from karnay.text.richtext import Kind

PIECES = (
    "[", "]", "(", ")", "!", "`", "a", "ў ", "*", "**", "_", "~~", "\n", "\n\n", "- ", "1. ", "> ",
    "\\", "<", ">", "https://a.uz", "&amp;", "    ", "[a]: b\n", "[a](b)", "![x](y)", "#", "---\n",
)  # fmt: skip
markdown = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def plain_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    parser.enable("strikethrough").disable("lheading")
    parser.normalizeLink = str  # type: ignore[assignment,method-assign]
    parser.normalizeLinkText = str  # type: ignore[assignment,method-assign]
    return parser


def links(text: str) -> list[str]:
    return [span.value for span in lower(text)[0].spans if span.kind is Kind.LINK]


@given(markdown)
def test_it_reads_as_markdown_it_does(text: str) -> None:
    assert Lowering().parts(parser().parse(text)) == Lowering().parts(plain_parser().parse(text))


def test_a_link_after_many_brackets_that_are_not_closed_is_one() -> None:
    assert links("[0, 1) " * 40 + "[words](https://a.uz)") == ["https://a.uz"]


def test_a_link_after_many_closed_brackets_is_one() -> None:
    assert links("[1] " * 100 + "[words [and more]](https://a.uz)") == ["https://a.uz"]


@pytest.mark.parametrize("text", ["[" * 50 + "a" + "]" * 50, "[" * 50, "a " + "*_" * 50 + " b"])
def test_signs_that_are_too_many_are_written_as_they_are(text: str) -> None:
    assert [part.text for part in lower(text)] == [text]


def test_a_short_run_of_signs_is_still_emphasis() -> None:
    assert [span.kind for span in lower("***a***")[0].spans] == [Kind.BOLD, Kind.ITALIC]


@pytest.mark.parametrize("depth", [31, 32])
def test_parentheses_in_an_address_are_read_as_deep_as_ever(depth: int) -> None:
    address = "(" * depth + "a" + ")" * depth
    assert links(f"[words](b{address})") == [f"b{address}"]
