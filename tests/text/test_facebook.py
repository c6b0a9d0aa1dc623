"""Facebook: UTF-16 units, links, Pages, hashtags."""

import pytest

from karnay.text.facebook import detect, measure
from karnay.text.richtext import Kind, RichText


@pytest.mark.parametrize(
    ("text", "units"),
    [("Привет", 6), ("😀", 2), ("a\u0301", 2), ("👩‍🎓", 5), ("\ud800", 1), ("", 0)],
)
def test_the_safe_unit_is_utf16(text: str, units: int) -> None:
    assert measure(RichText(text)) == units
    assert sum(measure.weights(RichText(text))) == units


def test_pages_links_and_hashtags_are_found() -> None:
    found = [(span.kind, span.value) for span in detect("@[1234567] on kun.uz #TICT_2024")]
    assert found == [
        (Kind.MENTION, "1234567"),
        (Kind.LINK, "kun.uz"),
        (Kind.HASHTAG, "TICT_2024"),
    ]


@pytest.mark.parametrize("text", ["@[name]", "@name", "#2024", "office@kun.uz"])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert detect(text) == ()
