"""`karnay publish` and `karnay run`."""

from __future__ import annotations

import logging
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING

import click

from karnay.cli.confirming import confirm
from karnay.cli.exits import Exit
from karnay.cli.output import as_json, clock_time, newsroom, say
from karnay.cli.signals import Signals
from karnay.delivery.states import SETTLED, State
from karnay.scheduling.wallclock import zone

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console

    from karnay.cli.monitoring import Monitor
    from karnay.content.post import Post
    from karnay.delivery.delivery import Delivery, Order
    from karnay.engine.vitals import Vitals
    from karnay.newsroom import Newsroom

_PATIENCE = 90.0  # seconds that `publish` waits for what it has begun


def _address(
    _ctx: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, int] | None:
    from karnay.cli.monitoring import parsed

    try:
        return parsed(text) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


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
    confirm(_question(room, loaded, orders), yes=yes)
    queued = room.queue.add(orders, room.clock.now())
    _publish(room, [one.id for one in queued])
    ended = [room.queue.get(one.id) for one in queued]
    tell(room, ended, json_=json_)
    _advise(room, ended)
    ctx.exit(_exit(ended))


@click.command()
@click.option("--once", is_flag=True, help="Publish what is due now, and end.")
@click.option(
    "--monitor",
    metavar="ADDRESS",
    callback=_address,
    help="Serve /metrics and /healthz, e.g. on 127.0.0.1:9477 (a port alone: on 127.0.0.1).",
)
@click.option("--log-json", is_flag=True, help="Log one JSON object a line (or KARNAY_LOG=json).")
@click.pass_context
def run(ctx: click.Context, once: bool, monitor: tuple[str, int] | None, log_json: bool) -> None:
    """Run the daemon: publish every delivery at its time. Ctrl-C ends it after the step in hand.

    A second Ctrl-C ends it at once, and loses nothing. SIGHUP has it read karnay.toml again.
    A workspace has one daemon; several machines share a PostgreSQL database, a workspace each.
    With --once, ends with 1 where a delivery has failed or its outcome is unknown.
    """
    from karnay.cli.logs import Form, configure

    if once and monitor:
        raise click.UsageError("--monitor is for a daemon that stays: leave out --once")
    room = newsroom()
    configure(form=Form.JSON if log_json else None)
    with _sole_daemon(room):
        if once:
            ctx.exit(_run_once(room))
        _run(room, monitor)


def _sole_daemon(room: Newsroom) -> AbstractContextManager[None]:
    """Be the only daemon of this workspace, whatever the database; it is opened first."""
    from karnay.engine.lock import sole_daemon

    room.database.require_presence()
    return sole_daemon(room.configuration.lock_folder)


def _beside_others(room: Newsroom) -> AbstractContextManager[None]:
    """Publish for a moment: alone where the database is a file; a server takes any number."""
    return _sole_daemon(room) if room.database.is_local else nullcontext()


def _run_once(room: Newsroom) -> Exit:
    before = _troubles(room)
    daemon = room.daemon()
    with Signals(interrupting=True):
        try:
            daemon.run_once()
        finally:  # also at Ctrl-C: nobody works on after the lock is given back
            daemon.stop()
    return Exit.DELIVERY_FAILED if _troubles(room) - before else Exit.DONE


def _run(room: Newsroom, address: tuple[str, int] | None) -> None:
    from karnay.cli.running import keep_running
    from karnay.engine.vitals import Vitals

    vitals = Vitals()
    with ExitStack() as stack:
        signals = stack.enter_context(Signals())
        if address:
            stack.enter_context(_monitor(room, vitals, address))
        keep_running(room, room.daemon(vitals=vitals), vitals, signals)


def _monitor(room: Newsroom, vitals: Vitals, address: tuple[str, int]) -> Monitor:
    from karnay.cli.monitoring import Monitor
    from karnay.engine.checkup import Checkup

    monitor = Monitor(Checkup(room.database, vitals, room.deciding_clock), *address)
    say(f"it answers on {monitor.url}/healthz and {monitor.url}/metrics")
    return monitor


def _troubles(room: Newsroom) -> set[int]:
    return {one.id for one in room.queue.all(states=[State.FAILED, State.UNKNOWN])}


def _publish(room: Newsroom, deliveries: list[int]) -> None:
    with ExitStack() as stack:
        if not room.daemon_runs():
            stack.enter_context(_beside_others(room))
            stack.enter_context(Signals(interrupting=True))
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
            ended = sum(_at_rest(room, room.queue.get(one), end) for one in deliveries)
            progress.update(task, completed=ended)
            room.clock.sleep(0.1)


def _at_rest(room: Newsroom, delivery: Delivery, end: float) -> bool:
    """Whether nothing more happens in the next moments, or until the end of our patience."""
    if delivery.state is State.SCHEDULED:
        return bool(delivery.held) or _waits(room, delivery)
    if delivery.state is State.UNKNOWN:
        return delivery.look_at is None or delivery.look_at.timestamp() > end
    return delivery.state in SETTLED


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
    from karnay.cli.deliveries import resolving

    for one in ended:
        if one.state is State.UNKNOWN:
            say(f"delivery {one.id}: look whether it is there, then {resolving(one)}")
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


def _stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True)
