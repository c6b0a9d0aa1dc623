"""Telegram counts and reads as TDLib does."""

from __future__ import annotations

import pytest

from karnay.text import telegram
from karnay.text.richtext import Kind, RichText
from text.cases import Case, cases


def found(text: str, kind: Kind) -> list[str]:
    return [text[span.start : span.end] for span in telegram.detect(text) if span.kind is kind]


@pytest.mark.parametrize(
    "case", cases("tg_url", lambda case: not case.get("text", "").startswith("tg://"))
)
def test_links_are_those_of_tdlib(case: Case) -> None:
    assert found(case["text"], Kind.LINK) == case["expected"]


@pytest.mark.parametrize("case", cases("tg_hashtag"))
def test_hashtags_are_those_of_tdlib(case: Case) -> None:
    assert found(case["text"], Kind.HASHTAG) == case["expected"]


@pytest.mark.parametrize("case", cases("tg_cashtag"))
def test_cashtags_are_those_of_tdlib(case: Case) -> None:
    assert found(case["text"], Kind.CASHTAG) == case["expected"]


@pytest.mark.parametrize("case", cases("tg_mention"))
def test_mentions_are_those_of_tdlib(case: Case) -> None:
    assert found(case["text"], Kind.MENTION) == case["expected"]


def test_an_address_of_its_own_protocol_is_a_link() -> None:
    assert found("see tg://resolve?domain=a.", Kind.LINK) == ["tg://resolve?domain=a"]


def test_an_emoji_beyond_the_basic_plane_counts_once() -> None:
    assert telegram.measure(RichText("😀" * 4096)) == 4096


def test_an_e_mail_address_is_no_link() -> None:
    assert telegram.detect("write to info@example.uz") == ()
