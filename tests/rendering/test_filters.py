"""The filters, as templates use them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.rendering.filters import utm
from karnay.text.markdown import lower
from karnay.text.richtext import Kind
from rendering.builders import complaint, word


@pytest.mark.parametrize(
    ("tags", "written"),
    [
        (("TICT", "InternationalCooperation"), "#TICT #InternationalCooperation"),
        (("open day", "open-day 2030"), "#openDay #openDay2030"),
        (("a_b",), "#a_b"),
        (("Oʻzbekiston", "O'zbekiston"), "#Oʻzbekiston #Ozbekiston"),
        (("халқаро Ҳамкорлик",), "#халқароҲамкорлик"),
        (("خانواده‌های", "e\u0301tude"), "#خانواده‌های #e\u0301tude"),
        (("*C*#",), "#C"),
    ],
)
def test_hashtags_are_valid_tags(tags: tuple[str, ...], written: str) -> None:
    assert lower(word("{{ hashtags | hashtags }}", hashtags=tags))[0].text == written


def test_only_so_many_hashtags_are_taken() -> None:
    assert word("{{ hashtags | hashtags(2) }}", hashtags=("A", "B", "C")) == "#A #B"


def test_a_tag_without_letters_is_a_problem() -> None:
    assert '"!" has nothing' in complaint("{{ hashtags | hashtags }}", hashtags=("!",))


def test_no_hashtags_are_no_text() -> None:
    assert word("{{ hashtags | hashtags }}") == ""


@pytest.mark.parametrize(
    ("language", "written"),
    [("uz", "a, b va c"), ("uz-Cyrl", "a, b ва c"), ("ru", "a, b и c"), ("en", "a, b and c")],
)
def test_a_list_within_a_sentence_is_in_the_posts_language(language: str, written: str) -> None:
    source = "{{ data.x | join_list }}"
    assert word(source, language=language, data={"x": ["a", "b", "c"]}) == written


def test_the_items_of_a_list_are_escaped() -> None:
    assert word("{{ data.x | join_list }}", data={"x": ["*a*", "b"]}) == "\\*a\\* and b"


def test_bullets_are_a_list_whose_items_say_what_they_said() -> None:
    [text] = lower(word("Topics: {{ data.x | bullets }}", data={"x": ["*a*", "1. b"]}))
    assert text.text == "Topics:\n• *a*\n• 1. b"


def test_what_is_flexible_is_marked() -> None:
    [text] = lower(word("fixed {{ title | flex(2) }}", title="may *shrink*"))
    [span] = text.spans
    assert (span.kind, span.value, text.text[span.start : span.end]) == (
        Kind.FLEX,
        "2",
        "may *shrink*",
    )


@pytest.mark.parametrize(
    ("link", "written"),
    [
        ("https://a.example/b", "https://a.example/b?utm_source=x&utm_medium=social"),
        ("https://a.example/?q=1#top", "https://a.example/?q=1&utm_source=x&utm_medium=social#top"),
        ("https://a.example/?utm_source=mail", "https://a.example/?utm_source=mail"),
        ("", ""),
    ],
)
def test_a_link_names_its_source_once(link: str, written: str) -> None:
    assert utm(link, "x") == written


@given(
    st.from_regex(r"https://[a-z]{1,9}\.example/[a-z_*]{0,9}(\?[a-z]=[a-z]{0,3})?", fullmatch=True)
)
def test_naming_the_source_twice_changes_nothing(link: str) -> None:
    assert utm(utm(link, "x"), "telegram") == utm(link, "x")


def test_a_link_behind_words_keeps_its_address() -> None:
    link = "https://a.example/b_c*d*(e)?f=[g]&h=%20"
    [text] = lower(word("[here]({{ link }})", link=link))
    assert [(span.kind, span.value) for span in text.spans] == [(Kind.LINK, link)]


@pytest.mark.parametrize(
    ("language", "number", "written"),
    [
        ("ru", 1, "студент"),
        ("ru", 22, "студента"),
        ("ru", 11, "студентов"),
        ("en", 1, "студент"),
        ("en", 2, "студента"),
        ("uz", 5, "студента"),
    ],
)
def test_the_form_of_a_word_goes_with_the_number(language: str, number: int, written: str) -> None:
    forms = {
        "ru": "'студент', 'студента', 'студентов'",
        "en": "'студент', other='студента'",
        "uz": "other='студента', one='студент'",
    }
    source = f"{{{{ data.n | plural({forms[language]}) }}}}"
    assert word(source, language=language, data={"n": number}) == written


def test_a_constant_is_worded_for_each_language_anew() -> None:
    source = "{{ '2024-12-03' | date }}"
    assert [word(source, language=code) for code in ("en", "ru")] == [
        "3 December 2024",
        "3 декабря 2024 г.".replace(".", "\\."),
    ]


def test_a_wrong_date_is_told() -> None:
    assert '"soon" is not a date' in complaint("{{ data.d | date }}", data={"d": "soon"})


def test_an_unknown_filter_is_told_with_the_nearest_one() -> None:
    expected = 'there is no filter `hastags`. Did you mean "hashtags"?'
    assert expected in complaint("{{ hashtags | hastags }}")
