"""The verdict: what was queued, what is public, what karnay says of it, and where these differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from bench.chaos.announcements import marks_of, number_of
from bench.chaos.evidence import Crime, Finding
from bench.chaos.machines import LONGEST_STOP
from bench.chaos.troubles import REFUSED
from karnay.delivery.states import Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.chaos.clock import SharedClock
    from bench.chaos.witness import Public, Seen, Shown, Witness
    from karnay.delivery.delivery import Delivery, Order
    from karnay.store.queue import Queue

_HESITATION = LONGEST_STOP + 3.0
"""Seconds of the world that may lie between reading the clock and a request's arrival."""


@dataclass(frozen=True)
class Trial:
    """All that the verdict rests on."""

    ordered: Sequence[Order]
    queue: Queue
    public: Public
    witness: Witness
    clock: SharedClock

    def findings(self) -> list[Finding]:
        """Every crime, in the order of the announcements."""
        found = [finding for order in self.ordered for finding in self._about(order)]
        return [*found, *self._overtakings()]

    @cached_property
    def deliveries(self) -> Mapping[int, Delivery]:
        """What karnay says, by the announcement's number."""
        return {number_of(one.order): one for one in self.queue.all()}

    @cached_property
    def lateness(self) -> list[float]:
        """How many milliseconds of the world after it was due each first request came, sorted."""
        late = (
            first.at - order.planned_at
            for order in self.ordered
            if (first := self._first_request(number_of(order)))
        )
        return sorted(one / timedelta(milliseconds=1) / self.clock.speed for one in late)

    def in_doubt(self, number: int) -> bool:
        """Whether it was ever unknown if a part of that announcement went out."""
        trail = self.queue.history(self.deliveries[number].id).trail
        return any(entry.action == Event.LOST for entry in trail)

    def _about(self, order: Order) -> Iterator[Finding]:
        number = number_of(order)
        parts = [self.public.of(mark) for mark in marks_of(order)]
        for place, shown in enumerate(parts, start=1):
            if len(shown) > 1:
                yield Finding(Crime.DOUBLE, number, f"part {place} is public {len(shown)} times")
        yield from self._threading(number, parts)
        yield from self._earliness(order)
        delivery = self.deliveries.get(number)
        if delivery is None:
            yield Finding(Crime.LOSS, number, "it was queued, and the queue does not know it")
        else:
            yield from self._reporting(delivery, parts)

    def _reporting(self, delivery: Delivery, parts: list[list[Shown]]) -> Iterator[Finding]:
        number = number_of(delivery.order)
        if delivery.state is State.PUBLISHED:
            yield from self._receipts(delivery, parts)
        elif sum(map(bool, parts)) > self._told(delivery):
            said = f"more of it is public than has receipts, and it is called {delivery.state}"
            yield Finding(Crime.WRONG_REPORT, number, said)
        elif not (delivery.state is State.FAILED and self._was_refused(number)):
            said = f"it is {delivery.state} in the end: {delivery.error or delivery.held}"
            yield Finding(Crime.LOSS, number, said)

    def _told(self, delivery: Delivery) -> int:
        """How many parts are known to be public."""
        receipts = self.queue.history(delivery.id).receipts
        return sum(name.startswith("create-") for name in receipts)

    def _receipts(self, delivery: Delivery, parts: list[list[Shown]]) -> Iterator[Finding]:
        number = number_of(delivery.order)
        receipts = self.queue.history(delivery.id).receipts
        for place, shown in enumerate(parts, start=1):
            receipt = receipts.get(f"create-{place}")
            if not shown:
                said = f"it is called published, and part {place} is not public"
                yield Finding(Crime.WRONG_REPORT, number, said)
            elif receipt is None or not {receipt.id, receipt.link} & _names(shown):
                said = (
                    f"the receipt of part {place} is {receipt}, public is {sorted(_names(shown))}"
                )
                yield Finding(Crime.WRONG_REPORT, number, said)

    @staticmethod
    def _threading(number: int, parts: list[list[Shown]]) -> Iterator[Finding]:
        for place, (before, after) in enumerate(pairwise(parts), start=2):
            for one in after:
                if one.reply_to not in {parent.id for parent in before}:
                    said = f"part {place} answers {one.reply_to or 'nothing'}"
                    yield Finding(Crime.WRONG_ORDER, number, said)
                elif one.place < min(parent.place for parent in before):
                    said = f"part {place} is public before the one before it"
                    yield Finding(Crime.WRONG_ORDER, number, said)

    def _earliness(self, order: Order) -> Iterator[Finding]:
        """A right answer to a wrong clock is no crime: what counts is what the clock showed."""
        first = self._first_request(number_of(order))
        hesitation = timedelta(seconds=_HESITATION) * self.clock.speed
        if first and self.clock.latest_shown(first.at, hesitation) < order.planned_at:
            said = f"{order.planned_at - first.at} early; the clock showed no such moment"
            yield Finding(Crime.EARLY, number_of(order), said)

    def _overtakings(self) -> Iterator[Finding]:
        """One that was in doubt, or refused, has lost its place; else nobody is overtaken."""
        for orders in self._by_account().values():
            last: Shown | None = None
            for order in orders:
                shown = [one for mark in marks_of(order) for one in self.public.of(mark)]
                number = number_of(order)
                if not shown or self._was_refused(number) or self.in_doubt(number):
                    continue
                first = min(shown, key=lambda one: one.place)
                if last and first.place < last.place:
                    said = f"it overtook announcement {last.mark.number}"
                    yield Finding(Crime.WRONG_ORDER, number, said)
                last = max([*shown, *([last] if last else [])], key=lambda one: one.place)

    def _by_account(self) -> Mapping[str, list[Order]]:
        accounts: defaultdict[str, list[Order]] = defaultdict(list)
        for order in self.ordered:
            if number_of(order) in self.deliveries:
                accounts[order.variant.account].append(order)
        for orders in accounts.values():
            orders.sort(key=lambda order: (order.planned_at, number_of(order)))
        return accounts

    @cached_property
    def _requests(self) -> Mapping[int, list[Seen]]:
        seen: defaultdict[int, list[Seen]] = defaultdict(list)
        for one in self.witness.log:
            if one.mark:
                seen[one.mark.number].append(one)
        return seen

    def _first_request(self, number: int) -> Seen | None:
        return next(iter(self._requests.get(number, ())), None)

    def _was_refused(self, number: int) -> bool:
        return any(seen.deed == REFUSED for seen in self._requests.get(number, ()))


def _names(shown: list[Shown]) -> set[str]:
    return {name for one in shown for name in (one.id, one.link)}


def at_percent(values: list[float], percent: float) -> float:
    """The value that so many percent of the sorted ones do not exceed; 0 of none."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))] if values else 0.0
