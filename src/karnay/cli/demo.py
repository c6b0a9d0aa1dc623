"""`karnay demo`: the main job, whole, on the sandbox."""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from karnay.cli.exits import Exit
from karnay.cli.output import console, print_wide, say, table
from karnay.delivery.states import SETTLED, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.delivery.delivery import Delivery
    from karnay.newsroom import Newsroom

_FIRST_DUE = timedelta(seconds=2)
_APART = timedelta(seconds=1)
_PATIENCE = timedelta(seconds=15)


@click.command()
@click.option("--keep", is_flag=True, help="Leave the sandbox up to be looked at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The sandbox's port (default: a free one).",
)
@click.pass_context
def demo(ctx: click.Context, keep: bool, port: int) -> None:
    """Word, preview, queue and publish the example posts on a local sandbox.

    No account, no network. Ends with 1 if anything was not published.
    """
    from karnay.sandbox.server import Sandbox

    with Sandbox(port=port) as sandbox, _workspace(sandbox.url) as folder:
        room = _newsroom(folder)
        say(f"the sandbox, standing in for all networks: {sandbox.url}")
        deliveries = _queue_all(room)
        ended = _publish(room, deliveries)
        _report(room, ended)
        if keep:
            _wait_for_ctrl_c(sandbox.url)
    published = all(one.state is State.PUBLISHED for one in ended)
    ctx.exit(Exit.DONE if published else Exit.DELIVERY_FAILED)


@contextmanager
def _workspace(url: str) -> Iterator[Path]:
    from karnay.cli.start import add_sandbox_accounts, make_workspace
    from karnay.rendering.packaged import packaged

    with tempfile.TemporaryDirectory(prefix="karnay-demo-") as name:
        folder = Path(name)
        make_workspace(folder, "Asia/Tashkent", ("en", "uz", "uz-Cyrl", "ru"))
        add_sandbox_accounts(folder, url, pictures=True)
        shutil.copytree(packaged("posts"), folder / "posts", dirs_exist_ok=True)
        yield folder


def _newsroom(folder: Path) -> Newsroom:
    from karnay.newsroom import Newsroom

    return Newsroom(folder)


def _queue_all(room: Newsroom) -> list[Delivery]:
    from karnay.cli.panels import show
    from karnay.scheduling.timetable import When

    posts = [room.library.load(slug) for slug in room.library.slugs()]
    for post in posts:
        console().print(f"\n{post.slug}", style="bold")
        show(room.preview(post))
    first = room.clock.now() + _FIRST_DUE
    queued: list[Delivery] = []
    for number, post in enumerate(posts):
        takers = [shown.account.name for shown in room.preview(post) if shown.rendering.sendable]
        queued += room.enqueue(post, only=takers, when=When(moment=first + number * _APART))
    say(f"\nqueued {len(queued)} deliveries; the daemon publishes each at its time ...")
    return queued


def _publish(room: Newsroom, queued: list[Delivery]) -> list[Delivery]:
    from karnay.cli.logs import configure
    from karnay.engine.lock import sole_daemon

    configure(logging.WARNING)
    with sole_daemon(room.configuration.lock_folder):
        daemon = room.daemon()
        daemon.start()
        _wait(room, queued)
        daemon.stop()
    return [room.queue.get(one.id) for one in queued]


def _wait(room: Newsroom, queued: list[Delivery]) -> None:
    from rich.console import Console
    from rich.progress import track

    end = max(one.due_at for one in queued) + _PATIENCE
    for one in track(queued, "publishing", console=Console(stderr=True), transient=True):
        while room.queue.get(one.id).state not in SETTLED and room.clock.now() < end:
            room.clock.sleep(0.05)


def _report(room: Newsroom, ended: list[Delivery]) -> None:
    from karnay.cli.deliveries import zone_of

    ids = [one.id for one in ended]
    began, links = room.queue.first_attempts(ids), room.queue.links(ids)
    made = table("post", "account", "due", "first request", "", "link or error")
    for one in ended:
        planned = one.order.planned_at
        left = (began[one.id] - planned) / timedelta(milliseconds=1) if one.id in began else None
        made.add_row(
            one.order.post,
            one.account,
            planned.astimezone(zone_of(room, one)).strftime("%H:%M:%S.%f")[:-3],
            f"{left:.0f} ms late" if left is not None else "never left",
            one.state.value,
            next(iter(links[one.id]), one.error),
        )
    print_wide(made)


def _wait_for_ctrl_c(url: str) -> None:
    import threading

    say(f"look at {url}; Ctrl-C ends the sandbox")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("")
