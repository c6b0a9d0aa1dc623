"""Shortening: only what is flexible shrinks, in order, at the best place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.text import graphemes, x
from karnay.text.fitting import fits, shorten
from karnay.text.measure import Counter, Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import ENTITIES, Kind, RichText, Span
from text.writing import chars, flexible, rich_texts

FIXED = "\n\nhttps://example.uz"


def short(text: str, limit: int, *regions: tuple[int, int, int]) -> str | None:
    result = shorten(flexible(RichText(text), *regions), [chars(limit)])
    return result and result.text


@given(rich_texts(), st.integers(0, 400), st.integers(0, 400))
def test_what_is_short_fits(given_text: tuple[RichText, Counter], a: int, b: int) -> None:
    text, counter = given_text
    start, end = sorted((a % (len(text.text) + 1), b % (len(text.text) + 1)))
    result = shorten(flexible(text, (start, end, 1)), [counter])
    assert result is None or counter.fits(result)


@given(rich_texts())
def test_no_grapheme_or_entity_is_cut(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    result = shorten(flexible(text, (0, len(text.text), 1)), [counter]) or RichText()
    kept = result.text.removesuffix("…").rstrip()
    assert graphemes.count(text.text) >= graphemes.count(kept)
    assert {result.text[s.start : s.end] for s in result.spans if s.kind in ENTITIES} <= {
        text.text[s.start : s.end] for s in text.spans if s.kind in ENTITIES
    }


@given(rich_texts())
def test_a_wider_limit_never_gives_a_shorter_text(given_text: tuple[RichText, Counter]) -> None:
    text, _ = given_text
    flex = flexible(RichText(text.text), (0, len(text.text), 1))
    sizes = [len((shorten(flex, [chars(limit)]) or RichText()).text) for limit in range(5, 80, 5)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (100, "First sentence. Second one, with a clause and more words."),
        (56, "First sentence. …"),
        (50, "First sentence. …"),
        (12, "First…"),
        (4, "Fir…"),
    ],
)
def test_it_ends_at_the_best_place(limit: int, expected: str) -> None:
    text = "First sentence. Second one, with a clause and more words."
    assert short(text, limit, (0, len(text), 1)) == expected


def test_a_clause_is_taken_where_a_sentence_would_lose_too_much() -> None:
    text = "Yes. The second sentence is a long one, with a clause and many more words in it."
    assert short(text, 60, (0, len(text), 1)) == "Yes. The second sentence is a long one…"


def test_what_is_fixed_is_never_lost() -> None:
    text = "Body of some words." + FIXED
    assert short(text, 30, (0, 19, 1)) == "Body of…" + FIXED


def test_fixed_text_that_does_not_fit_is_none() -> None:
    assert short("Fixed words. Body.", 5, (13, 18, 1)) is None


def test_the_region_of_the_lower_order_shrinks_first() -> None:
    assert short("aaa bbb\n\nccc ddd", 13, (0, 7, 2), (9, 16, 1)) == "aaa bbb\n\nccc…"


def test_an_emptied_region_leaves_no_blank_lines() -> None:
    assert short("Title\n\nBody words\n\n#tag", 12, (7, 17, 1)) == "Title\n\n#tag"


def test_an_emptied_region_at_the_end_leaves_nothing_behind() -> None:
    assert short("Title here\n\nBody words", 11, (12, 22, 1)) == "Title here"


def test_a_text_that_fits_is_returned_whole_without_its_regions() -> None:
    text = flexible(RichText("Body"), (0, 4, 1))
    assert shorten(text, [chars(10)]) == RichText("Body")


def test_a_link_at_the_end_is_kept_from_the_ellipsis() -> None:
    text = adapted(
        RichText("See https://example.uz/a and much more of it here"), Dialect(detect=x.detect)
    )
    result = shorten(flexible(text, (0, len(text.text), 1)), [Counter("units", 32, x.measure)])
    assert result is not None
    assert result.text == "See https://example.uz/a …"


def test_a_region_within_a_link_is_left_alone() -> None:
    text = RichText("words of a link", (Span(0, 15, Kind.LINK, "https://example.uz"),))
    assert shorten(flexible(text, (0, 8, 1)), [chars(10)]) is None


def test_fits_asks_every_counter() -> None:
    assert not fits(RichText("abc"), [chars(3), chars(2)])
