"""kill -9 of the daemon in the midst of the demo: whatever it was at, everything is there once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import chain
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from chance import SEED
from daemons import Process, until
from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import State
from karnay.newsroom import Newsroom
from karnay.rendering.packaged import packaged
from karnay.sandbox.faults import Kind, Weather
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.server import Sandbox
from karnay.scheduling.timetable import When

pytestmark = [pytest.mark.slow, pytest.mark.timeout(720)]

KILLS = 3
LONGEST = 3.0  # seconds that a daemon lives after it has begun to publish
SECOND = timedelta(seconds=1)
SETTLED_WITHIN = 600.0
"""Seconds; a request that a kill kept from leaving is believed absent after seven minutes."""


@pytest.fixture
def slow_sandbox() -> Iterator[Sandbox]:
    """Half of its answers come late: so that a kill finds requests on their way."""
    with Sandbox() as running:
        for platform in PLATFORMS:
            running.world.faults.let(platform, Weather((Kind.SLOW,), 0.5, SEED, 1.0))
        yield running


@pytest.fixture
def demo(tmp_path: Path, slow_sandbox: Sandbox) -> Path:
    """The workspace of `karnay demo`."""
    make_workspace(tmp_path, "Asia/Tashkent", ("en", "uz", "uz-Cyrl", "ru"))
    add_sandbox_accounts(tmp_path, slow_sandbox.url)
    shutil.copytree(packaged("posts"), tmp_path / "posts", dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def room(demo: Path) -> Iterator[Newsroom]:
    opened = Newsroom(demo)
    with closing(opened.database):
        yield opened


def queued(room: Newsroom) -> list[Delivery]:
    """All posts, a second apart."""
    now = room.clock.now()
    return [
        delivery
        for number, slug in enumerate(room.library.slugs(), 2)
        for delivery in room.enqueue(
            room.library.load(slug), when=When(moment=now + number * SECOND)
        )
    ]


def killed_after(seconds: float, workspace: Path) -> None:
    """A daemon that lives no longer than that."""
    daemon = Process(workspace)
    assert daemon.says("karnay runs on"), daemon.log
    time.sleep(seconds)
    daemon.kill()


def test_whenever_the_daemon_is_killed_during_the_demo_everything_is_there_once(
    demo: Path, room: Newsroom, slow_sandbox: Sandbox
) -> None:
    luck = Random(SEED)  # noqa: S311 - moments that can be repeated
    deliveries = queued(room)
    for _ in range(KILLS):
        killed_after(luck.uniform(0, LONGEST), demo)
    last = Process(demo)
    published = until(
        lambda: room.queue.counts()[State.PUBLISHED] == len(deliveries), SETTLED_WITHIN
    )
    last.kill()
    assert published, f"KARNAY_SEED={SEED}: {room.queue.counts()}\n{last.log}"
    links = room.queue.links([one.id for one in deliveries]).values()
    there = [ends(post.link) for post in slow_sandbox.published()]
    assert sorted(there) == sorted(map(ends, chain.from_iterable(links))), f"KARNAY_SEED={SEED}"


def ends(link: str) -> tuple[str, str]:
    """The network and the last piece of a link: some posts have more than one address."""
    _, network, *_, last = urlsplit(link).path.rstrip("/").split("/")
    return network, last
