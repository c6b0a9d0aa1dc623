"""X: where the published counter's emoji table is older than the emoji."""

import pytest

from karnay.text.richtext import RichText
from karnay.text.x import measure
from karnay.text.x_emoji import surplus


@pytest.mark.parametrize("emoji", ["🫱🏽‍🫲🏾", "❤️‍🔥", "🐦‍🔥", "🧑‍🧑‍🧒"])
def test_a_newer_emoji_counts_more_than_documented(emoji: str) -> None:
    text = RichText(f"so {emoji} it is {emoji}")
    assert measure(text) - surplus(text) == len("so  it is ") + 2 * 2
    assert sum(surplus.weights(text)) == surplus(text) > 0


@pytest.mark.parametrize(
    "text",
    ["plain", "Привет", "😀", "👩‍🎓", "🇺🇿", "1\ufe0f\u20e3", "☕️", "👍🏽", "年", "a\u0301", ""],
)
def test_all_else_is_beyond_doubt(text: str) -> None:
    assert surplus(RichText(text)) == 0
