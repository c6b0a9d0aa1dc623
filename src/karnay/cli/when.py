"""The options that say when: `--at`, `--next`, `--now`; always echoed before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from karnay.cli.output import C, clock_time, say

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.newsroom import Newsroom
    from karnay.scheduling.timetable import When


def when_options(command: C) -> C:
    """Give the command `--at`, `--next` and `--now`."""
    options = (
        click.option(
            "--at", metavar="TIME", help='"tomorrow 9:00", "завтра в 9:00", "ertaga 9:00"'
        ),
        click.option("--next", "next_", is_flag=True, help="At each account's next free slot."),
        click.option("--now", is_flag=True, help="At once."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def chosen(newsroom: Newsroom, at: str | None, *, next_: bool, now: bool) -> When:
    """When the person wants it; says in full what `--at` was understood as."""
    from karnay.scheduling.timetable import AS_THE_POST_SAYS, When

    if sum((at is not None, next_, now)) > 1:
        raise click.UsageError("give one of --at, --next and --now")
    if now:
        return When(moment=newsroom.clock.now())
    if at is not None:
        return When(moment=understood(newsroom, at))
    return When(next_slot=True) if next_ else AS_THE_POST_SAYS


def understood(newsroom: Newsroom, text: str) -> datetime:
    """The moment that a person's words mean in the workspace's zone, echoed on stderr."""
    from karnay.scheduling.human import understand
    from karnay.scheduling.wallclock import BadTime, zone

    here = zone(newsroom.configuration.timezone)
    try:
        moment = understand(text, here, newsroom.clock.now())
    except BadTime as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    say(f'"{text}" is {clock_time(moment, here)}')
    return moment


def moment_json(moment: datetime | None) -> Any:
    """A moment in JSON: ISO 8601 in UTC, or null."""
    return moment.isoformat() if moment else None
