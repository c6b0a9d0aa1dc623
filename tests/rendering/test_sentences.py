"""The first sentences of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.rendering.sentences import first_sentences
from rendering.builders import word


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("One! Two?", "One!"),
        ("One…\n\nTwo", "One…"),
        ("No stop\n\nTwo.", "No stop"),
        ("Ректор А. С. Петров выступил. Затем", "Ректор А. С. Петров выступил."),
        ("S. M. Toʻrayev keldi. Keyin", "S. M. Toʻrayev keldi."),
        ("See p. 4 for more. Then", "See p. 4 for more."),
        ("He said “yes.” She left.", "He said “yes.”"),
        (
            "Read [A. The title](https://a.example/x.Y) now. Two.",
            "Read [A. The title](https://a.example/x.Y) now.",
        ),
        ("**Bold. Still bold.** Two.", "**Bold. Still bold.**"),
        ("Run `a. B` now. Two.", "Run `a. B` now."),
        ("A smile :( here. Two.", "A smile :( here."),
        ("1) First point. Two.", "1) First point."),
        ("only one", "only one"),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_where_a_reader_sees_its_end(text: str, first: str) -> None:
    assert first_sentences(text, 1) == first


def test_more_sentences_keep_what_is_between_them() -> None:
    assert first_sentences("One.  Two.\n\nThree. Four.", 3) == "One.  Two.\n\nThree."


@given(st.text(), st.integers(1, 5))
def test_sentences_are_the_beginning_of_the_text(text: str, most: int) -> None:
    assert text.startswith(first_sentences(text, most))


def test_sentences_of_markdown_stay_markdown() -> None:
    assert word("{{ body | sentences }}", body="**One.** Two.") == "**One.**"
