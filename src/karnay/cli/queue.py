"""`karnay queue`: the deliveries, and what people do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from karnay.cli.output import as_json, clock_time, console, newsroom, say, write_json
from karnay.cli.when import chosen, understood, when_options
from karnay.delivery.states import SETTLED, Event, State

if TYPE_CHECKING:
    from karnay.delivery.delivery import Delivery
    from karnay.newsroom import Newsroom


@click.group()
def queue() -> None:
    """Add, list, show, move, cancel and retry deliveries."""


@queue.command()
@click.argument("post")
@click.option("--account", "-a", "accounts", multiple=True, help="Only this account (repeatable).")
@click.option("--again", is_flag=True, help="Post once more what was posted already.")
@when_options
@as_json
def add(
    post: str,
    accounts: tuple[str, ...],
    again: bool,
    at: str | None,
    next_: bool,
    now: bool,
    json_: bool,
) -> None:
    """Queue POST for its accounts; queued again, it is brought up to date.

    Without --at, --next or --now it is due at its `publish_at`.
    """
    room = newsroom()
    when = chosen(room, at, next_=next_, now=now)
    loaded = room.library.load(post)
    added = room.enqueue(loaded, only=accounts, when=when, again=again)
    _tell(room, added, json_=json_)


@queue.command("list")
@click.option("--all", "all_", is_flag=True, help="Also what is published, failed or cancelled.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@click.option("--post", "posts", multiple=True, help="Only this post's (repeatable).")
@as_json
def list_(all_: bool, state: str | None, posts: tuple[str, ...], json_: bool) -> None:
    """List what is queued, by due time."""
    room = newsroom()
    states = [State(state)] if state else [] if all_ else [*(set(State) - SETTLED), State.FAILED]
    found = room.queue.all(states=states, posts=posts)
    _tell(room, found, json_=json_)
    for edited in room.edited(found):
        say(
            f"delivery {edited.id}: {edited.order.post} was edited since it was queued; "
            f"`karnay queue add {edited.order.post}` brings it up to date"
        )
    if not found and not json_:
        say("nothing is queued: `karnay queue add POST` puts a post in")


@queue.command()
@click.argument("delivery", type=int)
@as_json
def show(delivery: int, json_: bool) -> None:
    """Show one delivery with the very text that it will publish, or says since it was edited."""
    from karnay.cli.deliveries import deliveries_json

    room = newsroom()
    found = room.queue.get(delivery)
    wording = room.edits.wording(found)
    if json_:
        variant = wording.as_json()
        [shown] = deliveries_json(room, [found])
        write_json({**shown, "variant": variant})
        return
    _tell(room, [found], json_=False)
    from karnay.cli.panels import styled

    for part in wording.parts:
        console().print(styled(part.text))
        console().print()


@queue.command()
@click.argument("delivery", type=int)
@click.option("--at", metavar="TIME", required=True, help='"tomorrow 9:00", "now", ...')
@as_json
def move(delivery: int, at: str, json_: bool) -> None:
    """Give DELIVERY another due time; what was held goes out then."""
    room = newsroom()
    now = room.clock.now()
    moment = now if at.strip().lower() == "now" else understood(room, at)
    _tell(room, [room.queue.move(delivery, moment, now)], json_=json_)


@queue.command()
@click.argument("deliveries", type=int, nargs=-1, required=True)
@as_json
def cancel(deliveries: tuple[int, ...], json_: bool) -> None:
    """Take DELIVERIES out of the queue."""
    room = newsroom()
    room.queue.can(deliveries, Event.CANCELLED)
    cancelled = [room.queue.cancel(one, room.clock.now()) for one in deliveries]
    _tell(room, cancelled, json_=json_)


@queue.command()
@click.argument("deliveries", type=int, nargs=-1, required=True)
@as_json
def retry(deliveries: tuple[int, ...], json_: bool) -> None:
    """Let failed DELIVERIES go on at once where they stopped, cancelled ones at their time."""
    room = newsroom()
    room.queue.can(deliveries, Event.RETRIED)
    retried = [room.queue.retry(one, room.clock.now()) for one in deliveries]
    _tell(room, retried, json_=json_)


def _tell(room: Newsroom, deliveries: list[Delivery], *, json_: bool) -> None:
    from karnay.cli.deliveries import tell, zone_of

    tell(room, deliveries, json_=json_)
    if json_:
        return
    moments = dict.fromkeys((one.due_at, zone_of(room, one)) for one in _waiting(deliveries))
    for moment, here in moments:
        say(f"due {clock_time(moment, here)}")


def _waiting(deliveries: list[Delivery]) -> list[Delivery]:
    return [one for one in deliveries if one.state is State.SCHEDULED and not one.held]
