"""HTML: reads as itself, is well nested, and keeps what was formatted."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.testing.texts import NASTY
from karnay.text.html import TAGS, address, html, parsed
from karnay.text.richtext import Kind, RichText, Span

INLINE = [kind for kind in TAGS if kind not in (Kind.PRE, Kind.QUOTE)]


class Nesting(HTMLParser):
    """Fails where an element ends that was not the last to begin."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "a" or "a" not in self.opened
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


@st.composite
def formatted(draw: st.DrawFn, kinds: list[Kind]) -> RichText:
    text = draw(st.text(st.sampled_from("aж😀&<>\"'\n "), min_size=1, max_size=30))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    drawn = draw(st.lists(st.tuples(ends, st.sampled_from(kinds)), max_size=6))
    return RichText(text, tuple(Span(start, end, kind, "") for (start, end), kind in drawn))


def written(text: str, *spans: Span) -> str:
    return html(RichText(text, spans), line_break="<br>")


@given(formatted(list(TAGS)))
def test_elements_are_well_nested(rich: RichText) -> None:
    reader = Nesting()
    reader.feed(html(rich))
    reader.close()
    assert reader.opened == []


@given(formatted(INLINE))
def test_html_reads_as_the_text(rich: RichText) -> None:
    assert parsed(html(rich)).text == rich.text


@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_text_reads_as_itself(nasty: str) -> None:
    assert parsed(html(RichText(NASTY[nasty]))).text == NASTY[nasty]


@pytest.mark.parametrize("kind", INLINE)
def test_what_was_formatted_is_read_back(kind: Kind) -> None:
    span = Span(2, 5, kind, "https://e.org/?a=b&c" if kind is Kind.LINK else "")
    assert parsed(html(RichText("a <b> c", (span,)))).spans == (span,)


def test_what_overlaps_is_ended_and_begun_again() -> None:
    spans = (Span(0, 3, Kind.BOLD), Span(2, 5, Kind.ITALIC))
    assert written("abcde", *spans) == "<strong>ab<em>c</em></strong><em>de</em>"


def test_an_address_cannot_leave_its_attribute() -> None:
    span = Span(0, 1, Kind.LINK, 'https://e.org/"><script>')
    assert written("x", span) == '<a href="https://e.org/&quot;&gt;&lt;script&gt;">x</a>'


def test_code_says_its_language() -> None:
    told = written("x = 1\ny", Span(0, 7, Kind.PRE, "python"))
    assert told == '<pre><code class="language-python">x = 1\ny</code></pre>'


def test_a_quotation_needs_no_line_breaks_round_it() -> None:
    told = written("a\nb\nc\nd", Span(2, 3, Kind.QUOTE))
    assert told == "a<blockquote>b</blockquote>c<br>d"


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("example.org/a", "https://example.org/a"),
        ("example.org:8080", "https://example.org:8080"),
        ("http://example.org", "http://example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_an_address_has_a_protocol(link: str, whole: str) -> None:
    assert address(link) == whole


def test_many_spans_take_no_longer_than_they_are() -> None:
    text = "link " * 20_000
    spans = tuple(Span(5 * n, 5 * n + 4, Kind.LINK, "e.org") for n in range(20_000))
    began = time.process_time()
    html(RichText(text, spans))
    assert time.process_time() - began < 5
