"""`karnay publish` and `karnay run`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from karnay.cli.exits import Exit
from karnay.cli.output import as_json, clock_time, newsroom, say
from karnay.delivery.states import SETTLED, State
from karnay.scheduling.wallclock import zone

if TYPE_CHECKING:
    from rich.console import Console

    from karnay.content.post import Post
    from karnay.delivery.delivery import Delivery, Order
    from karnay.newsroom import Newsroom

_PATIENCE = 90.0  # seconds that `publish` waits for what it has begun
_GLANCE = 1.0  # seconds between two looks at whether the daemon still has its database


@click.command()
@click.argument("post")
@click.option("--account", "-a", "accounts", multiple=True, help="Only this account (repeatable).")
@click.option("--again", is_flag=True, help="Post once more what was posted already.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@as_json
@click.pass_context
def publish(
    ctx: click.Context,
    post: str,
    accounts: tuple[str, ...],
    again: bool,
    yes: bool,
    json_: bool,
) -> None:
    """Publish POST now, to all its accounts or those named, and wait for the outcome.

    Where a daemon runs, it does the publishing; else this command does.
    """
    from karnay.cli.deliveries import tell
    from karnay.cli.logs import configure
    from karnay.scheduling.timetable import When

    configure(logging.WARNING)
    room = newsroom()
    loaded = room.library.load(post)
    when = When(moment=room.clock.now())
    orders = room.orders(loaded, only=accounts, when=when, again=again)
    _confirm(_question(room, loaded, orders), yes=yes)
    queued = room.queue.add(orders, room.clock.now())
    _publish(room, [one.id for one in queued])
    ended = [room.queue.get(one.id) for one in queued]
    tell(room, ended, json_=json_)
    _advise(room, ended)
    ctx.exit(_exit(ended))


@click.command()
@click.option("--once", is_flag=True, help="Publish what is due now, and end.")
@click.pass_context
def run(ctx: click.Context, once: bool) -> None:
    """Run the daemon: publish every delivery at its time. Ctrl-C ends it after the step in hand.

    With --once, ends with 1 where a delivery has failed or its outcome is unknown.
    """
    from karnay.cli.logs import configure
    from karnay.engine.lock import sole_daemon

    room = newsroom()
    configure()
    before = _troubles(room)
    with sole_daemon(room.configuration.lock_folder):
        daemon = room.daemon()
        if once:
            try:
                daemon.run_once()
            finally:  # also at Ctrl-C: nobody works on after the lock is given back
                daemon.stop()
            ctx.exit(Exit.DELIVERY_FAILED if _troubles(room) - before else Exit.DONE)
        with _StoppedBySignals() as stopped:
            daemon.start()
            say(f"karnay runs on {room.configuration.folder}; Ctrl-C ends it")
            try:
                while not stopped.wait(_GLANCE):
                    daemon.require_store()
            finally:
                say("stopping after the step in hand ...")
                daemon.stop()


def _troubles(room: Newsroom) -> set[int]:
    return {one.id for one in room.queue.all(states=[State.FAILED, State.UNKNOWN])}


def _publish(room: Newsroom, deliveries: list[int]) -> None:
    from karnay.engine.lock import sole_daemon

    with ExitStack() as stack:
        if not room.daemon_runs():
            stack.enter_context(sole_daemon(room.configuration.lock_folder))
            daemon = room.daemon(only=deliveries)
            daemon.start()
            stack.callback(daemon.stop)
        _wait(room, deliveries)


def _wait(room: Newsroom, deliveries: list[int]) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("publishing"), BarColumn(), MofNCompleteColumn())
    end = room.clock.now().timestamp() + _PATIENCE
    with Progress(*columns, console=_stderr(), transient=True) as progress:
        task = progress.add_task("", total=len(deliveries))
        while not progress.finished and room.clock.now().timestamp() < end:
            ended = sum(_at_rest(room, room.queue.get(one)) for one in deliveries)
            progress.update(task, completed=ended)
            room.clock.sleep(0.1)


def _at_rest(room: Newsroom, delivery: Delivery) -> bool:
    """Whether nothing more happens in the next moments."""
    if delivery.state is State.SCHEDULED:
        return bool(delivery.held) or _waits(room, delivery)
    asks_a_person = delivery.state is State.UNKNOWN and delivery.look_at is None
    return delivery.state in SETTLED or asks_a_person


def _waits(room: Newsroom, delivery: Delivery) -> bool:
    account, now = room.account_states().get(delivery.account), room.clock.now()
    quiet = account and (account.paused or (account.quiet_until and account.quiet_until > now))
    return bool(quiet) or delivery.due_at > now


def _question(room: Newsroom, post: Post, orders: list[Order]) -> str:
    """What is about to be done, with the time for which it was planned, if any."""
    accounts = ", ".join(order.variant.account for order in orders)
    waiting = room.queue.all(posts=[post.slug], states=[State.SCHEDULED])
    planned = min((one.due_at for one in waiting), default=None)
    here = zone(post.timezone or room.configuration.timezone)
    when = f", which is queued for {clock_time(planned, here)}," if planned else ""
    return f"Publish {post.slug}{when} NOW to {accounts}"


def _advise(room: Newsroom, ended: list[Delivery]) -> None:
    """What a person can do about what did not go out."""
    for one in ended:
        if one.state is State.UNKNOWN:
            say(f"delivery {one.id}: look whether it is there, then `karnay resolve {one.id} ...`")
        if one.state is State.FAILED:
            say(f"delivery {one.id}: mend the cause, then `karnay queue retry {one.id}`")
    if any(one.state is State.SCHEDULED for one in ended) and not room.daemon_runs():
        say("some wait, and no daemon runs: `karnay run` publishes them")


def _exit(deliveries: list[Delivery]) -> Exit:
    states = {one.state for one in deliveries}
    if states <= {State.PUBLISHED}:
        return Exit.DONE
    failed = {State.FAILED, State.UNKNOWN, State.CANCELLED}
    return Exit.DELIVERY_FAILED if states & failed else Exit.RETRIED_LATER


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question}? Say --yes: there is nobody here to ask")
    click.confirm(f"{question}?", abort=True, err=True)


def _stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True)


class _StoppedBySignals:
    """Turns SIGINT and SIGTERM into an event; a second one ends the process at once.

    That loses nothing: what was begun is in the journal, and is settled at the next start.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def __enter__(self) -> threading.Event:
        self._before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self._stopped

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: object) -> None:
        if self._stopped.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._stopped.set()
