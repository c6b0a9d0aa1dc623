"""`karnay status` and `karnay history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from karnay.cli.output import (
    as_json,
    clock_time,
    console,
    newsroom,
    print_wide,
    say,
    table,
    write_json,
)
from karnay.cli.waiting import waiting
from karnay.cli.when import moment_json
from karnay.delivery.states import Event, State

if TYPE_CHECKING:
    from karnay.delivery.delivery import Delivery
    from karnay.newsroom import Newsroom
    from karnay.store.queue import History


@click.command()
@as_json
def status(json_: bool) -> None:
    """Show what waits, what is held and why, and what needs a person."""
    room = newsroom()
    scheduled = room.queue.all(states=[State.SCHEDULED])
    needing = room.queue.all(states=[State.FAILED, State.UNKNOWN])
    runs = room.daemon_runs()
    if json_:
        write_json(_document(room, scheduled, needing, daemon=runs))
        return
    say(_daemon(room))
    overdue = [one for one in scheduled if one.due_at <= room.clock.now() and not one.held]
    if overdue and room.database.is_local and not runs:
        say(f"{len(overdue)} overdue: nothing goes out until a daemon runs")
    counts = table("state", "deliveries")
    for state, count in room.queue.counts().items():
        counts.add_row(state.value, str(count))
    console().print(counts)
    _tell_people(room, scheduled, needing)


@click.command()
@click.argument("delivery", type=int)
@as_json
def history(delivery: int, json_: bool) -> None:
    """Tell the whole life of DELIVERY: who queued it, every attempt, what came back."""
    room = newsroom()
    told = room.queue.history(delivery)
    if json_:
        write_json(_history_json(room, told))
        return
    from karnay.cli.deliveries import zone_of
    from karnay.cli.story import story

    for line in story(told, zone_of(room, told.delivery)):
        click.echo(line)


@click.command()
@click.argument("delivery", type=int)
@click.option("--published", "link", metavar="LINK", help="It is there: at LINK.")
@click.option("--absent", is_flag=True, help="It is not there: publish it.")
@click.option("--give-up", is_flag=True, help="Leave it; call it failed.")
def resolve(delivery: int, link: str | None, absent: bool, give_up: bool) -> None:
    """Say what became of an unknown DELIVERY, after you looked on the network."""
    if sum((link is not None, absent, give_up)) != 1:
        raise click.UsageError("say one of --published LINK, --absent and --give-up")
    if link is not None and not link.startswith(("https://", "http://")):
        raise click.BadParameter(f'"{link}" is no link', param_hint="--published")
    event = Event.ABSENT if absent else Event.GIVEN_UP if give_up else Event.FOUND
    room = newsroom()
    resolved = room.queue.resolve(delivery, event, room.clock.now(), link or "")
    say(f"delivery {delivery} is {resolved.state.value}")


def _daemon(room: Newsroom) -> str:
    """Whether one runs; of other machines on the same database, we cannot tell."""
    if room.daemon_runs():
        return "the daemon runs"
    if room.database.is_local:
        return "no daemon runs: start one with `karnay run`"
    return "no daemon runs here; other machines may have theirs"


def _history_json(room: Newsroom, told: History) -> dict[str, Any]:
    from karnay.cli.deliveries import deliveries_json

    [shown] = deliveries_json(room, [told.delivery])
    return {
        **shown,
        "looks": told.delivery.looks,
        "look_at": moment_json(told.delivery.look_at),
        "attempts": [
            {
                "step": one.step,
                "number": one.number,
                "began_at": moment_json(one.began_at),
                "ended_at": moment_json(one.ended_at),
                "outcome": one.outcome,
                "detail": one.detail,
            }
            for one in told.attempts
        ],
        "receipts": [
            {"step": step, "id": receipt.id, "link": receipt.link}
            for step, receipt in told.receipts.items()
        ],
        "trail": [
            {
                "at": moment_json(entry.at),
                "who": entry.who,
                "action": entry.action,
                "detail": entry.detail,
            }
            for entry in told.trail
        ],
    }


def _document(
    room: Newsroom, scheduled: list[Delivery], needing: list[Delivery], *, daemon: bool
) -> dict[str, Any]:
    from karnay.cli.deliveries import deliveries_json, is_stranded

    states = room.account_states()
    paused = {name for name, state in states.items() if state.paused}
    held = [one for one in scheduled if one.held or one.account in paused or is_stranded(room, one)]
    return {
        "daemon": daemon,
        "counts": {state.value: count for state, count in room.queue.counts().items()},
        "next_due_at": moment_json(scheduled[0].due_at if scheduled else None),
        "held": deliveries_json(room, held),
        "needs_a_person": deliveries_json(room, needing),
        "paused": {name: state.paused for name, state in states.items() if state.paused},
        "waiting": waiting(room, scheduled),
        "log_ins": _foretold(room),
    }


def _foretold(room: Newsroom) -> dict[str, str]:
    """What to know by now of the log-ins that the vault keeps, by name."""
    now = room.clock.now()
    said = {name: ending.foretold(now) for name, ending in room.endings().items()}
    return {name: sentence for name, sentence in said.items() if sentence}


def _tell_people(room: Newsroom, scheduled: list[Delivery], needing: list[Delivery]) -> None:
    from karnay.cli.deliveries import delivery_table, is_stranded, resolving, zone_of

    paused = {name for name, state in room.account_states().items() if state.paused}
    held = [one for one in scheduled if one.held or is_stranded(room, one)]
    kept = {one.id for one in held}
    going = [one for one in scheduled if one.id not in kept and one.account not in paused]
    if going:
        first = going[0]
        due = clock_time(first.due_at, zone_of(room, first))
        say(f"next: {first.order.post} to {first.account}, {due}")
    if held or needing:
        say("these need you:")
        print_wide(delivery_table(room, [*held, *needing], {}))
    for one in needing:
        if one.state is State.UNKNOWN and one.look_at is None:
            say(f"delivery {one.id}: look on the network, then {resolving(one)}")
    _tell_of_accounts(room, scheduled)


def _tell_of_accounts(room: Newsroom, scheduled: list[Delivery]) -> None:
    states = room.account_states()
    for name, state in states.items():
        if state.paused:
            say(f"account {name} is paused: {state.paused} (`karnay resume {name}`)")
    for name, reason in waiting(room, scheduled).items():
        say(f"account {name} waits: {reason}")
    told = {state.paused for state in states.values()}
    for name, sentence in _foretold(room).items():
        if sentence not in told:
            say(f"{name}: {sentence}")
