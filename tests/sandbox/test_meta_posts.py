"""A post with pictures from its file to Facebook's and Instagram's pages in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.delivery.states import State
from karnay.newsroom import Newsroom
from karnay.platforms.hosting import withdraw
from karnay.platforms.registry import platform
from karnay.platforms.wire import Wire
from karnay.sandbox.server import Sandbox
from karnay.scheduling.timetable import When
from media_files import encoded, photograph, picture

POST = """---
title: Open day
to: [facebook, instagram]
media:
  - {file: gate.jpg, alt: The gate}
  - {file: garden.png, alt: "The garden, in spring"}
platforms:
  facebook: {first_comment: "More: https://example.uz"}
  instagram: {first_comment: "The link is in our profile"}
---
Come and see us.
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path, sandbox: Sandbox) -> Newsroom:
    make_workspace(tmp_path, "Asia/Tashkent", ("en",))
    add_sandbox_accounts(tmp_path, sandbox.url, pictures=True)
    folder = tmp_path / "posts" / "open-day"
    folder.mkdir(parents=True)
    (folder / "gate.jpg").write_bytes(photograph((900, 1600)))
    (folder / "garden.png").write_bytes(encoded(picture((800, 600)), "PNG"))
    (folder / "index.md").write_text(POST, "utf-8")
    return Newsroom(tmp_path)


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    post = newsroom.library.load("open-day")
    now = newsroom.clock.now()
    newsroom.enqueue(post, when=When(moment=now + timedelta(milliseconds=1)))
    newsroom.clock.sleep(0.05)
    newsroom.daemon().run_once()
    return newsroom


def test_it_is_published_with_all_that_goes_along(published: Newsroom, sandbox: Sandbox) -> None:
    assert {one.state for one in published.queue.all()} == {State.PUBLISHED}
    told = {post.platform: post for post in sandbox.published() if not post.reply_to}
    alts = ["The gate", "The garden, in spring"]
    assert [upload.alt for upload in told["facebook"].media] == alts
    assert [upload.alt for upload in told["instagram"].media] == alts
    assert {upload.look.mime for upload in told["instagram"].media} == {"image/jpeg"}


def test_each_has_its_first_comment(published: Newsroom, sandbox: Sandbox) -> None:
    comments = {post.platform: post.text for post in sandbox.published() if post.reply_to}
    assert comments == {
        "facebook": "More: https://example.uz",
        "instagram": "The link is in our profile",
    }


def test_the_first_link_leads_to_the_post(published: Newsroom) -> None:
    links = published.queue.links([1, 2]).values()
    pages = [httpx.get(found[0], follow_redirects=True, trust_env=False) for found in links]
    assert all("Come and see us." in page.text for page in pages)


def test_what_was_hosted_is_taken_away_again(published: Newsroom, sandbox: Sandbox) -> None:
    account = published.accounts["instagram"]
    [delivery] = [one for one in published.queue.all() if one.account == "instagram"]
    steps = platform("instagram").plan(delivery.order.variant, account, delivery.order.key)
    assert len(sandbox.world.bucket.names) == 2
    wire = Wire(published.clock)
    assert withdraw(steps, account, wire) == 2
    wire.close()
    assert sandbox.world.bucket.names == []


def test_without_a_picture_instagram_is_told_to_want_one(newsroom: Newsroom) -> None:
    file = newsroom.configuration.posts / "open-day" / "index.md"
    text = file.read_text("utf-8")
    start, end = text.index("media:"), text.index("platforms:")
    file.write_text(text[:start] + text[end:], "utf-8")
    problems = newsroom.check(newsroom.library.load("open-day"))
    assert any("instagram: no file" in str(problem) for problem in problems)


def test_without_a_public_address_a_picture_is_a_problem_at_check_time(
    newsroom: Newsroom,
) -> None:
    toml = newsroom.configuration.folder / "karnay.toml"
    text = toml.read_text("utf-8")
    start, end = text.index("[media_host]"), text.index("[accounts")
    toml.write_text(text[:start] + text[end:], "utf-8")
    newsroom.reread()
    problems = [str(one) for one in newsroom.check(newsroom.library.load("open-day"))]
    assert len([one for one in problems if "[media_host]" in one]) == 2
    assert all("index.md:" in one for one in problems)
