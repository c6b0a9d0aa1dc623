"""The life of a delivery as one timeline: what people did, every request, what became of it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from karnay.delivery.states import Event, State
from karnay.store.audit import DAEMON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from karnay.delivery.delivery import Attempt
    from karnay.store.audit import Entry
    from karnay.store.queue import History

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")
_COLOURS = {
    "ok": "green",
    "finished": "green",
    "found": "green",
    "refused": "red",
    "given up": "red",
    "Rejected": "red",
    "lost": "yellow",
    "not edited": "yellow",
    "left standing": "yellow",
}
_MEANS = {
    "queued": "",
    "finished": "all of it is published",
    "refused": "it failed",
    "lost": "nobody knows whether it went out",
    "found": "it is there",
    "absent": "it is not there, and is sent again",
    "cancelled": "it is not sent",
    "skipped": "too late, and not sent",
    "retried": "it is tried again",
    "given up": "it is left as failed",
    "edited": "it says what its post says today",
    "not edited": "it could not be changed",
    "taken down": "it is public no more",
    "left standing": "it could not be taken down",
    "NotSent": "nothing left this machine",
    "RateLimited": "the network asks to wait",
    "Transient": "it did not work this time",
    "AccountError": "the network refused the account",
    "Rejected": "the network refused it",
    "OutcomeUnknown": "the answer does not say whether it went out",
    "NoAnswer": "no answer came",
}
_SEEN = "karnay looked on the network, and it is there"
_INDENT = " " * 10  # as wide as the clock time and the gap behind it
NARROW = 80
"""Columns of the narrowest terminal for which the story is told."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline; `rank` orders what happened in the same microsecond."""

    at: datetime
    rank: int
    who: str
    what: str
    outcome: str
    detail: str


def story(told: History, here: ZoneInfo) -> Iterator[str]:
    """The lines to print, with moments on that zone's wall clock.

    They are folded between words, so that they fit a narrow terminal; a link is never broken.
    """
    yield from _heading(told, here)
    happenings = sorted(_happenings(told), key=lambda one: (one.at, one.rank))
    width = max((len(one.who) for one in happenings), default=0)
    day, said = "", ""
    for one in happenings:
        wall = one.at.astimezone(here)
        if (today := f"{wall:%a} {wall.day} {wall:%b %Y}") != day:
            yield f"\n{today}, {here.key}"
        day = today
        first = f"{wall:%H:%M:%S}  {one.who:<{width}}  "
        yield from _styled(_folded(_printable(one.what), first), one.outcome)
        if one.detail and one.detail != said:
            yield from _folded(_readable(one.detail, here), _INDENT)
        said = one.detail or said
    yield from _standing(told, here)


def _heading(told: History, here: ZoneInfo) -> Iterator[str]:
    one = told.delivery
    yield f"delivery {one.id}: {one.order.post} to {one.account}, {one.state.value}"
    for receipt in told.receipts.values():
        if receipt.link:
            yield f"  {receipt.link}"
    yield f"  planned for {_local(one.order.planned_at, here)} {here.key}{_lateness(told)}"


def _lateness(told: History) -> str:
    began = min((one.began_at for one in told.attempts), default=None)
    if began is None:
        return ""
    return f", first request {_length(began - told.delivery.order.planned_at)} later"


def _happenings(told: History) -> list[Happening]:
    before = (None, *told.trail)
    entries = (_entry(*pair) for pair in zip(told.trail, before, strict=False))
    return [*entries, *(_attempt(told, one) for one in told.attempts)]


def _entry(entry: Entry, before: Entry | None) -> Happening:
    by_daemon = entry.who == DAEMON
    found = by_daemon and entry.action == Event.FINISHED and before and before.action == Event.LOST
    means = _SEEN if found else _MEANS.get(entry.action, "")
    what = ": ".join(filter(None, (entry.action, means)))
    return Happening(entry.at, 2 * by_daemon, entry.who, what, entry.action, entry.detail)


def _attempt(told: History, one: Attempt) -> Happening:
    what = f"{one.step}: {_ended(told, one)}"
    return Happening(one.began_at, 1, DAEMON, what, one.outcome, one.detail)


def _ended(told: History, one: Attempt) -> str:
    """How the attempt ended, in words."""
    if one.ended_at is None:
        under_way = told.delivery.state is State.PUBLISHING
        outcome = "under way" if under_way else "its end was never written down"
        return f"{outcome} (try {one.number})"
    means = _MEANS.get(one.outcome, "")
    ended = f"{one.outcome} (try {one.number}, {_length(one.ended_at - one.began_at)})"
    return ": ".join(filter(None, (ended, means)))


def _standing(told: History, here: ZoneInfo) -> Iterator[str]:
    """What comes next, where something does."""
    one = told.delivery
    if one.state is State.SCHEDULED:
        yield f"\nnext try: {_local(one.due_at, here)} {here.key}"
    if one.state is State.SCHEDULED and one.held:
        yield from _folded(_readable(one.held, here), "held: ")
    if one.state is State.UNKNOWN and one.look_at:
        yield f"\nkarnay looks for it again: {_local(one.look_at, here)} {here.key}"
    if one.state is State.UNKNOWN and not one.look_at:
        yield f"\nit needs you: look on the network, then `karnay resolve {one.id} ...`"
    if one.state is State.FAILED:
        yield f"\nmend the cause, then `karnay queue retry {one.id}`"


def _folded(text: str, first: str) -> list[str]:
    """The text in lines, the first of which begins so and the others as far in."""
    return textwrap.wrap(
        text,
        NARROW,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _styled(lines: list[str], outcome: str) -> list[str]:
    colour = _COLOURS.get(outcome)
    return [click.style(line, fg=colour) for line in lines] if colour else lines


def _readable(text: str, here: ZoneInfo) -> str:
    """One printable line, its moments on the wall clock."""
    local = _MOMENT.sub(lambda found: _local(datetime.fromisoformat(found[0]), here), text)
    return _printable(" ".join(local.split()))


def _printable(text: str) -> str:
    # What a network says must not steer the terminal.
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _local(moment: datetime, here: ZoneInfo) -> str:
    from karnay.cli.deliveries import local

    return local(moment.replace(microsecond=0), here)


def _length(span: timedelta) -> str:
    seconds = span.total_seconds()
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if abs(seconds) < 120 else str(timedelta(seconds=round(seconds)))
