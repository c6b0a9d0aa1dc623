"""Marks, and the HTML made of them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.sandbox.marks import Mark, detected, shown

TEXTS = st.text(max_size=40)
KINDS = st.sampled_from(["bold", "italic", "link", "hashtag", "blockquote"])
MARKS = st.lists(
    st.builds(
        lambda start, size, kind: Mark(start, start + size, kind, "https://a.uz"),
        st.integers(0, 40),
        st.integers(1, 40),
        KINDS,
    ),
    max_size=8,
)


class Reader(HTMLParser):
    """What a reader of the HTML would see; an element closed out of turn raises."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.open: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(TEXTS, MARKS)
def test_marks_never_change_the_text_nor_break_the_html(text: str, marks: list[Mark]) -> None:
    fitting = [mark for mark in marks if mark.end <= len(text)]
    reader = read(str(shown(text, fitting)))
    assert reader.text == text
    assert reader.open == []


def test_a_mark_inside_another_is_nested() -> None:
    marks = [Mark(5, 8, "italic"), Mark(0, 12, "bold")]
    assert str(shown("bold and all", marks)) == "<b>bold <i>and</i> all</b>"


def test_crossing_marks_are_cut() -> None:
    marks = [Mark(0, 2, "bold"), Mark(1, 3, "italic")]
    assert str(shown("abc", marks)) == "<b>a<i>b</i></b><i>c</i>"


def test_only_web_addresses_become_links() -> None:
    html = str(shown("press", [Mark(0, 5, "link", "javascript:alert(1)")]))
    assert "href" not in html


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.uz/b?c=d#e.", ["https://a.uz/b?c=d#e"]),
        ("#TICT, #Ғоя #2025 #a1", ["#TICT", "#Ғоя", "#a1"]),
        ("@tict and @tict@mastodon.example", ["@tict", "@tict@mastodon.example"]),
        ("press@tict.uz C# a#b https://a.uz/#c", ["https://a.uz/#c"]),
    ],
)
def test_addresses_hashtags_and_mentions_are_found(text: str, found: list[str]) -> None:
    assert [text[mark.start : mark.end] for mark in detected(text)] == found
