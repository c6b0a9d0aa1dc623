"""Whatever is written, an answer comes soon: time grows with length and no faster."""

from __future__ import annotations

import time

import pytest

from karnay.text import bluesky, mastodon, telegram, x
from karnay.text.fitting import shorten, split
from karnay.text.markdown import escaped, lower
from karnay.text.measure import Counter, Dialect
from karnay.text.plain import adapted
from karnay.text.richtext import RichText
from text.writing import NETWORKS, flexible

SECONDS = 5  # what takes quadratic time takes minutes
HOSTILE = {
    "words": "word " * 200_000,
    "letters": "a" * 1_000_000,
    "marks": "e" + "\u0301" * 100_000,
    "decomposed": "e\u0301" * 50_000,
    "flags": "🇺🇿" * 50_000,
    "emphases": "*" * 10_000 + "a" + "*" * 10_000,
    "opened emphases": "*a **b " * 5_000,
    "dots after a protocol": "http://" + "a." * 2_000,
    "cyrillic dots": "а.б" * 1_000,
    "links": "https://example.uz/a_b?c=d#e " * 5_000,
    "domains in a row": "kun.uz." * 20_000,
    "labels with underscores": "a_b.com." * 20_000,
    "at signs": "@" * 200_000,
    "hashes": "#1" * 50_000,
    "middle dots": "#" + "·" * 100_000,
    "parentheses": "http://x.uz/" + "(a" * 50_000,
    "protocols": "http://" * 50_000,
    "controls": "\x00\x01\u202e" * 50_000,
    "surrogates": "\ud800" * 100_000,
    "line breaks": "\n" * 300_000,
    "quotations": ">" * 10_000 + " a",
    "brackets": "[" * 100_000,
    "brackets after at signs": "@[a" * 50_000,
    "brackets within each other": "[" * 50_000 + "]" * 50_000,
    "links that do not end": "[a](" * 20_000,
    "pictures that do not end": "![" * 50_000,
    "list items": "- a\n" * 5_000,
    "numbers in a line": "1. a " * 50_000,
    "ideographs": "東京" * 50_000,
    "international domains": "рф." * 30_000,
}
NAMES = sorted(HOSTILE)


@pytest.fixture(autouse=True)
def soon() -> object:
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("name", NAMES)
def test_measuring_is_linear(name: str, network: str) -> None:
    assert NETWORKS[network][1](RichText(HOSTILE[name])) >= 0


@pytest.mark.parametrize("detect", [x.detect, bluesky.detect, mastodon.detect, telegram.detect])
@pytest.mark.parametrize("name", NAMES)
def test_detecting_is_linear(name: str, detect: object) -> None:
    assert detect(HOSTILE[name]) is not None


@pytest.mark.parametrize("name", NAMES)
def test_reading_markdown_is_linear(name: str) -> None:
    assert lower(HOSTILE[name])


@pytest.mark.parametrize("name", NAMES)
def test_escaping_is_linear(name: str) -> None:
    assert escaped(HOSTILE[name])


@pytest.mark.parametrize("name", NAMES)
def test_splitting_is_linear(name: str) -> None:
    text = adapted(RichText(HOSTILE[name]), Dialect(frozenset(), bluesky.detect))
    parts = split(text, [Counter("graphemes", 300, bluesky.graphemes)], most=100) or []
    assert len(parts) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_shortening_is_linear(name: str) -> None:
    text = flexible(RichText(HOSTILE[name]), (0, len(HOSTILE[name]), 1))
    counter = Counter("characters", 280, x.measure)
    assert counter.fits(shorten(text, [counter]) or RichText())
