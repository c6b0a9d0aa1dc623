"""Instagram: UTF-16 units, hashtags and mentions; no links."""

import pytest

from karnay.text.instagram import detect, hashtags_in, measure, mentions_in
from karnay.text.richtext import Kind, RichText


def test_the_safe_unit_is_utf16() -> None:
    assert measure(RichText("Салом 😀")) == 8


def test_hashtags_and_mentions_are_counted() -> None:
    caption = RichText("#a #b #a @kun.uz, @tict_uz. office@kun.uz #1")
    assert (hashtags_in(caption), mentions_in(caption)) == (3, 2)


def test_the_weights_of_hashtags_add_up() -> None:
    caption = RichText("#a #b #a a\u0301 #наука😀")
    assert sum(hashtags_in.weights(caption)) == hashtags_in(caption) == 4


def test_an_address_is_no_link() -> None:
    assert detect("https://kun.uz/a?b=c") == ()


def test_a_dot_after_a_name_ends_the_sentence() -> None:
    [mention] = detect("by @tict.uz.")
    assert (mention.kind, mention.value) == (Kind.MENTION, "tict.uz")


@pytest.mark.parametrize("text", ["#ok\u2028#ok", "(#ok) #ok", "שלום #ok،#ok"])
def test_hashtags_stand_between_anything_that_is_no_word(text: str) -> None:
    assert hashtags_in(RichText(text)) == 2
