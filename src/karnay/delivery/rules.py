"""What happens next: to a delivery whose step failed, that was lost, or that was looked for.

Pure: time and luck are arguments, the answer is a value that the store writes down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.delivery.states import Event
from karnay.errors import (
    AccountError,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt
from karnay.scheduling.late import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Sighting

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
MOST_TRIES = 12  # with full jitter about two hours of trying
FIRST_LOOK = timedelta(seconds=2)
LOOKS_APART = timedelta(seconds=5)
LOOKS_FOR_ABSENCE = 2


NOTHING_MADE = frozenset(kind.__name__ for kind in (NotSent, RateLimited, AccountError, Rejected))
"""The outcomes of attempts that certainly left nothing behind on the network."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write down: the event, and what changes with it.

    `due_at` is kept where it is None. `pause` pauses the account with that reason; `wait_until`
    keeps the whole account quiet. `spent` counts a try.
    """

    event: Event
    error: str = ""
    due_at: datetime | None = None
    held: str = ""
    look_at: datetime | None = None
    looks: int = 0
    spent: bool = False
    pause: str = ""
    wait_until: datetime | None = None
    outcome: str = ""  # the error's name, for the journal


def pause_before(tries: int, luck: float) -> timedelta:
    """How long to wait after that many tries: exponential with full jitter, capped.

    `luck` is uniform in [0, 1). Never under a second, so that a fault is not hammered.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries, 20))
    return max(timedelta(seconds=1), longest * luck)


def failed(error: PublishingError, delivery: Delivery, now: datetime, luck: float) -> Decision:
    """What becomes of a delivery whose step ended in that error."""
    rule = next(rule for kind, rule in _RULES if isinstance(error, kind))
    decision = _in_time(rule(error, delivery, now, luck), delivery)
    return replace(decision, outcome=type(error).__name__)


def _later(error: PublishingError, delivery: Delivery, now: datetime, luck: float) -> Decision:
    if delivery.tries + 1 >= MOST_TRIES:
        return Decision(Event.REFUSED, f"given up after {MOST_TRIES} tries: {error}", spent=True)
    due_at, until = now + pause_before(delivery.tries, luck), _named(error)
    due_at = max(due_at, until or due_at)
    return Decision(Event.POSTPONED, str(error), due_at=due_at, wait_until=until, spent=True)


def _not_before(error: PublishingError, _: Delivery, __: datetime, ___: float) -> Decision:
    assert isinstance(error, RateLimited)  # noqa: S101 - the table below pairs them
    return Decision(Event.POSTPONED, str(error), wait_until=error.until)


def _account_paused(error: PublishingError, _: Delivery, __: datetime, ___: float) -> Decision:
    return Decision(Event.POSTPONED, str(error), pause=str(error))


def _refused(error: PublishingError, _: Delivery, __: datetime, ___: float) -> Decision:
    return Decision(Event.REFUSED, str(error))


def _lost(error: PublishingError, _: Delivery, now: datetime, __: float) -> Decision:
    look_at, until = now + FIRST_LOOK, _named(error)
    look_at = max(look_at, until or look_at)
    return Decision(Event.LOST, str(error), look_at=look_at, wait_until=until)


def _named(error: PublishingError) -> datetime | None:
    """The moment before which the network wants to be left alone, if it named one."""
    until: datetime | None = getattr(error, "until", None)
    return until


_RULES: tuple[
    tuple[type[PublishingError], Callable[[PublishingError, Delivery, datetime, float], Decision]],
    ...,
] = (
    (NotSent, _later),
    (Transient, _later),
    (RateLimited, _not_before),
    (AccountError, _account_paused),
    (Rejected, _refused),
    (OutcomeUnknown, _lost),
    (PublishingError, _lost),
)


def _in_time(decision: Decision, delivery: Delivery) -> Decision:
    expires_at, next_try = delivery.order.expires_at, decision.due_at or decision.wait_until
    if decision.event is Event.POSTPONED and expires_at and next_try and next_try >= expires_at:
        return Decision(Event.REFUSED, f"expired before it could be sent: {decision.error}")
    return decision


def worker_lost(effect: Effect | None, now: datetime) -> Decision:
    """What becomes of a claim whose worker is gone; `effect` is that of the attempt left open.

    Only a visible step that was begun and not ended leaves a doubt.
    """
    if effect is Effect.ONCE:
        return Decision(
            Event.LOST, "the process ended while the request was out", look_at=now + FIRST_LOOK
        )
    return Decision(Event.POSTPONED, due_at=now)


def too_late(verdict: Verdict, delivery: Delivery) -> Decision | None:
    """What the post's late policy says of a claimed delivery; None: go ahead."""
    planned = f"it was due {delivery.order.planned_at:%Y-%m-%d %H:%M} UTC"
    was_due = f"{planned}; {delivery.error}" if delivery.error else planned  # what it waited for
    return {
        Verdict.GO: None,
        Verdict.HOLD: Decision(Event.POSTPONED, held=f"late: {was_due}"),
        Verdict.SKIP: Decision(Event.SKIPPED, f"skipped as too late: {was_due}"),
        Verdict.EXPIRED: Decision(Event.REFUSED, f"expired: {was_due}"),
    }[verdict]


def looked(sighting: Sighting, delivery: Delivery, now: datetime, settled_at: datetime) -> Decision:
    """What a look for a lost step tells; `settled_at` is when absence begins to count.

    Absence is believed only after the settling time and at a second look.
    """
    match sighting:
        case Receipt():
            return Decision(Event.FOUND, due_at=now)
        case CannotTell(why):
            return Decision(Event.LOST, f"{delivery.error}; {why}")
        case Absent() if now >= settled_at and delivery.looks + 1 >= LOOKS_FOR_ABSENCE:
            return Decision(Event.ABSENT, due_at=now)
        case Absent():
            return Decision(
                Event.LOST,
                delivery.error,
                look_at=max(now + LOOKS_APART, settled_at),
                looks=delivery.looks + 1,
            )


def look_failed(error: PublishingError, delivery: Delivery, now: datetime, luck: float) -> Decision:
    """What becomes of a delivery that could not be looked for: another look, later.

    After many, or where the account itself is refused, a person is asked. A rate limit costs no
    try here, either.
    """
    costs = not isinstance(error, RateLimited)
    if isinstance(error, AccountError) or (costs and delivery.tries + 1 >= MOST_TRIES):
        pause = str(error) if isinstance(error, AccountError) else ""
        return Decision(Event.LOST, f"{delivery.error}; looking failed: {error}", pause=pause)
    look_at, until = now + LOOKS_APART + pause_before(delivery.tries, luck), _named(error)
    return Decision(
        Event.LOST,
        delivery.error,
        look_at=max(look_at, until or look_at),
        looks=delivery.looks,
        spent=costs,
    )
