"""Threads: characters, emoji as bytes, links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.text.richtext import Kind, RichText
from karnay.text.threads import detect, links_in, measure


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Hello", 5),
        ("Привет, oʻzbekcha “ok”", 22),
        ("a\u0301", 2),
        ("שלום\u2028", 5),
        ("😀", 4),
        ("👩‍🎓", 11),
        ("🇺🇿", 8),
        ("1\ufe0f\u20e3", 7),
        ("1 #2", 4),
        ("👍🏽!", 9),
        ("❤️", 6),
        ("", 0),
    ],
)
def test_an_emoji_counts_as_its_bytes_and_others_as_one(text: str, units: int) -> None:
    assert measure(RichText(text)) == units


@given(st.text(alphabet="aя😀👩\u200d🎓\ufe0f\u20e31🏽🇺🇿\ud800"))
def test_the_weights_add_up(text: str) -> None:
    assert sum(measure.weights(RichText(text))) == measure(RichText(text))


@given(st.text())
def test_never_less_than_characters_nor_more_than_bytes(text: str) -> None:
    assert len(text) <= measure(RichText(text)) <= len(text.encode())


def test_the_same_link_twice_is_one() -> None:
    assert links_in(RichText("https://a.uz b.uz https://a.uz")) == 2


def test_links_mentions_and_hashtags_are_found() -> None:
    found = [(span.kind, span.value) for span in detect("@kun.uz: #наука https://a.uz/я.")]
    assert found == [
        (Kind.MENTION, "kun.uz"),
        (Kind.HASHTAG, "наука"),
        (Kind.LINK, "https://a.uz/я"),
    ]


@pytest.mark.parametrize("text", ["a@b.uz", "#1", "x#y", "&#39;", "@", "#", "@@a"])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert detect(text) == ()


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["👩\u200d" * 50_000, "#" * 100_000, "@a." * 30_000, "🇺" * 100_001]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    detect(text)
    assert measure(RichText(text)) >= len(text)
