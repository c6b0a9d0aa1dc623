"""Every record that we plan for Bluesky is what the network's own lexicons describe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from karnay.platforms.base import Effect
from karnay.rendering.variant import Card, Part, Variant
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from karnay.testing.lab import Lab


@pytest.fixture(scope="session")
def lexicons(shared: Callable[[str], Path]) -> Any:
    """The AT Protocol's lexicons for posting."""
    lexrpc = pytest.importorskip("lexrpc.base", reason="judge missing: lexrpc")
    files = sorted(shared("contracts/bluesky/lexicons").rglob("*.json"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    return lexrpc.Base([json.loads(text) for text in texts], require_lexicons=False)


def judge(lexicons: Any, lab: Lab, *parts: Part, **options: Any) -> int:
    """Raises for the first body that is not as it should be; counts the records."""
    variant = Variant("sample", "bluesky", "uz-Cyrl", "", parts, options)
    puts = [step for step in lab.publish(lab.plan(variant)) if step.effect is Effect.KEYED]
    for step in puts:
        lexicons.validate("com.atproto.repo.putRecord", "input", step.call.body)
        lexicons.validate(step.call.body["collection"], "record", step.call.body["record"])
    return len(puts)


def test_every_text_is_as_the_lexicon_says(
    lexicons: Any,
    lab_of: Callable[[str], Lab],
    rich: RichText,
    worded: Callable[..., tuple[Part, ...]],
) -> None:
    lab = lab_of("bluesky")
    parts = worded(rich, lab.platform.limits(lab.account))
    assert judge(lexicons, lab, *parts) == len(parts)


def test_cards_mentions_and_threads_are_as_the_lexicon_says(
    lexicons: Any, lab_of: Callable[[str], Lab]
) -> None:
    mention = RichText("@tict.test", (Span(0, 10, Kind.MENTION, "tict.test"),))
    carded = Part(RichText("See"), card=Card("https://пример.рф/путь", "Title", "Words"))
    assert judge(lexicons, lab_of("bluesky"), carded, Part(mention), Part(RichText(""))) == 3


@pytest.mark.parametrize("kind", ["pictures", "film"])
def test_files_are_as_the_lexicon_says(
    lexicons: Any, lab_of: Callable[[str], Lab], kind: str
) -> None:
    lab = lab_of("bluesky")
    assert judge(lexicons, lab, Part(RichText("See"), lab.assets(kind))) == 1


def test_gates_labels_and_thumbnails_are_as_the_lexicon_says(
    lexicons: Any, lab_of: Callable[[str], Lab]
) -> None:
    lab = lab_of("bluesky")
    card = Card("https://example.org/a", "Title", "Words", lab.assets("pictures")[0])
    gates = {"replies": ["mentioned", "followers"], "quotes": False}
    said = {"labels": ["nudity"], "langs": ["uz", "ru", "en"]}
    assert judge(lexicons, lab, Part(RichText("See"), card=card), **gates, **said) == 3


@pytest.mark.parametrize("text", ["x" * 301, "👨‍👩‍👧‍👦" * 121])
def test_the_judge_is_awake(lexicons: Any, lab_of: Callable[[str], Lab], text: str) -> None:
    lexrpc = pytest.importorskip("lexrpc.base", reason="judge missing: lexrpc")
    with pytest.raises(lexrpc.ValidationError):
        judge(lexicons, lab_of("bluesky"), Part(RichText(text)))
