"""The example posts, on every network and in every language they are written in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karnay.content.known import Known
from karnay.content.library import load
from karnay.platforms.registry import platform
from karnay.rendering.packaged import packaged
from karnay.rendering.render import render
from karnay.rendering.templates import Templates
from rendering.builders import NETWORKS, Ready, an_account

if TYPE_CHECKING:
    from karnay.content.post import Post
    from karnay.rendering.variant import Rendering

POSTS = packaged("posts")
TEMPLATES = Templates()
KNOWN = Known(
    frozenset(),
    frozenset(),
    {name: platform(name).options for name in NETWORKS},
    ("en", "uz", "uz-Cyrl", "ru"),
)
EXAMPLES = sorted(path.name for path in POSTS.iterdir() if path.is_dir() or path.suffix == ".md")
SHANDONG = "2024-12-03-shandong-jianshu"


def example(name: str) -> Post:
    return load(POSTS / name, KNOWN, POSTS.parent)


ALL = [
    pytest.param(name, language, id=f"{name}-{language}")
    for name in EXAMPLES
    for language in example(name).languages
]


def as_sent(name: str, network: str, language: str = "en") -> Rendering:
    account = an_account(network, language)
    return render(example(name), account, NETWORKS[network], templates=TEMPLATES, darkroom=Ready())


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_example_is_sendable_as_it_is(name: str, language: str, network: str) -> None:
    rendering = as_sent(name, network, language)
    assert rendering.problems == ()
    assert all(NETWORKS[network].fits(part.text) for part in rendering.variant.parts)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("name", "language"), ALL)
def test_no_example_loses_its_link_or_its_tags(name: str, language: str, network: str) -> None:
    wording = example(name).wordings[language]
    parts = [part.text for part in as_sent(name, network, language).variant.parts]
    shown = " ".join(
        [part.text for part in parts] + [span.value for part in parts for span in part.spans]
    )
    assert wording.link in shown
    assert all(f"#{tag}" in shown for tag in wording.hashtags)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_published_in_english(name: str) -> None:
    assert "en" in example(name).languages


@pytest.mark.parametrize("language", ["en", "uz", "uz-Cyrl", "ru"])
def test_the_visit_is_told_at_length_in_every_language(language: str) -> None:
    assert len(example(SHANDONG).wordings[language].body) >= 2_000


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "x"])
def test_the_visit_is_a_thread_on_every_short_network(network: str) -> None:
    assert len(as_sent(SHANDONG, network).variant.parts) > 1


def test_latin_uzbek_is_spelt_with_its_own_letters() -> None:
    texts = [path.read_text("utf-8") for path in Path(POSTS).rglob("*.uz.md")]
    assert texts
    assert not [found for text in texts for found in re.findall(r"\w*[a-z][‘’'`][a-z]\w*", text)]


def test_cyrillic_uzbek_is_free_of_latin_letters_in_words() -> None:
    body = example(SHANDONG).wordings["uz-Cyrl"].body
    assert not re.findall(r"[A-Za-z]", body)
    assert set("ўқғҳ") <= set(body)


def test_the_examples_have_right_to_left_script_and_joined_emoji() -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(POSTS).rglob("*.md"))
    assert re.search("[\u0600-\u06ff]", texts)
    assert "\u200d" in texts


def test_one_example_expires() -> None:
    assert [name for name in EXAMPLES if example(name).expires_at]
