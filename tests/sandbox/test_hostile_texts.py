"""Hostile texts arrive as they were sent, on every network and page."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from karnay.sandbox.networks import PLATFORMS
from karnay.testing.texts import NASTY

from .test_faults import PUBLISH

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World

REFUSED = {("bluesky", "a very long link"), ("x", "invisible")}  # too long; U+FEFF
CASES = sorted({(platform, name) for platform in PLATFORMS for name in NASTY} - REFUSED)


@pytest.mark.parametrize(("platform", "name"), CASES)
def test_a_text_is_published_unchanged(
    client: httpx.Client, world: World, platform: str, name: str
) -> None:
    PUBLISH[platform](client, NASTY[name])
    assert [post.text for post in world.ledger.all()] == [NASTY[name]]


@pytest.mark.parametrize(("platform", "name"), sorted(REFUSED))
def test_what_a_network_does_not_take_is_refused(
    client: httpx.Client, platform: str, name: str
) -> None:
    assert PUBLISH[platform](client, NASTY[name]).status_code == 400


@pytest.mark.parametrize("name", NASTY)
def test_a_page_shows_it_as_text(client: httpx.Client, world: World, name: str) -> None:
    PUBLISH["telegram"](client, NASTY[name])
    page = client.get("/").text
    assert "<script>" not in page
    assert NASTY[name].split()[0] in unescape(page)


@pytest.mark.parametrize("platform", ["telegram", "mastodon", "bluesky"])
def test_half_a_surrogate_pair_is_no_text(client: httpx.Client, platform: str) -> None:
    content = b'{"chat_id":"@tict_demo","status":"\\ud83d","text":"\\ud83d"}'
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sandbox-mastodon"}
    answer = client.post(PATHS[platform], content=content, headers=headers)
    assert answer.status_code == 400


PATHS = {
    "telegram": "/telegram/bot110201543:sandbox-telegram/sendMessage",
    "mastodon": "/mastodon/api/v1/statuses",
    "bluesky": "/bluesky/xrpc/com.atproto.server.createSession",
}
