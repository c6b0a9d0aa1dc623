"""Telegram counts and reads as TDLib does."""

from __future__ import annotations

import pytest

from karnay.text import telegram
from karnay.text.richtext import Kind, RichText
from text.cases import Case, cases

OF_ANOTHER_FUNCTION = {
    "tdlib-url-0095": "the case is of `find_urls`; `find_tg_urls` makes `tg://resolve` a link"
}


def found(text: str, kind: Kind) -> list[str]:
    return [text[span.start : span.end] for span in telegram.detect(text) if span.kind is kind]


@pytest.mark.parametrize("case", cases("tg_url", exceptions=OF_ANOTHER_FUNCTION))
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


@pytest.mark.parametrize("address", ["HTTP://example.org@", "http://example.org@/path"])
def test_a_user_without_a_host_is_no_link(address: str) -> None:
    assert telegram.detect(address) == ()


@pytest.mark.parametrize("moment", ["19:00", "9:05", "1:05:09", "0000:59"])
def test_a_moment_of_a_video_takes_the_place_of_a_link_that_it_overlaps(moment: str) -> None:
    assert found(f"{moment}-kun.uz", Kind.LINK) == []


@pytest.mark.parametrize("text", ["19:60-kun.uz", "я19:00-kun.uz", "1:2:3:04-kun.uz", "19: kun.uz"])
def test_what_is_no_moment_takes_no_place(text: str) -> None:
    assert len(found(text, Kind.LINK)) == 1
