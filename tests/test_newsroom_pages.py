"""The page behind a post's link: read for the card of a preview, and never to look at the queue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from karnay.cards.found import PageFound
from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.newsroom import Newsroom

POST = """\
---
title: Open day
publish_at: 2030-03-16 10:00
link: https://example.uz/en/open-day
to: [bluesky]
---
The institute opens its doors.
"""
FOUND = PageFound("Another title", "See the laboratories.", problem="its picture is no picture")


@dataclass(frozen=True)
class Pages:
    """Knows one page, and how often it was read."""

    read: list[str] = field(default_factory=list)
    asks: bool = True

    def page(self, address: str) -> PageFound:
        if self.asks:
            self.read.append(address)
        return FOUND

    def remembered(self) -> Pages:
        return replace(self, asks=False)


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def newsroom(tmp_path: Path, pages: Pages) -> Newsroom:
    make_workspace(tmp_path, "Asia/Tashkent", ("en",))
    add_sandbox_accounts(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "posts" / "open-day.md").write_text(POST, encoding="utf-8")
    room = Newsroom(tmp_path)
    vars(room)["pages"] = pages
    return room


def test_a_card_says_of_the_page_what_the_post_does_not(newsroom: Newsroom) -> None:
    [preview] = newsroom.preview(newsroom.library.load("open-day"))
    [part] = preview.rendering.variant.parts
    assert part.card is not None
    assert (part.card.title, part.card.description) == ("Open day", "See the laboratories.")


def test_what_a_page_lacks_is_noted(newsroom: Newsroom) -> None:
    [preview] = newsroom.preview(newsroom.library.load("open-day"))
    assert "the card of the link: its picture is no picture" in preview.rendering.notes


def test_what_was_edited_is_found_without_reading_a_page(newsroom: Newsroom, pages: Pages) -> None:
    queued = newsroom.enqueue(newsroom.library.load("open-day"))
    pages.read.clear()
    assert list(newsroom.edited(queued)) == []
    assert pages.read == []
    newsroom.close()
