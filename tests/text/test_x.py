"""X counts and reads as twitter-text does.

Not run: the group `tweets` of `x_validate` (it is of the former limit of 140 characters) and
`replies` of `x_extract` (whom a reply answers: karnay writes none).
"""

from __future__ import annotations

import pytest

from karnay.text import x
from karnay.text.richtext import Kind, RichText
from text.cases import Case, cases, in_groups


def weight(text: str) -> int:
    return x.measure(RichText(text))


def found(text: str, kind: Kind) -> list[str]:
    return [span.value for span in x.detect(text) if span.kind is kind]


@pytest.mark.parametrize(
    "case",
    cases(
        "x_validate",
        lambda case: isinstance(case["expected"], dict),
    ),
)
def test_the_weight_is_that_of_twitter_text(case: Case) -> None:
    assert weight(case["text"]) == case["expected"]["weightedLength"]


@pytest.mark.parametrize(
    "case",
    cases(
        "x_extract",
        in_groups("urls", "tco_urls_with_params"),
    )
    + cases("x_tlds"),
)
def test_links_are_those_of_twitter_text(case: Case) -> None:
    assert found(case["text"], Kind.LINK) == case["expected"]


@pytest.mark.parametrize("case", cases("x_extract", in_groups("hashtags", "hashtags_from_astral")))
def test_hashtags_are_those_of_twitter_text(case: Case) -> None:
    assert found(case["text"], Kind.HASHTAG) == case["expected"]


@pytest.mark.parametrize("case", cases("x_extract", in_groups("cashtags")))
def test_cashtags_are_those_of_twitter_text(case: Case) -> None:
    assert found(case["text"], Kind.CASHTAG) == case["expected"]


@pytest.mark.parametrize("case", cases("x_extract", in_groups("mentions")))
def test_mentions_are_those_of_twitter_text(case: Case) -> None:
    assert found(case["text"], Kind.MENTION) == case["expected"]


@pytest.mark.parametrize("case", cases("x_extract", in_groups("mentions_or_lists_with_indices")))
def test_lists_are_those_of_twitter_text(case: Case) -> None:
    shown = [(span.value, [span.start, span.end]) for span in x.detect(case["text"])]
    assert shown == [
        (one["screen_name"] + one["list_slug"], one["indices"]) for one in case["expected"]
    ]


@pytest.mark.parametrize("case", cases("x_validate", in_groups("usernames", "lists", "hashtags")))
def test_a_valid_name_or_tag_is_one_entity(case: Case) -> None:
    whole = [case["text"][1:]]
    kind = Kind.HASHTAG if case["group"] == "hashtags" else Kind.MENTION
    assert (found(case["text"], kind) == whole) == case["expected"]


@pytest.mark.parametrize(
    "case",
    cases(
        "x_extract",
        in_groups(
            "urls_with_indices",
            "urls_with_directional_markers",
            "hashtags_with_indices",
            "mentions_with_indices",
            "cashtags_with_indices",
        ),
    ),
)
def test_spans_lie_where_twitter_text_finds_them(case: Case) -> None:
    kind = {
        "url": Kind.LINK,
        "hashtag": Kind.HASHTAG,
        "screen_name": Kind.MENTION,
        "cashtag": Kind.CASHTAG,
    }[next(iter(case["expected"][0]))]
    spans = [[span.start, span.end] for span in x.detect(case["text"]) if span.kind is kind]
    assert spans == [entity["indices"] for entity in case["expected"]]


@pytest.mark.parametrize("case", cases("x_validate", in_groups("urls", "urls_without_protocol")))
def test_a_short_valid_address_weighs_23(case: Case) -> None:
    assert (
        (weight(case["text"]) == x.ADDRESS_WEIGHT) or not case["expected"] or "://" in case["text"]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oʻzbek tili gʻalaba", 19),
        ("Ташкент", 7),
        ("a\u0301e\u0301", 2),
        ("語", 2),
        ("👨‍👩‍👧‍👧", 2),
        ("🇺🇿", 2),
        ("☕️", 2),
        ("kun.uz", 23),
        ("https://example.uz/" + "a" * 200, 23),
        ("\ud800", 2),
    ],
)
def test_everyday_text_weighs(text: str, expected: int) -> None:
    assert weight(text) == expected


def test_half_a_character_makes_a_label_too_long_that_would_fit_with_the_whole() -> None:
    domain = "🧑🏿\u200d🤝\u200d🧑🏻🔥🧔🏻\u200d♀️🇺🇿🇨🇳-example.org"
    assert [len(x.detect(before + domain)) for before in ("", "(")] == [0, 1]


def test_a_newer_emoji_weighs_what_the_older_table_makes_of_it() -> None:
    assert weight("🫱🏽‍🫲🏾") > 2


@pytest.mark.parametrize("text", ["a👨‍👩‍👧 語 kun.uz ☕️ e\u0301", "1️⃣ ©️ © ™ ‼️", "#️⃣ 2024"])
def test_the_weights_of_the_characters_add_up(text: str) -> None:
    assert sum(x.measure.weights(RichText(text))) == weight(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.co\u200c.uk:99999/~user#якорь", 23 + len("корь")),
        ("kun.uz漢字.한국/xyz", 23 + 2 * len("국") + len("/xyz")),
        ("kun.uz漢字漢字.한국/", 23 + 2 * len("字漢字한국") + len("./")),
        ("＠tict.example.org。пример.рф/a–b#a,b/", 2 * len("＠") + 23 + len("ф/a–b#a,b/")),
    ],
)
def test_letters_that_are_left_out_of_an_address_count_beside_it(text: str, expected: int) -> None:
    assert weight(text) == expected
    assert sum(x.measure.weights(RichText(text))) == expected


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/(ok)", "/(ok)"),
        ("/a_(b)(c).", "/a_(b)(c)"),
        ("/a.(b)", "/a"),
        ("/a_(b)@(c/d)(ok)", "/a_(b)"),
        ("/a_(b)@(c/d)(ok)e", "/a_(b)@(c/d)(ok)e"),
        ("/.(b)", "/"),
        ("/.(b)@", "/"),
    ],
)
def test_a_path_ends_at_no_parenthesis_after_punctuation(path: str, shown: str) -> None:
    assert found(f"https://kun.uz{path}", Kind.LINK)[0] == f"https://kun.uz{shown}"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("@😀-bad.com", "-bad.com"),
        ("a😀.kun.uz/path", "kun.uz/path"),
        ("kun.uz/😀-bad.com/x", "-bad.com/x"),
    ],
)
def test_a_domain_may_begin_within_a_character_of_two_halves(text: str, address: str) -> None:
    assert [text[span.start : span.end] for span in x.detect(text)][-1] == address
