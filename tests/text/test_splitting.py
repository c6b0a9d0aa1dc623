"""Threads: the parts fit, lose nothing, cut nothing, and are cut where it reads well."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given

from karnay.text import bluesky, graphemes, x
from karnay.text.fitting import split
from karnay.text.markdown import lower
from karnay.text.measure import Counter, Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import ENTITIES, Kind, RichText, Span
from text.writing import chars, lists, rich_texts

MANY = 1000


def parts_of(text: str, limit: int, *, numbered: bool = False) -> list[str]:
    parts = split(RichText(text), [chars(limit)], most=MANY, numbered=numbered)
    return [part.text for part in parts or []]


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


def entities(text: RichText) -> list[str]:
    return [text.text[span.start : span.end] for span in text.spans if span.kind in ENTITIES]


def least_parts(text: str, limit: int) -> int:
    """The fewest parts of words: as many words into each as it takes."""
    count, size = 1, 0
    for word in text.split():
        fits = size + len(word) + (size > 0) <= limit
        count, size = (count, size + len(word) + (size > 0)) if fits else (count + 1, len(word))
    return count


@given(rich_texts())
def test_every_part_fits(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    assert all(counter.fits(part) for part in split(text, [counter], most=MANY) or [])


@given(rich_texts())
def test_every_numbered_part_fits(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    parts = split(text, [counter], most=MANY, numbered=True) or []
    assert all(counter.fits(part) for part in parts)


@given(rich_texts())
def test_the_parts_together_are_the_text_but_for_white_space(
    given_text: tuple[RichText, Counter],
) -> None:
    text, counter = given_text
    parts = split(text, [counter], most=MANY)
    assert parts is None or solid("".join(part.text for part in parts)) == solid(text.text)


@given(rich_texts())
def test_no_entity_is_cut_or_lost(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    parts = split(text, [counter], most=MANY)
    assert parts is None or [e for part in parts for e in entities(part)] == entities(text)


@given(rich_texts())
def test_no_grapheme_is_cut(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    parts = split(text, [counter], most=MANY)
    whole = graphemes.count(solid(text.text))
    assert parts is None or sum(graphemes.count(solid(part.text)) for part in parts) == whole


@given(rich_texts())
def test_the_same_text_gives_the_same_parts(given_text: tuple[RichText, Counter]) -> None:
    text, counter = given_text
    assert split(text, [counter], most=MANY) == split(text, [counter], most=MANY)


@given(rich_texts())
def test_no_part_is_empty_or_has_white_space_at_its_edges(
    given_text: tuple[RichText, Counter],
) -> None:
    text, counter = given_text
    parts = split(text, [counter], most=MANY) or [RichText("a")]
    assert all(part.text == part.text.strip() for part in parts)
    assert all(part for part in parts) or not text.text.strip()


@pytest.mark.parametrize("limit", [12, 20, 33, 50, 80])
def test_there_is_at_most_one_part_more_than_there_could_be(limit: int) -> None:
    text = "One two. Three four five, six seven; eight nine ten. Eleven! Twelve thirteen. " * 5
    assert len(parts_of(text, limit)) <= least_parts(text, limit) + 1


def test_a_text_that_fits_is_one_part_without_a_number() -> None:
    assert parts_of("All of it.", 20, numbered=True) == ["All of it."]


def test_parts_are_numbered_and_the_number_counts() -> None:
    assert parts_of("One two three. Four five six.", 20, numbered=True) == [
        "One two three. 1/2",
        "Four five six. 2/2",
    ]


def test_from_ten_parts_on_numbers_have_two_digits() -> None:
    parts = parts_of("Sentence number. " * 40, 40, numbered=True)
    assert parts[-1].endswith(f" {len(parts)}/{len(parts)}")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("First paragraph. And more.\n\nSecond paragraph. And more.", "First paragraph. And more."),
        ("First sentence here, it is. Second sentence is, too.", "First sentence here, it is."),
        ("No sentence ends here, but a clause does in the middle", "No sentence ends here,"),
        ("nothing but words and words and words and words here", "nothing but words and words"),
    ],
)
def test_the_best_break_is_taken(text: str, first: str) -> None:
    assert parts_of(text, 35)[0] == first


def test_parts_are_balanced() -> None:
    sizes = [len(part) for part in parts_of("Some words here. " * 21, 280)]
    assert max(sizes) - min(sizes) < 40


def test_a_part_is_never_only_hashtags() -> None:
    text = "One sentence of it. Two sentences of it. Three sentences."
    parts = split(
        adapted(RichText(text + "\n\n#one #two #three"), Dialect(frozenset(), x.detect)),
        [Counter("units", 60, x.measure)],
        most=9,
    )
    assert [part.text for part in parts or []][-1].startswith(("Two", "Three"))


def test_a_link_stays_with_its_sentence() -> None:
    text = "The first sentence is here. The second one is this. https://example.uz/a"
    parts = split(
        adapted(RichText(text), Dialect(frozenset(), x.detect)),
        [Counter("units", 55, x.measure)],
        most=9,
    )
    assert [part.text for part in parts or []][-1].startswith("The second")


def test_a_list_item_is_not_torn_where_it_can_be_helped() -> None:
    text = lower("Topics:\n\n- one item. Two words\n- another item. Three words\n- last item")[0]
    parts = split(text, [chars(45)], most=9) or []
    assert all(part.text.startswith(("Topics", "•")) for part in parts)


@given(lists())
def test_a_list_item_that_fits_into_a_part_is_never_torn(
    given_text: tuple[RichText, Counter],
) -> None:
    text, counter = given_text
    items = [text.slice(span.start, span.end) for span in text.spans if span.kind is Kind.ITEM]
    parts = split(text, [counter], most=MANY)
    whole = [item.text for item in items if counter.fits(item)]
    together = "\n\n".join(part.text for part in parts or [])
    assert parts is None or [item for item in whole if item not in together] == []


def test_a_list_item_that_does_not_fit_is_cut_at_a_sentence() -> None:
    text = lower("- Short one.\n- Lead. A sentence of it. Another sentence. The last one of it.")[0]
    parts = split(text, [chars(45)], most=9) or []
    assert all(part.text.endswith(".") for part in parts)


def test_list_items_are_torn_rather_than_too_many() -> None:
    text = lower("\n".join(["- One two three. Four five six."] * 6))[0]
    assert len(split(text, [chars(50)], most=4) or []) == 4


def test_numbers_of_two_digits_are_better_than_torn_items() -> None:
    text = lower("\n".join(["- One two three. Four five six."] * 12))[0]
    parts = split(text, [chars(60)], most=MANY, numbered=True) or []
    assert all(part.text.startswith("•") for part in parts)


def test_the_spare_part_is_taken_to_keep_an_item_whole() -> None:
    text = lower("- Item one. It has words.\n- Item two. It has words.\n- Item three. Words.")[0]
    parts = split(text, [chars(40)], most=9) or []
    assert all(part.text.startswith("•") for part in parts)


def test_the_spare_part_is_left_where_it_mends_nothing() -> None:
    assert len(parts_of("One two three. Four five six. Seven. Eight.", 30)) == 2


def test_a_lead_in_stays_with_the_first_item() -> None:
    text = lower("Some words of it here. More of them.\n\nTopics:\n\n- one item\n- two items")[0]
    parts = split(text, [chars(50)], most=9) or []
    assert [part.text.splitlines()[0] for part in parts][-1] == "Topics:"


def test_a_clause_is_cut_at_a_dash_before_a_comma_of_an_enumeration() -> None:
    text = "They bring some books – pens, chairs, tables, lamps and many more of them"
    assert parts_of(text, 55)[0] == "They bring some books –"


def test_a_word_cut_at_a_no_break_space_leaves_it_out() -> None:
    assert parts_of("abcdefghij\u00a0\u00a0klmnopqrst", 10) == ["abcdefghij", "klmnopqrst"]


def test_no_break_spaces_beside_others_are_left_out() -> None:
    assert parts_of("one two \u00a0three four", 10) == ["one two", "three four"]


def test_an_entity_longer_than_a_part_cannot_be_split() -> None:
    text = RichText("see https://example.uz/long", (Span(4, 27, Kind.LINK, "https://example.uz"),))
    assert split(text, [chars(15)], most=9) is None


def test_more_parts_than_allowed_are_none() -> None:
    assert split(RichText("word " * 100), [chars(50)], most=3) is None


def test_a_word_longer_than_a_part_is_cut_between_graphemes() -> None:
    assert {part.replace("e\u0301", "") for part in parts_of("e\u0301" * 10, 7)} == {""}


def test_all_counters_are_obeyed() -> None:
    counters = [
        Counter("graphemes", 300, bluesky.graphemes),
        Counter("bytes", 40, bluesky.utf8_bytes),
    ]
    parts = split(RichText("Слова и слова. " * 10), counters, most=99) or []
    assert max(len(part.text.encode()) for part in parts) <= 40


def test_spans_go_on_in_the_next_part() -> None:
    text = RichText("one two three four", (Span(0, 18, Kind.BOLD),))
    parts = split(text, [chars(10)], most=9) or []
    assert [part.spans for part in parts] == [
        (Span(0, len(part.text), Kind.BOLD),) for part in parts
    ]


def test_no_break_is_at_a_no_break_space() -> None:
    assert not any(
        left.endswith("25") for left, _ in pairwise(parts_of("about 25\u00a0words here " * 6, 20))
    )
