"""Deliveries as tables and as JSON, the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.cli.output import print_wide, table, write_json
from karnay.cli.when import moment_json
from karnay.scheduling.wallclock import zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.table import Table

    from karnay.delivery.delivery import Delivery
    from karnay.newsroom import Newsroom
    from karnay.store.accounts import AccountState
    from karnay.store.takedowns import Takedown

_COLOURS = {
    "published": "green",
    "failed": "red",
    "unknown": "yellow",
    "publishing": "cyan",
    "cancelled": "dim",
}


def tell(room: Newsroom, deliveries: Sequence[Delivery], *, json_: bool) -> None:
    """Print the deliveries with their links: a table, or the JSON document."""
    if json_:
        write_json({"deliveries": deliveries_json(room, deliveries)})
    elif deliveries:
        links = room.queue.links([one.id for one in deliveries])
        print_wide(delivery_table(room, deliveries, links))


def deliveries_json(room: Newsroom, deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    """The deliveries, with their links and with what was taken down, as every `--json` does."""
    numbers = [one.id for one in deliveries]
    links, gone = room.queue.links(numbers), room.takedowns.of(numbers)
    return [delivery_json(one, links[one.id], gone[one.id]) for one in deliveries]


def delivery_json(
    delivery: Delivery, links: Iterable[str], gone: Iterable[Takedown]
) -> dict[str, Any]:
    """A delivery as every `--json` shows it; moments are ISO 8601 in UTC."""
    order = delivery.order
    return {
        "delivery": delivery.id,
        "post": order.post,
        "account": delivery.account,
        "platform": delivery.platform,
        "language": order.variant.language,
        "state": delivery.state.value,
        "held": delivery.held,
        "due_at": moment_json(delivery.due_at),
        "planned_at": moment_json(order.planned_at),
        "expires_at": moment_json(order.expires_at),
        "hash": order.variant.hash,
        "tries": delivery.tries,
        "error": delivery.error,
        "links": list(links),
        "taken_down": [takedown_json(one) for one in gone],
    }


def takedown_json(gone: Takedown) -> dict[str, Any]:
    """What is public no more, as every `--json` shows it."""
    at = moment_json(gone.at)
    return {"step": gone.step, "link": gone.link, "at": at, "who": gone.who}


def delivery_table(
    room: Newsroom, deliveries: Sequence[Delivery], links: Mapping[int, list[str]]
) -> Table:
    """A table of deliveries; due times in each account's zone."""
    made = table("#", "due", "account", "post", "state", "")
    states, gone = room.account_states(), room.takedowns.of([one.id for one in deliveries])
    for delivery in deliveries:
        state = delivery.state.value
        kept_by = _kept_by(room, delivery, states)
        said = _gone(room, delivery, gone[delivery.id]) or links.get(delivery.id, [])
        made.add_row(
            str(delivery.id),
            local(delivery.due_at, zone_of(room, delivery)),
            delivery.account,
            delivery.order.post,
            f"[{_COLOURS.get(state, 'default')}]{state}[/]",
            _remark(delivery, said, kept_by),
        )
    return made


def resolving(delivery: Delivery) -> str:
    """The commands that settle an unknown delivery, once somebody has looked."""
    return f"`karnay resolve {delivery.id} --published LINK`, `--absent` or `--give-up`"


def local(moment: datetime, here: ZoneInfo) -> str:
    """`2024-12-04 10:00` on that zone's wall clock, with seconds where there are any."""
    wall = moment.astimezone(here)
    return wall.strftime("%Y-%m-%d %H:%M:%S" if wall.second else "%Y-%m-%d %H:%M")


def zone_of(room: Newsroom, delivery: Delivery) -> ZoneInfo:
    """The zone in which the delivery's account lives."""
    account = room.configuration.accounts.get(delivery.account)
    return account.zone if account else zone(room.configuration.timezone)


def is_stranded(room: Newsroom, delivery: Delivery) -> bool:
    """Whether its account is no longer in karnay.toml, so that it cannot go out."""
    return delivery.account not in room.configuration.accounts


def _kept_by(room: Newsroom, delivery: Delivery, states: Mapping[str, AccountState]) -> str:
    """Why the account keeps it; empty for not at all."""
    if is_stranded(room, delivery):
        return f'account "{delivery.account}" is no longer in karnay.toml'
    paused = states[delivery.account].paused if delivery.account in states else ""
    return f"account paused: {paused}" if paused else ""


def _gone(room: Newsroom, delivery: Delivery, gone: Sequence[Takedown]) -> list[str]:
    """That it was taken down, when and by whom; nothing while all of it stands."""
    if not gone:
        return []
    last = max(gone, key=lambda one: one.at)
    when = local(last.at.replace(microsecond=0), zone_of(room, delivery))
    parts = f"{len(gone)} parts" if len(gone) > 1 else gone[0].link
    return [f"taken down {when} by {last.who}: {parts}"]


def _remark(delivery: Delivery, said: Sequence[str], kept_by: str) -> str:
    from rich.markup import escape

    held = delivery.held or kept_by
    if delivery.state.value == "scheduled" and held:
        return escape(f"held: {held}")
    return escape(said[0] if said else delivery.error)
