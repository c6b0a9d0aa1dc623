"""Daemons and desks with a bug: each is a way to get it wrong that somebody has gone before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from karnay.accounts import Account
from karnay.delivery.delivery import Attempt, Delivery, Progress
from karnay.delivery.rules import LOOKS_APART, Decision
from karnay.delivery.states import Event, after
from karnay.engine.publisher import LEASE, Publisher
from karnay.errors import ClaimLost, OutcomeUnknown, Transient
from karnay.platforms.base import Receipt, Step
from karnay.store.journal import Journal
from karnay.store.queue import Queue, _change
from simulation.networks import Line
from simulation.world import Making


class RecoversBlindly(Publisher):
    """A request that was out when the process died is simply made again."""

    def _recover(self, delivery: Delivery) -> Delivery:
        return self._settle(delivery, Decision(Event.POSTPONED, due_at=self.clock.now()))


class CallsATimeoutTransient(Publisher):
    """No answer is taken for a no."""

    def _perform(self, step: Step, account: Account) -> Receipt:
        try:
            return super()._perform(step, account)
        except OutcomeUnknown as error:
            raise Transient(str(error)) from None


class BelievesAbsence(Publisher):
    """So many looks that do not see it prove that it is not there, however soon."""

    looks = 1

    def _settle(
        self, delivery: Delivery, decision: Decision, attempt: Attempt | None = None
    ) -> Delivery:
        if decision.event is Event.LOST and decision.looks > delivery.looks:
            soon = self.clock.now() + LOOKS_APART
            enough = decision.looks >= self.looks
            decision = (
                Decision(Event.ABSENT, due_at=soon) if enough else replace(decision, look_at=soon)
            )
        return super()._settle(delivery, decision, attempt)


class DoesNotWaitForSettling(BelievesAbsence):
    """Two looks do."""

    looks = 2


class DropsTheReceipt(Publisher):
    """It is published; what the network gave back is not kept."""

    def _finish(self, delivery: Delivery, attempt: Attempt, receipt: Receipt) -> Delivery:
        return self._settle(delivery, self._finished(delivery), attempt)


class StopsInTheMiddle(Publisher):
    """Whoever is to stop puts the delivery back, and forgets the part in hand."""

    def _received(self, delivery: Delivery, attempt: Attempt, receipt: Receipt) -> Delivery:
        if self.stopping():
            self._settle(delivery, Decision(Event.POSTPONED), attempt)
            raise ClaimLost("it stops")
        return super()._received(delivery, attempt, receipt)


class GivesUpWhatMayBePublic(Publisher):
    """Refused is refused, whatever an earlier attempt may have made."""

    def _if_not_there(
        self,
        delivery: Delivery,
        progress: Progress,
        decision: Decision,
        attempt: Attempt | None = None,
    ) -> Decision:
        return decision


class SendsLate(Line):
    """A request leaves whenever the process gets round to it."""

    def _still_in_time(self) -> None:
        """It always is."""


class HasNoFence(Journal):
    """A write lands whoever has the delivery by now."""

    def _write(self, entry: Callable[..., Any], delivery: Delivery, *more: Any) -> Any:
        [[state, fence]] = self._database.ask(
            "SELECT state, fence FROM deliveries WHERE id = ?", delivery.id
        )
        return super()._write(entry, replace(delivery, state=state, fence=fence), *more)


class SendsBeforeItWrites(Journal):
    """The attempt is not on disk before its request leaves."""

    def begin(
        self,
        delivery: Delivery,
        step: Step,
        now: datetime,
        lease: timedelta,
        *,
        plan: Any = (),
    ) -> Attempt:
        return Attempt(delivery.id, step.name, now, fence=delivery.fence)


class ForgetsItsReceipts(Journal):
    """A thread that goes on begins anew."""

    def progress(self, delivery: Delivery) -> Progress:
        return replace(super().progress(delivery), receipts={})


class WakesEarly(Journal):
    """What is due in a minute is as good as due."""

    def claim(self, now: datetime, lease: timedelta, **more: Any) -> list[Delivery]:
        return super().claim(now + timedelta(minutes=1), lease, **more)


class TakesFromTheLiving(Journal):
    """A claim counts as lost before its lease has run out."""

    def claim_lost(self, now: datetime, lease: timedelta, **more: Any) -> list[Delivery]:
        return super().claim_lost(now + LEASE, lease, **more)


class SkipsTheQueue(Journal):
    """Whatever is due goes out, whoever of its account waits before it."""

    def claim(self, now: datetime, lease: timedelta, **more: Any) -> list[Delivery]:
        due = self._database.ask(
            "SELECT max(id) FROM deliveries WHERE state = 'scheduled' AND held = ''"
            " GROUP BY account"
        )
        return super().claim(now, lease, **{**more, "only": [number for (number,) in due]})


class CancelsWhatMayBePublic(Queue):
    """Cancelled is cancelled, whatever an earlier attempt may have made."""

    def cancel(self, delivery_id: int, now: datetime) -> Delivery:
        return _changed(self, delivery_id, Event.CANCELLED)


class SendsAgainWhatWasGivenUp(Queue):
    """Retried is retried, whatever an earlier attempt may have made."""

    def retry(self, delivery_id: int, now: datetime) -> Delivery:
        return _changed(self, delivery_id, Event.RETRIED)


class EditsWhatMayBePublic(Queue):
    """Other words are queued beside those that may be public."""

    @staticmethod
    def _require_certainty(old: Delivery, *, same_words: bool) -> None:
        """Who knows."""


def _changed(queue: Queue, delivery_id: int, event: Event) -> Delivery:
    """The delivery, after the event and nothing else."""
    delivery = queue.get(delivery_id)
    state = after(delivery.state, event)
    with queue._database.writing() as connection:
        return _change(connection, delivery, {"state": state})


BUGS = {
    **{
        kind.__name__: Making(publisher=kind)
        for kind in (
            RecoversBlindly,
            CallsATimeoutTransient,
            BelievesAbsence,
            DoesNotWaitForSettling,
            DropsTheReceipt,
            StopsInTheMiddle,
            GivesUpWhatMayBePublic,
        )
    },
    **{
        kind.__name__: Making(journal=kind)
        for kind in (
            HasNoFence,
            SendsBeforeItWrites,
            ForgetsItsReceipts,
            WakesEarly,
            TakesFromTheLiving,
            SkipsTheQueue,
        )
    },
    **{
        kind.__name__: Making(queue=kind)
        for kind in (CancelsWhatMayBePublic, EditsWhatMayBePublic, SendsAgainWhatWasGivenUp)
    },
    SendsLate.__name__: Making(line=SendsLate),
}
