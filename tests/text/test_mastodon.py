"""Mastodon counts and reads as its server does.

Not run: the groups `input_to_hashtag` and `url_display`, which are of what its web page does with
the field for featured tags, and with a link that it shows.
"""

from __future__ import annotations

import pytest

from karnay.text import mastodon
from karnay.text.richtext import Kind, RichText
from text.cases import Case, cases, in_groups


def found(text: str, kind: Kind) -> list[str]:
    return [span.value for span in mastodon.detect(text) if span.kind is kind]


@pytest.mark.parametrize("case", cases("mastodon", in_groups("length")))
def test_length_is_that_of_the_server(case: Case) -> None:
    measure = mastodon.measuring(spoiler=case["spoiler"])
    assert (measure(RichText(case["text"])) <= case["limit"]) == case["valid"]


@pytest.mark.parametrize("case", cases("mastodon", in_groups("autolink_url")))
def test_links_are_those_of_the_server(case: Case) -> None:
    assert found(case["text"], Kind.LINK) == case["expected"]


@pytest.mark.parametrize("case", cases("mastodon", in_groups("hashtag_re")))
def test_hashtags_are_those_of_the_server(case: Case) -> None:
    tags = [f"#{tag}" for tag in found(case["text"], Kind.HASHTAG)]
    assert tags == [case["expected"]] * (case["expected"] is not None)


@pytest.mark.parametrize("case", cases("mastodon", in_groups("mention_re")))
def test_mentions_are_those_of_the_server(case: Case) -> None:
    mentions = found(case["text"], Kind.MENTION)
    assert mentions == [case["expected"]] * (case["expected"] is not None)


@pytest.mark.parametrize("case", cases("mastodon", in_groups("extractor")))
def test_entities_lie_where_the_server_finds_them(case: Case) -> None:
    spans = [[span.start, span.end] for span in mastodon.detect(case["text"])]
    assert spans == [entity["indices"] for entity in case["expected"]]


def test_the_server_says_what_an_address_counts() -> None:
    assert mastodon.measuring(40)(RichText("https://example.uz a")) == 42


def test_a_remote_mention_counts_its_local_part() -> None:
    assert mastodon.measuring()(RichText("@alice@example.uz")) == len("@alice")


def test_an_address_in_a_content_warning_counts_in_full() -> None:
    assert mastodon.measuring(spoiler="https://example.uz/a")(RichText("b")) == 21


@pytest.mark.parametrize("text", ["xmpp:user@instance.com", "magnet:?xt=urn:btih:c12fe1c06bba254a"])
def test_addresses_of_other_protocols_count_in_full(text: str) -> None:
    assert mastodon.measuring()(RichText(text)) == len(text)
