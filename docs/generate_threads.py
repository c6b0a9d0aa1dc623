"""Writes `threads.md`: the long example post in its languages, as the previews split it.

python docs/generate_threads.py             write it
python docs/generate_threads.py --check     write nothing; exit code 1 where it is out of date
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from karnay.content.known import Known
from karnay.content.library import load
from karnay.platforms import registry
from karnay.rendering.packaged import packaged
from karnay.rendering.render import render
from karnay.rendering.templates import Templates
from karnay.testing.lab import account_of

if TYPE_CHECKING:
    from karnay.content.post import Post
    from karnay.rendering.limits import Limits

PAGE = Path(__file__).with_name("threads.md")
POST = "2024-12-03-shandong-jianshu"
NETWORKS = {"x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon"}
LANGUAGES = {
    "en": "English",
    "ru": "Russian",
    "uz": "Uzbek in Latin script",
    "uz-Cyrl": "Uzbek in Cyrillic script",
}

_HEAD = f"""\
# Threads

The long example post, `posts/{POST}`, as each short network gets it in each of its languages: the
very parts that `karnay preview` shows and that would be sent. `python docs/generate_threads.py`
writes this page, and a test tells when it is out of date.

A thread is cut where the text breaks best: between paragraphs, else list items, sentences, clauses,
words. It has as few parts as can be, or one more where that makes for better places; its parts are
about as long as each other; a list item, a heading and a link stay with what they belong to where
they can. The counts are the network's own: a link counts 23 on X and Mastodon, and Bluesky's is
shown as its app shortens it, with the full address behind it.
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *(_network(name, title) for name, title in NETWORKS.items())])


def _network(name: str, title: str) -> str:
    languages = (_language(name, language) for language in LANGUAGES)
    return "\n".join([f"## {title}\n", *languages])


def _language(network: str, language: str) -> str:
    platform = registry.platform(network)
    account = replace(account_of(platform), language=language)
    limits = platform.limits(account)
    variant = render(_post(), account, limits, templates=Templates()).variant
    texts = [part.text for part in variant.parts]
    counts = [limits.used(text) for text in texts]
    parts = (
        _part(number, text.text, _count(used, limits))
        for number, (text, used) in enumerate(zip(texts, counts, strict=True), 1)
    )
    parts_in_all = f"{len(texts)} parts of {min(counts)} to {max(counts)} {limits.counters[0].unit}"
    return "\n".join([f"### {title_of(network, language)}\n", f"{parts_in_all}.\n", *parts])


def title_of(network: str, language: str) -> str:
    """The heading of one thread."""
    return f"{NETWORKS[network]}, {LANGUAGES[language]}"


def _part(number: int, text: str, count: str) -> str:
    return f"**{number}** ({count})\n\n```text\n{text}\n```\n"


def _count(used: int, limits: Limits) -> str:
    return f"{used} of {limits.limit}"


def _post() -> Post:
    folder = packaged("posts")
    options = {name: platform.options for name, platform in registry.platforms().items()}
    known = Known(frozenset(), frozenset(), options, tuple(LANGUAGES))
    return load(folder / POST, known, folder.parent)


def main() -> int:
    """Do what was asked; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, tell what differs")
    asked = parser.parse_args()
    if not asked.check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != page()
    if stale:
        sys.stderr.write("docs/threads.md is out of date: python docs/generate_threads.py\n")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
