"""A post with pictures, and one that became a thread, from their files to Threads' pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.delivery.states import State
from karnay.newsroom import Newsroom
from karnay.sandbox.server import Sandbox
from karnay.scheduling.timetable import When
from karnay.text.richtext import RichText
from karnay.text.threads import measure
from media_files import encoded, photograph, picture

LONG = " ".join(f"Room {number} is open to everyone from ten o'clock." for number in range(40))
HEAD = """---
title: Open day
to: [threads]
media:
  - {file: gate.jpg, alt: The gate}
  - {file: garden.png, alt: "The garden, in spring"}
platforms:
  threads: {topic: Open day, overflow: thread}
---
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
    (folder / "index.md").write_text(f"{HEAD}{LONG}\n", "utf-8")
    return Newsroom(tmp_path)


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    post = newsroom.library.load("open-day")
    now = newsroom.clock.now()
    newsroom.enqueue(post, when=When(moment=now + timedelta(milliseconds=1)))
    newsroom.clock.sleep(0.05)
    newsroom.daemon().run_once()
    return newsroom


def test_a_thread_is_published_with_its_pictures_first(
    published: Newsroom, sandbox: Sandbox
) -> None:
    assert {one.state for one in published.queue.all()} == {State.PUBLISHED}
    [first, *others] = sandbox.published("threads")
    assert [upload.alt for upload in first.media] == ["The gate", "The garden, in spring"]
    assert [upload.look.mime for upload in first.media] == ["image/jpeg", "image/png"]
    assert first.body["topic_tag"] == "Open day"
    assert {bool(one.media) for one in others} == {False}


def test_each_part_answers_the_one_before_and_fits(published: Newsroom, sandbox: Sandbox) -> None:
    [thread] = sandbox.threads("threads")
    assert [one.reply_to for one in thread[1:]] == [one.id for one in thread[:-1]]
    assert len(thread) > 3
    assert max(measure(RichText(one.text)) for one in thread) <= 500


def test_the_first_link_leads_to_the_post(published: Newsroom) -> None:
    [delivery] = published.queue.all()
    link = published.queue.links([delivery.id])[delivery.id][0]
    page = httpx.get(link, follow_redirects=True, trust_env=False).text
    assert "Room 0 is open to everyone" in page
    assert "The garden, in spring" in page


def test_without_a_public_address_pictures_are_a_problem_at_check_time(newsroom: Newsroom) -> None:
    toml = newsroom.configuration.folder / "karnay.toml"
    text = toml.read_text("utf-8")
    toml.write_text(re.sub(r"^\[media_host\]\n[^\[]*", "", text, flags=re.MULTILINE), "utf-8")
    newsroom.reread()
    problems = [str(one) for one in newsroom.check(newsroom.library.load("open-day"))]
    assert len([one for one in problems if "[media_host]" in one]) == 2
