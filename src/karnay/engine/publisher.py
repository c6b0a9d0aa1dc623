"""Publishing one claimed delivery: step by step, every attempt journalled on both sides."""

from __future__ import annotations

import contextlib
import logging
import random
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, reset_contextvars

from karnay.delivery.delivery import Progress
from karnay.delivery.rules import (
    Decision,
    failed,
    gives_up,
    if_not_there,
    look_failed,
    looked,
    too_late,
    worker_lost,
)
from karnay.delivery.states import Event, State
from karnay.engine.asking import asked
from karnay.engine.vitals import Vitals
from karnay.errors import (
    AccountError,
    ClaimLost,
    NoAnswer,
    PublishingError,
    RateLimited,
    StoreError,
    StoreGone,
    Transient,
)
from karnay.platforms.base import CannotTell, Effect, Receipt
from karnay.platforms.registry import platform
from karnay.platforms.wire import DEADLINE, Timer
from karnay.scheduling.late import Verdict, judge
from karnay.secrets import redact
from karnay.store.budgets import wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.delivery.delivery import Attempt, Delivery
    from karnay.platforms.base import Platform, Sighting, Step
    from karnay.platforms.wire import Wire
    from karnay.store.budgets import Budgets
    from karnay.store.journal import Journal

log = structlog.get_logger(__name__)

RECEIPT_TRIES = 60
"""How often, a second apart, a receipt in hand is written again when the database refuses it."""

LEASE = timedelta(seconds=45)
"""How long a claim holds without a sign of life of its daemon."""

LEAVES_WITHIN = 15.0
"""Seconds after an attempt was written down in which its request leaves, or never; well within
the lease, so that nobody sends what another may have taken over."""

LATEST_EFFECT = timedelta(seconds=LEAVES_WITHIN + DEADLINE)
"""How long after an attempt began a request without an answer may still take effect."""


class Point(StrEnum):
    """The moments between two durable facts, by name: where dying is most dangerous."""

    CLAIMED = "claimed"
    PLANNED = "planned"  # the requests are known, nothing of them is on disk
    BEGUN = "begun"  # steps and attempt are on disk, the request has not left
    ANSWERED = "answered"  # the request was made, its outcome is not on disk
    RECEIVED = "received"  # the receipt is on disk
    SETTLED = "settled"
    LOOKING = "looking"
    LOOKED = "looked"  # the network was asked, what it said is not on disk


@dataclass(frozen=True, slots=True)
class Publisher:
    """Performs claimed deliveries over one wire; knows no queue and no threads.

    `stopping` is asked between two steps: when it says yes, the delivery is put back after the
    step in hand, and goes on from there next time. `networks` gives the platform of a name.
    `passing` is told of every point that is passed; tests and benchmarks let the process die or
    stop there. Every line that is logged meanwhile, whoever logs it, names the delivery, its
    account, and the attempt.
    """

    journal: Journal
    accounts: Mapping[str, Account]
    clock: Clock
    wire: Wire
    budgets: Budgets
    stopping: Callable[[], bool] = field(default=lambda: False)
    networks: Callable[[str], Platform] = field(default=platform)
    luck: Callable[[], float] = field(default=random.random)
    passing: Callable[[Point], None] = field(default=lambda _: None)
    vitals: Vitals = field(default_factory=Vitals)

    def publish(self, delivery: Delivery) -> Delivery | None:
        """Take the claimed delivery as far as it will go; None: somebody else has it now."""
        self.passing(Point.CLAIMED)
        return self._unless_overtaken(self._publish, delivery)

    def recover(self, delivery: Delivery) -> Delivery | None:
        """Settle a claim whose worker is gone: unknown only if a visible step was left open."""
        return self._unless_overtaken(self._recover, delivery)

    def look(self, delivery: Delivery) -> Delivery | None:
        """Look for what an unknown delivery may have made, and settle it as far as that tells.

        None: somebody else, or a person's word, has settled it meanwhile.
        """
        return self._unless_overtaken(self._look_for, delivery)

    @staticmethod
    def _unless_overtaken(
        work: Callable[[Delivery], Delivery], delivery: Delivery
    ) -> Delivery | None:
        with _named_in_the_log(delivery):
            try:
                return work(delivery)
            except ClaimLost as lost:
                log.warning("claim lost", reason=str(lost))
                return None

    def _recover(self, delivery: Delivery) -> Delivery:
        left = self.journal.open_effect(delivery)
        attempt, effect = left or (None, None)
        decision = worker_lost(effect, self.clock.now())
        if decision.event is Event.LOST:
            decision = self._spaced(decision, delivery, self.journal.progress(delivery))
        return self._settle(delivery, decision, attempt)

    def _look_for(self, delivery: Delivery) -> Delivery:
        progress = self.journal.progress(delivery)
        if not progress.remaining:
            return self._settle(delivery, self._finished(delivery))
        tried = self.journal.attempts_at(delivery, progress.remaining[0])
        if not tried:  # the step in doubt was seen; this one was never begun
            return self._settle(delivery, Decision(Event.FOUND, due_at=self.clock.now()))
        try:
            return self._look(delivery, progress, tried)
        except PublishingError as error:
            return self._settle(delivery, look_failed(error, delivery, self.clock.now()))

    def _publish(self, delivery: Delivery) -> Delivery:
        account = self.accounts.get(delivery.account)
        if account is None:
            gone = f'account "{delivery.account}" is no longer in karnay.toml'
            held = f"{gone}: put it back and move this, or cancel it"
            return self._settle(delivery, Decision(Event.POSTPONED, held=held))
        if account.platform != delivery.platform:
            held = f'account "{account.name}" is on {account.platform} now: queue the post again'
            return self._settle(delivery, Decision(Event.POSTPONED, held=held))
        # What was never claimed before has neither steps nor receipts: nothing to read.
        progress = self.journal.progress(delivery) if delivery.fence > 1 else Progress((), {})
        late = self._too_late(delivery, progress)
        if late:
            return self._settle(delivery, self._if_not_there(delivery, progress, late))
        try:
            planned = self._planned(delivery, account, progress)
        except (ValueError, LookupError, TypeError) as error:
            held = redact(f"it cannot be planned: {error}")
            return self._settle(delivery, Decision(Event.POSTPONED, held=held))
        return self._perform_all(delivery, account, planned)

    def _too_late(self, delivery: Delivery, progress: Progress) -> Decision | None:
        order = delivery.order
        judged = judge(
            order.planned_at,
            self.clock.now(),
            late=order.late,
            max_late=order.max_late,
            expires_at=order.expires_at,
        )
        # A thread that has begun is finished: half an announcement is worse than a late one.
        begun = bool(progress.published) and judged is not Verdict.EXPIRED
        return None if begun else too_late(judged, delivery)

    def _planned(self, delivery: Delivery, account: Account, progress: Progress) -> Progress:
        if progress.steps:
            return progress
        order = delivery.order
        steps = self.networks(account.platform).plan(order.variant, account, order.key)
        self.passing(Point.PLANNED)
        return Progress(tuple(steps), progress.receipts, frozen=False)

    def _perform_all(self, delivery: Delivery, account: Account, progress: Progress) -> Delivery:
        receipts, remaining = dict(progress.receipts), progress.remaining
        for step in remaining:
            so_far = replace(progress, receipts=receipts)
            halt = self._halted(delivery)
            if halt:
                halt = self._if_not_there(delivery, so_far, halt)
                return self._settle(delivery, self._spaced(halt, delivery, so_far))
            filled, timer = step.filled(receipts), Timer(self.clock, LEAVES_WITHIN)
            attempt = self._begun_in_turn(delivery, account, step, so_far)
            if isinstance(attempt, Decision):
                return self._settle(delivery, self._if_not_there(delivery, so_far, attempt))
            try:
                with self.wire.leaving_before(timer):
                    receipts[step.name] = self._perform(filled, account)
            except PublishingError as error:
                decision = failed(error, delivery, self.clock.now(), self.luck())
                decision = self._if_not_there(delivery, so_far, decision, attempt)
                return self._settle(delivery, self._spaced(decision, delivery, so_far), attempt)
            self.passing(Point.ANSWERED)
            if step is remaining[-1]:
                return self._finish(delivery, attempt, receipts[step.name])
            delivery = self._received(delivery, attempt, receipts[step.name])
        return self._settle(delivery, self._finished(delivery))

    def _begun_in_turn(
        self, delivery: Delivery, account: Account, step: Step, progress: Progress
    ) -> Attempt | Decision:
        """The attempt; or why it may not begin now: no room in a budget, or a paused account."""
        now = self.clock.now()
        with self.budgets.turn(account, wanted=wanted(progress), now=now) as wait:
            if wait:
                over = RateLimited(wait.reason, wait.until)
                return failed(over, delivery, now, self.luck())
            return self._begun(delivery, step, progress) or Decision(Event.POSTPONED)

    def _begun(self, delivery: Delivery, step: Step, progress: Progress) -> Attempt | None:
        fresh = not progress.frozen and step is progress.steps[0]
        plan = progress.steps if fresh else ()
        now = self.clock.now()
        attempt = self.journal.begin(delivery, step, now, LEASE, plan=plan)
        if attempt is not None:
            bind_contextvars(attempt=attempt.number)
            if fresh:
                self.vitals.began(delivery, (self.clock.now() - delivery.due_at).total_seconds())
        self.passing(Point.BEGUN)
        return attempt

    def _halted(self, delivery: Delivery) -> Decision | None:
        """Why no further step may begin just now, if there is a reason."""
        now, expires_at = self.clock.now(), delivery.order.expires_at
        if self.stopping():
            return Decision(Event.POSTPONED)
        if expires_at and now >= expires_at:
            return Decision(Event.REFUSED, "expired before all of it was sent")
        return None

    def _if_not_there(
        self,
        delivery: Delivery,
        progress: Progress,
        decision: Decision,
        attempt: Attempt | None = None,
    ) -> Decision:
        """The decision; but one that gives up waits for a look if the next step may be public.

        `attempt` is the one that has just ended with it, and is not written down yet.
        """
        step = next(iter(progress.remaining), None)
        if not gives_up(decision) or step is None or step.effect is Effect.SAFE:
            return decision
        tried = self.journal.attempts_at(delivery, step)
        if attempt is not None:
            earlier = (one for one in tried if one.ended_at is not None)
            tried = [*earlier, replace(attempt, outcome=decision.outcome)]
        return if_not_there(decision, delivery, tried, self.clock.now())

    def _received(self, delivery: Delivery, attempt: Attempt, receipt: Receipt) -> Delivery:
        kept = self._patiently(
            lambda: self.journal.receive(delivery, attempt, receipt, self.clock.now())
        )
        self.passing(Point.RECEIVED)
        return kept

    def _finish(self, delivery: Delivery, attempt: Attempt, receipt: Receipt) -> Delivery:
        decision = self._finished(delivery)
        ended = self._patiently(
            lambda: self.journal.finish(delivery, attempt, receipt, decision, self.clock.now())
        )
        self._tell(ended, decision)
        return ended

    def _finished(self, delivery: Delivery) -> Decision:
        return self._then_quiet(Decision(Event.FINISHED), delivery)

    def _spaced(self, decision: Decision, delivery: Delivery, progress: Progress) -> Decision:
        """The decision; the account keeps its least gap if it leaves something in public behind.

        A thread that goes on is not kept waiting for its own parts.
        """
        half = decision.event is Event.REFUSED and progress.published
        whole = decision.event is Event.LOST and len(progress.remaining) == 1
        return self._then_quiet(decision, delivery) if half or whole else decision

    def _then_quiet(self, decision: Decision, delivery: Delivery) -> Decision:
        account = self.accounts.get(delivery.account)
        if account is None or not account.least_gap:
            return decision
        until = self.clock.now() + account.least_gap
        return replace(decision, wait_until=max(until, decision.wait_until or until))

    def _patiently(self, write: Callable[[], Delivery]) -> Delivery:
        """Write a receipt down; it is in hand, so a database in trouble is waited for."""
        for _ in range(RECEIPT_TRIES):
            try:
                return write()
            except StoreGone:
                raise  # no waiting brings it back: at the next start it is looked for
            except StoreError as error:
                log.warning("the receipt cannot be written yet", error=str(error))
                self.clock.sleep(1)
        return write()

    def _perform(self, step: Step, account: Account) -> Receipt:
        began, outcome = time.monotonic(), "ok"
        try:
            network = self.networks(account.platform)
            with bound_contextvars(step=step.name):
                return asked(lambda: network.perform(step, account, self.wire), step.effect)
        except PublishingError as error:
            outcome = type(error).__name__
            raise
        finally:
            self.vitals.attempted(account.platform, outcome, time.monotonic() - began)

    def _look(self, delivery: Delivery, progress: Progress, tried: Sequence[Attempt]) -> Delivery:
        account = self.accounts.get(delivery.account)
        if account is None:
            raise AccountError(f'account "{delivery.account}" is no longer in karnay.toml')
        network, step = self.networks(account.platform), progress.remaining[0]
        # Any of the attempts may be the one that went out; the newest is the last to be listed.
        since = tried[0].began_at
        over = max(_over(attempt, self.clock.now()) for attempt in tried)
        filled = step.filled(progress.receipts)
        self.passing(Point.LOOKING)
        sighting = self._not_anothers(delivery, self._find(network, filled, account, since))
        self.passing(Point.LOOKED)
        now = self.clock.now()
        settled_at, luck = over + network.settling, self.luck()
        decision = looked(sighting, delivery, now, settled_at=settled_at, luck=luck)
        if isinstance(sighting, Receipt):
            whole = len(progress.remaining) == 1
            decision = self._finished(delivery) if whole else decision
            found = self.journal.found(delivery, step, sighting, decision, now)
            self._tell(found, decision)
            return found
        return self._settle(delivery, decision)

    def _not_anothers(self, delivery: Delivery, sighting: Sighting) -> Sighting:
        """What was seen, unless it is known to be another delivery's."""
        if not isinstance(sighting, Receipt):
            return sighting
        owner = self.journal.owner_of(delivery, sighting)
        if owner is None:
            return sighting
        why = f"the same text is there already, as delivery {owner}: {sighting.link}"
        return CannotTell(why, for_good=True)

    def _find(self, network: Platform, step: Step, account: Account, since: datetime) -> Sighting:
        try:
            return network.find(step, account, self.wire, since)
        except PublishingError:
            raise
        except Exception as error:  # noqa: BLE001 - a look that fails is repeated, whatever failed
            raise Transient(redact(f"{type(error).__name__}: {error}")) from None

    def _settle(
        self, delivery: Delivery, decision: Decision, attempt: Attempt | None = None
    ) -> Delivery:
        settled = self.journal.settle(delivery, decision, self.clock.now(), attempt)
        self._tell(settled, decision)
        return settled

    def _tell(self, settled: Delivery, decision: Decision) -> None:
        self.passing(Point.SETTLED)
        self.vitals.settled(settled.platform, settled.state)
        log.log(
            _level(settled.state),
            decision.event.value,
            post=settled.order.post,
            state=settled.state.value,
            error=redact(decision.error) or None,
            held=decision.held or None,
        )


_NO_ANSWER = {NoAnswer.__name__, Transient.__name__, Event.LOST, Event.POSTPONED}
"""Outcomes after which the network may still be at work; of a keyed step, any lost answer."""


@contextlib.contextmanager
def _named_in_the_log(delivery: Delivery) -> Iterator[None]:
    before = bind_contextvars(delivery=delivery.id, account=delivery.account, attempt=None)
    try:
        yield
    finally:
        reset_contextvars(**before)


def _over(attempt: Attempt, now: datetime) -> datetime:
    """From when on nothing that the attempt asked for can still happen."""
    ended = attempt.ended_at or now
    may_work_on = attempt.outcome in _NO_ANSWER
    return max(ended, attempt.began_at + LATEST_EFFECT) if may_work_on else ended


def _level(state: State) -> int:
    return {State.FAILED: logging.ERROR, State.UNKNOWN: logging.WARNING}.get(state, logging.INFO)
