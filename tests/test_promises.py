"""The promises of karnay, each kept by the whole of it: files, engine, wire and networks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.clock import SystemClock
from karnay.delivery.states import State
from karnay.newsroom import Newsroom
from karnay.platforms.calls import Call, files_in
from karnay.rendering.packaged import packaged
from karnay.sandbox.recording import readable
from karnay.sandbox.server import Sandbox
from karnay.scheduling.timetable import When
from karnay.testing.network import sent_bytes

LOG_IN = "com.atproto.server.createSession"
PLACEHOLDER = re.compile(r"\"?<[a-z]+-\d+\.\w+>\"?")  # a number has no quotes


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path, sandbox: Sandbox) -> Newsroom:
    make_workspace(tmp_path, "Asia/Tashkent", ("en",))
    add_sandbox_accounts(tmp_path, sandbox.url)
    shutil.copytree(packaged("posts"), tmp_path / "posts", dirs_exist_ok=True)
    return Newsroom(tmp_path)


def publish_all(newsroom: Newsroom) -> None:
    now = SystemClock().now()
    for number, slug in enumerate(newsroom.library.slugs()):
        post = newsroom.library.load(slug)
        newsroom.enqueue(post, when=When(moment=now + timedelta(milliseconds=number)))
    newsroom.clock.sleep(0.1)
    newsroom.daemon().run_once()


def previewed(newsroom: Newsroom) -> dict[str, list[str]]:
    """The bodies of all planned requests that have one, by platform, in order of publishing."""
    bodies: dict[str, list[str]] = {}
    for slug in newsroom.library.slugs():
        for preview in newsroom.preview(newsroom.library.load(slug)):
            bodies.setdefault(preview.account.platform, []).extend(
                planned(step.call, newsroom) for step in preview.steps if step.call.body
            )
    return bodies


def planned(call: Call, newsroom: Newsroom) -> str:
    """The body as the sandbox keeps it: of files, their length and hash."""
    if not files_in(call.body):
        return call.content().decode()
    return readable(sent_bytes(call, newsroom.cabinet))


def sent(sandbox: Sandbox, platform: str) -> list[str]:
    """The bodies of all requests that the network recorded, logging in aside, in order."""
    return [
        request.body
        for request in sandbox.requests(platform)
        if request.body and not request.path.endswith(LOG_IN)
    ]


def agree(planned: str, recorded: str) -> bool:
    """Whether the bodies are the same to the byte but for what only the network can give."""
    pattern = r"\"?[^\"]*\"?".join(re.escape(piece) for piece in PLACEHOLDER.split(planned))
    return re.fullmatch(pattern, recorded, re.DOTALL) is not None


@pytest.mark.parametrize("platform", ["telegram", "mastodon", "bluesky", "x"])
def test_what_you_previewed_is_what_is_sent(
    newsroom: Newsroom, sandbox: Sandbox, platform: str
) -> None:
    publish_all(newsroom)
    shown, recorded = previewed(newsroom)[platform], sent(sandbox, platform)
    assert len(shown) == len(recorded)
    assert [one for one in zip(shown, recorded, strict=True) if not agree(*one)] == []


def test_what_is_queued_shows_the_same_requests_before_and_after(newsroom: Newsroom) -> None:
    post = newsroom.library.load("2024-12-03-shandong-jianshu")
    moment = SystemClock().now() + timedelta(hours=1)
    newsroom.enqueue(post, when=When(moment=moment))
    before = [shown.as_json(requests=True) for shown in newsroom.preview(post)]
    asked = newsroom.preview(post, when=When(moment=moment))
    assert before == [shown.as_json(requests=True) for shown in asked]


@pytest.mark.parametrize("fault", ["500", "drop", "429", "slow"])
@pytest.mark.parametrize("platform", ["telegram", "mastodon", "bluesky", "x"])
def test_once_whatever_the_network_does(
    newsroom: Newsroom, sandbox: Sandbox, platform: str, fault: str
) -> None:
    sandbox.fault(platform, fault, seconds=0.2)
    post = newsroom.library.load("2029-10-01-library-hours")
    [queued] = newsroom.enqueue(post, only=[platform], when=When(moment=SystemClock().now()))
    for _ in range(3):
        newsroom.daemon().run_once()
    assert len(sandbox.published(platform)) <= 1
    state = newsroom.queue.get(queued.id).state
    there = bool(sandbox.published(platform))
    assert state is not State.FAILED
    assert there or state is not State.PUBLISHED


def test_never_before_its_time(newsroom: Newsroom, sandbox: Sandbox) -> None:
    post = newsroom.library.load("2029-10-01-library-hours")
    newsroom.enqueue(post, when=When(moment=SystemClock().now() + timedelta(minutes=1)))
    newsroom.daemon().run_once()
    assert sandbox.requests() == []


def test_it_is_yours_files_and_one_database(newsroom: Newsroom) -> None:
    publish_all(newsroom)
    newsroom.database.close()
    folder = newsroom.configuration.folder
    state = {file.name for file in (folder / ".karnay").iterdir() if file.is_file()}
    assert {name for name in state if not name.startswith("daemon")} == {
        "karnay.db",
        "media_host.key",
    }
