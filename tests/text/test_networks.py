"""Four networks' own programs answered for these texts; we answer the same."""

from __future__ import annotations

from typing import Any

import pytest

from karnay.text import bluesky, mastodon, telegram, x
from karnay.text.richtext import Kind, RichText, utf8_offsets, utf16_offsets
from text.cases import Case, oracle

MEASURES = {
    "x": (x.measure, "weightedLength"),
    "bluesky": (bluesky.graphemes, "graphemes"),
    "mastodon": (mastodon.measuring(), "length"),
    "telegram": (telegram.measure, "codepoints"),
}


@pytest.fixture(scope="module")
def texts() -> list[Case]:
    return oracle()


@pytest.mark.parametrize("network", MEASURES)
def test_every_size_is_right(network: str, texts: list[Case]) -> None:
    measure, key = MEASURES[network]
    wrong = [case["id"] for case in texts if measure(RichText(case["text"])) != case[network][key]]
    assert wrong == []


def test_every_number_of_bytes_is_right(texts: list[Case]) -> None:
    wrong = [
        case["id"]
        for case in texts
        if bluesky.utf8_bytes(RichText(case["text"])) != case["bluesky"]["bytes"]
    ]
    assert wrong == []


def test_x_finds_all_links_but_one_that_is_in_a_hashtag(texts: list[Case]) -> None:
    wrong = [
        case["text"]
        for case in texts
        if [span.value for span in x.detect(case["text"]) if span.kind is Kind.LINK]
        != case["x"]["urls"]
    ]
    assert wrong == ["#viéews.py'"]


def test_bluesky_finds_all_facets(texts: list[Case]) -> None:
    wrong = [case["id"] for case in texts if _facets(case["text"]) != _given_facets(case)]
    assert wrong == []


def _facets(text: str) -> list[tuple[int, int, str]]:
    offsets = utf8_offsets(text)
    return sorted(
        (
            offsets[span.start],
            offsets[span.end],
            ("$" if span.kind is Kind.CASHTAG else "") + span.value,
        )
        for span in bluesky.detect(text)
    )


def _given_facets(case: Case) -> list[tuple[int, int, str]]:
    return sorted(
        (
            facet["byteStart"],
            facet["byteEnd"],
            facet.get("uri") or facet.get("tag") or facet.get("did"),
        )
        for facet in case["bluesky"]["facets"]
    )


def test_mastodon_finds_all_entities(texts: list[Case]) -> None:
    wrong = [
        case["id"] for case in texts if _entities(case["text"]) != case["mastodon"]["entities"]
    ]
    assert wrong == []


def _entities(text: str) -> list[dict[str, Any]]:
    names = {Kind.LINK: "url", Kind.HASHTAG: "hashtag", Kind.MENTION: "screen_name"}
    return [
        {names[span.kind]: span.value, "indices": [span.start, span.end]}
        for span in mastodon.detect(text)
    ]


def test_telegram_finds_all_links_mentions_and_tags(texts: list[Case]) -> None:
    wrong = [case["id"] for case in texts if _native(case["text"]) != _given_native(case)]
    assert wrong == []


def _native(text: str) -> list[tuple[str, int, int]]:
    offsets = utf16_offsets(text)
    return [
        (
            "url" if span.kind is Kind.LINK else span.kind.value,
            offsets[span.start],
            offsets[span.end] - offsets[span.start],
        )
        for span in telegram.detect(text)
    ]


def _given_native(case: Case) -> list[tuple[str, int, int]]:
    return [
        (entity["type"], entity["offset"], entity["length"])
        for entity in case["telegram"]["entities"]
        if entity["type"] in {"url", "mention", "hashtag", "cashtag"}
    ]
