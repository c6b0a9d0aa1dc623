"""Nasty texts, counters and spans for the laws of fitting."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import strategies as st

from karnay.text import bluesky, mastodon, telegram, x
from karnay.text.measure import Counter, Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import Kind, RichText, Span

WORDS = (
    "a", "word", "Слово", "soʻm", "語語語", "e\u0301\u0301", "👨‍👩‍👧", "🇺🇿", "שלום", "a\u0301b",
    "https://example.uz/a_b?c=d", "kun.uz", "@user.bsky.social", "@user@example.uz", "#тег", "$UZS",
    "«Қадам»", "т.е.", "А.", "15-noyabr", "sh.", "b" * 60, "(see", "that)",
)  # fmt: skip
GAPS = (" ", " ", " ", " ", ", ", ". ", "! ", "; ", " — ", "\n", "\n\n", "\u2028", "\u00a0")

NETWORKS = {
    "x": (Dialect(frozenset(), x.detect), x.measure),
    "bluesky": (
        Dialect(frozenset({Kind.LINK}), bluesky.detect, bluesky.show_link),
        bluesky.graphemes,
    ),
    "mastodon": (Dialect(frozenset(), mastodon.detect), mastodon.measuring()),
    "telegram": (Dialect(frozenset({Kind.LINK, Kind.BOLD}), telegram.detect), telegram.measure),
}

texts = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), min_size=1, max_size=60
).map(lambda pairs: "".join(word + gap for word, gap in pairs).strip())


@st.composite
def rich_texts(draw: st.DrawFn) -> tuple[RichText, Counter]:
    """A text as one network reads it, with a list item and bold words, and a counter for it."""
    text = draw(texts)
    kinds = st.sampled_from([Kind.BOLD, Kind.ITEM, Kind.QUOTE])
    spans = draw(st.lists(st.builds(_span, st.just(text), kinds, places, places), max_size=3))
    dialect, measure = NETWORKS[draw(st.sampled_from(sorted(NETWORKS)))]
    limit = draw(st.integers(25, 300))
    return adapted(RichText(text).with_spans(spans), dialect), Counter("units", limit, measure)


@st.composite
def lists(draw: st.DrawFn) -> tuple[RichText, Counter]:
    """A paragraph and a list after it as one network reads them, and a counter for them."""
    lines = [
        " ".join(draw(texts).split()),
        *(f"• {' '.join(item.split())}" for item in draw(items)),
    ]
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    spans = [
        Span(start, start + len(line), Kind.ITEM)
        for start, line in zip(starts[1:], lines[1:], strict=False)
    ]
    dialect, measure = NETWORKS[draw(st.sampled_from(sorted(NETWORKS)))]
    text = adapted(RichText("\n".join(lines)).with_spans(spans), dialect)
    return text, Counter("units", draw(st.integers(60, 300)), measure)


items = st.lists(texts, min_size=1, max_size=8)
places = st.integers(0, 200)


def _span(text: str, kind: Kind, first: int, second: int) -> Span:
    start, end = sorted((first % (len(text) + 1), second % (len(text) + 1)))
    return Span(start, max(start + 1, end) if text else end, kind)


def flexible(text: RichText, *regions: tuple[int, int, int]) -> RichText:
    """The text with FLEX regions: start, end, order."""
    return text.with_spans(Span(start, end, Kind.FLEX, str(n)) for start, end, n in regions)


def chars(limit: int) -> Counter:
    """A counter of code points that tells no weights."""
    return Counter("characters", limit, lambda rich: len(rich.text))
