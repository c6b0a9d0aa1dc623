"""What a network does not show has a plain form, and what it detects has a span."""

from __future__ import annotations

import pytest

from karnay.text import bluesky, x
from karnay.text.markdown import flexible, lower
from karnay.text.measure import Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import Kind, RichText, Span

PLAIN = Dialect()
LINKS = Dialect(frozenset({Kind.LINK}), bluesky.detect, bluesky.show_link)
LONG = "https://example.uz/news/shandong-jianshu"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[our site](https://a.uz/b)", "our site (https://a.uz/b)"),
        ("[a.uz](https://a.uz/)", "https://a.uz/"),
        ("<https://a.uz>", "https://a.uz"),
        ("<info@a.uz>", "info@a.uz"),
        ("**bold** `code`", "bold code"),
        ("> said so", "“said so”"),
        ("> сказал", "«сказал»"),
        ("> «сказал»", "«сказал»"),
        ("> see [it](https://a.uz)", "“see it (https://a.uz)”"),
    ],
)
def test_what_is_not_kept_has_a_plain_form(markdown: str, text: str) -> None:
    assert adapted(lower(markdown)[0], PLAIN).text == text


def test_a_flexible_region_holds_the_address_of_its_link() -> None:
    text = adapted(lower(flexible("[it](https://a.uz)") + " end")[0], PLAIN)
    assert text.only([Kind.FLEX]).spans == (Span(0, 17, Kind.FLEX, "1"),)


def test_a_bare_address_is_shown_short_and_kept_whole() -> None:
    text = adapted(RichText(f"See {LONG}."), LINKS)
    assert text == RichText("See example.uz/news/shandon....", (Span(4, 30, Kind.LINK, LONG),))


def test_the_words_of_a_link_stay() -> None:
    text = adapted(lower(f"[our site]({LONG})")[0], LINKS)
    assert text == RichText("our site", (Span(0, 8, Kind.LINK, LONG),))


def test_nothing_is_detected_within_links_and_code() -> None:
    dialect = Dialect(frozenset({Kind.LINK, Kind.CODE}), x.detect)
    text = adapted(lower("[see #tag](https://a.uz) `#code` #real")[0], dialect)
    assert [span.value for span in text.spans if span.kind is Kind.HASHTAG] == ["real"]


def test_detected_spans_follow_what_is_put_in() -> None:
    text = adapted(lower("[it](https://a.uz) #tag")[0], Dialect(detect=x.detect))
    assert [text.text[span.start : span.end] for span in text.spans] == ["https://a.uz", "#tag"]
