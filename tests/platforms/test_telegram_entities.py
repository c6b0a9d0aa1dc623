"""Entities are told to Telegram as its own parser of HTML tells them.

No HTML is sent, so how it is parsed does not concern us: cases that are refused (unclosed and
unknown tags, bad attributes), and entities that a post cannot have (`OTHERS`). What does are
offsets in UTF-16, lengths, and nesting: the same spans on the same text give the same entities.
"""

from __future__ import annotations

from typing import Any

import pytest

from karnay.platforms.telegram_messages import entities
from karnay.text.richtext import Kind, RichText, Span, utf16_offsets
from text.cases import Case, cases

OTHERS = frozenset({"underline", "spoiler", "custom_emoji", "date", "expandable_blockquote"})
"""No sign of Markdown stands for these."""

KINDS = {
    "bold": Kind.BOLD,
    "italic": Kind.ITALIC,
    "strikethrough": Kind.STRIKE,
    "code": Kind.CODE,
    "pre": Kind.PRE,
    "pre_code": Kind.PRE,
    "blockquote": Kind.QUOTE,
    "text_link": Kind.LINK,
}
BARE = {
    f"tdlib-parse_html-{number}": "a link whose words are its address is left to Telegram to find"
    for number in ("0063",)
}


def concerns_us(case: Case) -> bool:
    return "error" not in case and not any(one["type"] in OTHERS for one in case["entities"])


def typed(case: Case) -> RichText:
    """The text with a span for each entity of the case."""
    text = case["expected_text"]
    places = {unit: place for place, unit in enumerate(utf16_offsets(text))}
    spans = (
        Span(
            places[one["offset"]],
            places[one["offset"] + one["length"]],
            KINDS[one["type"]],
            one.get("arg", ""),
        )
        for one in case["entities"]
    )
    return RichText(text, tuple(spans))


def told(one: dict[str, Any]) -> tuple[int, int, str, str]:
    """An entity of ours, by their names."""
    kind = "pre_code" if "language" in one else one["type"]
    argument = one.get("url") or one.get("language") or ""
    return one["offset"], -one["length"], kind, argument


def given(one: dict[str, Any]) -> tuple[int, int, str, str]:
    """An entity of theirs."""
    return one["offset"], -one["length"], one["type"], one.get("arg", "")


@pytest.mark.parametrize("case", cases("tg_parse_html", concerns_us, BARE))
def test_the_same_spans_are_the_same_entities(case: Case) -> None:
    found = [told(one) for one in entities(typed(case))]
    assert sorted(found) == sorted(map(given, case["entities"]))


@pytest.mark.parametrize("case", cases("tg_parse_html", concerns_us))
def test_the_outer_entity_is_told_before_the_inner_one(case: Case) -> None:
    places = [told(one)[:2] for one in entities(typed(case))]
    assert places == sorted(places)
