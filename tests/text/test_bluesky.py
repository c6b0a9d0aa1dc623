"""Bluesky counts and reads as its own library does."""

from __future__ import annotations

import pytest

from karnay.text import bluesky
from karnay.text.markdown import lower
from karnay.text.measure import Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import Kind, RichText, utf8_offsets
from text.cases import Case, cases, in_groups

KINDS = {"tags": Kind.HASHTAG, "cashtags": Kind.CASHTAG}

TIDIED_OTHERWISE = {
    "bsky-clean-06": "a line break that is not `\\n\\n` is a space in Markdown",
    "bsky-clean-07": "a line of zero-width spaces is a line of text in Markdown",
    "bsky-clean-10": "a line of soft hyphens is a line of text in Markdown",
}


@pytest.mark.parametrize("case", cases("bsky_lengths", lambda case: "graphemes" in case))
def test_graphemes_are_counted(case: Case) -> None:
    assert bluesky.graphemes(RichText(case["text"])) == case["graphemes"]


@pytest.mark.parametrize("case", cases("bsky_lengths", lambda case: "utf8" in case))
def test_bytes_are_counted(case: Case) -> None:
    assert bluesky.utf8_bytes(RichText(case["text"])) == case["utf8"]


@pytest.mark.parametrize("case", cases("bsky_facets", in_groups("tags", "cashtags")))
def test_tags_are_those_of_its_library(case: Case) -> None:
    kind = KINDS[case["kind"]]
    sign = "$" if kind is Kind.CASHTAG else ""
    spans = [span for span in bluesky.detect(case["text"]) if span.kind is kind]
    assert [sign + span.value for span in spans] == case["expected_tags"]


@pytest.mark.parametrize("case", cases("bsky_facets", in_groups("tags", "cashtags")))
def test_tags_lie_at_its_bytes(case: Case) -> None:
    kind, offsets = KINDS[case["kind"]], utf8_offsets(case["text"])
    spans = [span for span in bluesky.detect(case["text"]) if span.kind is kind]
    assert [
        {"byteStart": offsets[span.start], "byteEnd": offsets[span.end]} for span in spans
    ] == case["expected_index"]


@pytest.mark.parametrize("case", cases("bsky_facets", in_groups("segments")))
def test_links_and_mentions_are_those_of_its_library(case: Case) -> None:
    text = case["text"]
    shown = [
        (
            text[span.start : span.end],
            ("did:fake:" if span.kind is Kind.MENTION else "") + span.value,
        )
        for span in bluesky.detect(text)
    ]
    expected = [(piece["text"], piece["target"]) for piece in case["expected"] if "target" in piece]
    assert shown == expected


@pytest.mark.parametrize("case", cases("bsky_clean", exceptions=TIDIED_OTHERWISE))
def test_markdown_leaves_as_many_empty_lines_as_the_app(case: Case) -> None:
    [part] = lower(case["text"]) or [RichText()]
    shown = adapted(part, Dialect(frozenset(), bluesky.detect)).text
    assert shown == case["reference_actual"].rstrip()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.uz/", "example.uz"),
        ("https://example.uz/news", "example.uz/news"),
        ("https://example.uz/news/shandong-jianshu", "example.uz/news/shandon..."),
        ("https://example.uz/?a=1", "example.uz?a=1"),
        ("example.uz/news/shandong-jianshu", "example.uz/news/shandong-jianshu"),
        ("ftp://example.uz/", "ftp://example.uz/"),
        ("https://[bad/", "https://[bad/"),
    ],
)
def test_a_link_is_shown_as_the_app_shows_it(address: str, shown: str) -> None:
    assert bluesky.show_link(address) == shown
