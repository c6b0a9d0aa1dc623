"""Limits of all platforms that are measured, published to or not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, create_model

from karnay.accounts import Account
from karnay.errors import NotFound
from karnay.platforms.registry import limits_of, measurable, platforms
from karnay.rendering.limits import Limits
from karnay.text.plain import adapted
from karnay.text.richtext import RichText


def limits(name: str, *, media: bool = False, **details: Any) -> Limits:
    made: type[BaseModel] = create_model("Made", **dict.fromkeys(details, (str, "")))
    return limits_of(name)(Account(name, name, "und", details=made(**details)), media=media)


def warned(name: str, text: str) -> tuple[str, ...]:
    return limits(name).warnings(RichText(text))


def test_every_platform_is_measurable_without_an_account() -> None:
    assert set(platforms()) | {"linkedin", "facebook", "instagram", "threads"} == set(measurable())


@pytest.mark.parametrize(
    ("name", "bare", "below"),
    [
        ("bluesky", 300, 300),
        ("facebook", 63_206, 63_206),
        ("instagram", 2_200, 2_200),
        ("linkedin", 3_000, 3_000),
        ("mastodon", 500, 500),
        ("telegram", 4_096, 1_024),
        ("threads", 500, 500),
        ("x", 280, 280),
    ],
)
def test_the_limit_bare_and_below_media(name: str, bare: int, below: int) -> None:
    assert (limits(name).limit, limits(name, media=True).limit) == (bare, below)


def test_premium_accounts_of_x_have_more_room() -> None:
    assert limits("x", tier="premium").limit == 25_000


@pytest.mark.parametrize("name", ["wire", "base", "registry", "", "../x", "Х", "karnay.x"])
def test_no_other_module_is_a_platform(name: str) -> None:
    with pytest.raises(NotFound):
        limits_of(name)


def test_a_mistyped_platform_is_guessed() -> None:
    with pytest.raises(NotFound, match='Did you mean "linkedin"'):
        limits_of("linkdin")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("threads", " ".join(f"https://a{n}.uz" for n in range(6))),
        ("instagram", "#a " * 31),
        ("instagram", "@a " * 21),
        ("linkedin", "(" * 1_501),
        ("facebook", "😀" * 31_604),
    ],
)
def test_more_than_any_counter_takes_is_refused(name: str, text: str) -> None:
    assert not limits(name).fits(RichText(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("threads", " ".join(["https://a.uz"] * 6)),
        ("instagram", "#a " * 30 + "@a " * 20),
        ("linkedin", "(" * 1_500),
        ("facebook", "😀" * 31_603),
        ("threads", "я" * 500),
    ],
)
def test_as_much_as_the_counters_take_is_not(name: str, text: str) -> None:
    assert limits(name).fits(RichText(text))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("threads", "я" * 251, "502 bytes of UTF-8"),
        ("instagram", "#a " * 6, "6 hashtags"),
        ("x", "🐦‍🔥", "with 3 more than X's documents say"),
    ],
)
def test_a_doubt_is_said_and_refuses_nothing(name: str, text: str, said: str) -> None:
    [warning] = warned(name, text)
    assert said in warning
    assert limits(name).fits(RichText(text))


@pytest.mark.parametrize(
    ("name", "text"), [("threads", "я" * 250), ("instagram", "#a " * 5), ("x", "👩‍🎓"), ("x", "я")]
)
def test_where_there_is_no_doubt_nothing_is_said(name: str, text: str) -> None:
    assert warned(name, text) == ()


@pytest.mark.parametrize("name", ["linkedin", "facebook", "instagram", "threads"])
def test_a_link_behind_words_gets_its_plain_form(name: str) -> None:
    from karnay.text.markdown import lower

    [text] = lower("Read [the **news**](https://example.uz/a)")
    shown = adapted(text, limits(name).dialect)
    assert shown.text == "Read the news (https://example.uz/a)"
