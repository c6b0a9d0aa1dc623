"""Markdown becomes parts of text with spans; plain text survives it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.text.markdown import escaped, flexible, lower
from karnay.text.richtext import Kind, RichText

one_line = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="·")
)


def spans(markdown: str) -> list[tuple[str, str, str]]:
    text = lower(markdown)[0]
    return [(s.kind.value, text.text[s.start : s.end], s.value) for s in text.spans]


@given(one_line)
def test_escaped_text_reads_as_itself(text: str) -> None:
    assert lower(escaped(text)) == [RichText(text)]


@pytest.mark.parametrize(
    "text",
    [
        "", "1. one", "1) one", "- one", "+ one", "# one", "> one", "---", "***", "===", "    one",
        "\tone", "  one  ", "@user_name_x", "https://a.uz/b_c_d*e*?x=1&amp=2", "&amp;", "`code`",
        "![a](b)", "[a]: b", "<b>", "<https://a.uz>", "~~a~~", "a\\", "a  ", "\u3000a", "|a|b|",
    ],
)  # fmt: skip
def test_escaped_signs_read_as_themselves(text: str) -> None:
    assert lower(escaped(text)) == [RichText(text)]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one\n\ntwo", "one\n\ntwo"),
        ("one\ntwo", "one two"),
        ("one\\\ntwo", "one\ntwo"),
        ("# Head\ntext", "Head\n\ntext"),
        ("- one\n- two\n  - deep\n\nafter", "• one\n• two\n  • deep\n\nafter"),
        ("Led:\n- one\n- two", "Led:\n• one\n• two"),
        ("Apart:\n\n- one", "Apart:\n\n• one"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n> more", "quoted more"),
        ("```py\na\nb\n```", "a\nb"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("text\n---", "text"),
        ("![alt](https://a.uz/i.png)", "alt"),
        ("a &amp; b", "a & b"),
    ],
)
def test_blocks_have_a_plain_form(markdown: str, text: str) -> None:
    assert lower(markdown)[0].text == text


def test_emphasis_links_and_code_are_spans() -> None:
    found = spans("**b** *i* ~~s~~ `c` [words](https://a.uz/Ўзб_x) <https://b.uz>")
    assert found == [
        ("bold", "b", ""),
        ("italic", "i", ""),
        ("strike", "s", ""),
        ("code", "c", ""),
        ("link", "words", "https://a.uz/Ўзб_x"),
        ("link", "https://b.uz", "https://b.uz"),
    ]


def test_a_rule_begins_the_next_part() -> None:
    assert [part.text for part in lower("one\n\n---\n\ntwo\n---\n---\nthree")] == [
        "one",
        "two",
        "three",
    ]


def test_a_rule_within_a_quotation_begins_none() -> None:
    assert len(lower("> a\n>\n> ---\n>\n> b")) == 1


def test_there_is_always_a_part() -> None:
    assert lower("") == [RichText()]


@pytest.mark.parametrize(
    ("piece", "covered"),
    [
        ("_words_ here", "words here"),
        ("> quoted\n\n- item\n\nend", "quoted\n\n• item\n\nend"),
        ("# Head\n\ntext", "Head\n\ntext"),
        ("«*a*»", "«a»"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_flexible_piece_is_known_again(piece: str, covered: str) -> None:
    assert ("flex", covered, "2") in spans(f"Title\n\n{flexible(piece, 2)}\n\n#tag")


@pytest.mark.parametrize("piece", ["words", "- a\n- b", "> q", "# h", "a\n\nb"])
def test_marks_leave_no_trace(piece: str) -> None:
    marked, plain = f"T\n\n{flexible(piece)}\n\nE", f"T\n\n{piece}\n\nE"
    assert lower(marked)[0].without([Kind.FLEX]) == lower(plain)[0]


def test_a_flexible_piece_may_stand_amid_a_line() -> None:
    assert lower(f"**a** {flexible('*b*')}, c")[0].without([Kind.FLEX]) == lower("**a** *b*, c")[0]


def test_a_region_that_crosses_a_rule_goes_on_in_the_next_part() -> None:
    parts = lower(flexible("one\n\n---\n\ntwo"))
    assert [[s.kind for s in part.spans] for part in parts] == [[Kind.FLEX], [Kind.FLEX]]
