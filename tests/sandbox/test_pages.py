"""The pages for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from karnay.sandbox.faults import Fault, Kind
from karnay.sandbox.marks import Mark
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World

LINKS = {
    "telegram": "/telegram/tict_demo/2",
    "mastodon": "/mastodon/@tict_demo/2",
    "bluesky": "/bluesky/profile/tict_demo/post/2",
    "x": "/x/tict_demo/status/2",
    "facebook": "/facebook/tict_demo/posts/2",
    "instagram": "/instagram/tict_demo/posts/2",
    "linkedin": "/linkedin/feed/update/2/",
    "threads": "/threads/@tict_demo/posts/2",
}


def a_post(world: World, platform: str = "telegram", **changes: object) -> Published:
    values = {
        "platform": platform,
        "account": "tict_demo",
        "id": "2",
        "link": LINKS[platform],
        "text": "Янгилик <1>",
        "at": world.clock.now(),
        **changes,
    }
    post = Published(**values)  # type: ignore[arg-type]
    world.ledger.put(post)
    return post


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_published_has_a_page_of_its_own(
    client: httpx.Client, world: World, platform: str
) -> None:
    page = client.get(a_post(world, platform).link)
    assert page.status_code == 200
    assert "Янгилик &lt;1&gt;" in page.text


@pytest.mark.parametrize("link", LINKS.values())
def test_what_is_not_there_has_a_page_that_says_so(client: httpx.Client, link: str) -> None:
    page = client.get(link)
    assert page.status_code == 404
    assert "Nothing is published here" in page.text


def test_a_page_shows_the_whole_thread(client: httpx.Client, world: World) -> None:
    a_post(world)
    a_post(world, id="3", text="Second", reply_to="2")
    page = client.get("/telegram/tict_demo/3").text
    assert page.index("Янгилик") < page.index("Second")
    assert "part 2 of 2" in page


def a_channel_of(world: World, messages: int) -> None:
    for number in range(2, messages + 2):
        a_post(world, id=str(number), text=f"Message {number}")


def posts_on(client: httpx.Client, **query: int) -> list[str]:
    page = client.get("/telegram/s/tict_demo", params=query).text
    return re.findall(r'data-post="tict_demo/(\d+)"', page)


def test_a_channels_page_shows_its_newest_twenty_oldest_first(
    client: httpx.Client, world: World
) -> None:
    a_channel_of(world, 45)
    assert posts_on(client) == [str(number) for number in range(27, 47)]


def test_a_channels_earlier_pages_lead_to_its_creation(client: httpx.Client, world: World) -> None:
    a_channel_of(world, 45)
    assert posts_on(client, before=27) == [str(number) for number in range(7, 27)]
    assert posts_on(client, before=7) == ["1", "2", "3", "4", "5", "6"]
    assert posts_on(client, before=1) == []


def test_a_channels_page_shows_words_as_telegram_does(client: httpx.Client, world: World) -> None:
    a_post(world, text="a < b 👍\n#go", marks=(Mark(0, 1, "bold"),))
    page = client.get("/telegram/s/tict_demo").text
    assert '<b>a</b> &lt; b <i class="emoji"><b>👍</b></i><br/>#go</div>' in page


def test_a_private_channel_has_no_page(client: httpx.Client) -> None:
    assert client.get("/telegram/s/1234567890").status_code == 302


def test_the_overview_shows_all_platforms_even_when_empty(client: httpx.Client) -> None:
    page = client.get("/").text
    assert page.count("Nothing published yet.") == len(PLATFORMS)


def test_the_overview_of_very_much_shows_the_newest_and_counts_all(
    client: httpx.Client, world: World
) -> None:
    a_channel_of(world, 300)
    page = client.get("/").text
    assert "<b>300</b>" in page
    assert "Message 301</div>" in page
    assert "Message 101</div>" not in page


def test_the_overview_shows_texts_times_and_links(client: httpx.Client, world: World) -> None:
    marks = (Mark(0, 7, "link", "https://a.uz/?b=c&d"), Mark(0, 7, "bold"))
    post = a_post(world, marks=marks)
    page = client.get("/").text
    assert 'href="https://a.uz/?b=c&amp;d"' in page
    assert "<b>" in page
    assert f'href="{post.link}"' in page
    assert 'datetime="2026-11-24T04:00:00+00:00"' in page


def test_the_overview_tells_what_shall_go_wrong(client: httpx.Client, world: World) -> None:
    world.faults.put("x", Fault(Kind.DROP, times=None))
    assert "until it is cleared" in client.get("/").text


def test_texts_carry_their_language_and_direction(client: httpx.Client, world: World) -> None:
    a_post(world, "mastodon", language="ar", text="مرحبا")
    assert '<div class="text" lang="ar" dir="auto">مرحبا</div>' in client.get("/").text


def test_a_card_shows_what_the_network_was_told(client: httpx.Client, world: World) -> None:
    a_post(world, "bluesky", card={"uri": "https://a.uz", "title": "T & T", "description": ""})
    assert "T &amp; T" in client.get("/").text


def test_no_page_needs_a_script_or_another_server(client: httpx.Client, world: World) -> None:
    a_post(world)
    page = client.get("/").text
    assert "<script" not in page
    assert re.findall(r'<link[^>]*href="(?!/|data:)', page) == []


def test_the_style_knows_light_and_dark(client: httpx.Client) -> None:
    style = client.get("/sandbox.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in style.text
