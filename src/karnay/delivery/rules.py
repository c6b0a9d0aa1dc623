"""What happens next: to a delivery whose step failed, that was lost, or that was looked for.

Pure: time and luck are arguments, the answer is a value that the store writes down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.delivery.states import Event, after
from karnay.errors import (
    AccountError,
    NotReady,
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
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from karnay.delivery.delivery import Attempt, Delivery
    from karnay.platforms.base import Sighting

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
MOST_TRIES = 12  # with full jitter about two hours of trying
FIRST_LOOK = timedelta(seconds=2)
LOOKS_APART = timedelta(seconds=5)
LOOKS_FOR_ABSENCE = 2

PAUSES_BETWEEN_LOOKS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
"""How long to wait after each look that could not tell; after the last one, a person is asked."""

NOTHING_MADE = frozenset(
    (*(kind.__name__ for kind in (NotSent, RateLimited, AccountError, Rejected)), Event.ABSENT)
)
"""The outcomes of attempts that certainly left nothing behind on the network."""

_LOOKED = "; looked: "


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
    blind_looks: int = 0
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


def _ask_again(error: PublishingError, delivery: Delivery, now: datetime, luck: float) -> Decision:
    return replace(_later(error, delivery, now, luck), wait_until=None)  # others need not wait


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
    (NotReady, _ask_again),
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
    if verdict is Verdict.GO:
        return None
    planned = f"it was due {delivery.order.planned_at:%Y-%m-%d %H:%M} UTC"
    was_due = f"{planned}; {delivery.error}" if delivery.error else planned  # what it waited for
    return {
        Verdict.HOLD: Decision(Event.POSTPONED, held=f"late: {was_due}"),
        Verdict.SKIP: Decision(Event.SKIPPED, f"skipped as too late: {was_due}"),
        Verdict.EXPIRED: Decision(Event.REFUSED, f"expired: {was_due}"),
    }[verdict]


def in_doubt(delivery: Delivery, tried: Iterable[Attempt]) -> bool:
    """Whether one of these attempts may have left something behind that nobody has looked for.

    They are those of a visible step without a receipt.
    """
    return any(
        attempt.outcome not in NOTHING_MADE and attempt.fence > delivery.clear_fence
        for attempt in tried
    )


def gives_up(decision: Decision) -> bool:
    """Whether it says that the delivery does not go out, for good or until a person says so."""
    return decision.event in {Event.REFUSED, Event.SKIPPED} or bool(decision.held)


def if_not_there(
    decision: Decision, delivery: Delivery, tried: Iterable[Attempt], now: datetime
) -> Decision:
    """The decision; but one that gives up what may be public waits for a look.

    `tried` are the attempts at the next step, which is a visible one, with their outcomes.
    """
    if not gives_up(decision) or not in_doubt(delivery, tried):
        return decision
    error = decision.error or decision.held
    return replace(decision, event=Event.LOST, error=error, held="", look_at=now + FIRST_LOOK)


def looked(
    sighting: Sighting, delivery: Delivery, now: datetime, *, settled_at: datetime, luck: float
) -> Decision:
    """What a look for a lost step tells; `settled_at` is when absence begins to count.

    Absence is believed only after the settling time and at a second look.
    """
    match sighting:
        case Receipt():
            return Decision(Event.FOUND, due_at=now)
        case CannotTell(why, for_good=True):
            return Decision(Event.LOST, _with_look(delivery, why))
        case CannotTell(why):
            return _look_again(delivery, why, now)
        case Absent() if now >= settled_at and delivery.looks + 1 >= LOOKS_FOR_ABSENCE:
            return _absent(delivery, now, luck)
        case Absent():
            return Decision(
                Event.LOST,
                delivery.error,
                look_at=max(now + LOOKS_APART, settled_at),
                looks=delivery.looks + 1,
                blind_looks=delivery.blind_looks,
            )


def look_failed(error: PublishingError, delivery: Delivery, now: datetime) -> Decision:
    """What becomes of a delivery that could not be looked for: another look, later.

    An account that is refused here is not paused for it: that is for publishing to find out. A rate
    limit costs no look.
    """
    if isinstance(error, RateLimited):
        return replace(_unseen(delivery, str(error)), look_at=max(now + LOOKS_APART, error.until))
    again, until = _look_again(delivery, str(error), now), _named(error)
    return replace(again, look_at=again.look_at and max(again.look_at, until or again.look_at))


def _look_again(delivery: Delivery, why: str, now: datetime) -> Decision:
    """After the next, longer pause; after the last of them, a person is asked."""
    pauses = PAUSES_BETWEEN_LOOKS[delivery.blind_looks :]
    look_at = now + pauses[0] if pauses else None
    blind_looks = delivery.blind_looks + 1
    return replace(_unseen(delivery, why), look_at=look_at, blind_looks=blind_looks)


def _unseen(delivery: Delivery, why: str) -> Decision:
    return Decision(
        Event.LOST,
        _with_look(delivery, why),
        looks=delivery.looks,
        blind_looks=delivery.blind_looks,
    )


def _absent(delivery: Delivery, now: datetime, luck: float) -> Decision:
    """It is sent again after a pause, for a try was spent; or not, where that was the last."""
    due_at, expires_at = now + pause_before(delivery.tries, luck), delivery.order.expires_at
    if delivery.tries + 1 >= MOST_TRIES:
        return _gone(delivery, f"{MOST_TRIES} tries are used up")
    if expires_at and due_at >= expires_at:
        return _gone(delivery, "it has expired")
    return Decision(Event.ABSENT, due_at=due_at, spent=True)


def _gone(delivery: Delivery, why: str) -> Decision:
    said = delivery.error.partition(_LOOKED)[0]
    return Decision(Event.REFUSED, f"it is not there, and {why}: {said}")


def _with_look(delivery: Delivery, why: str) -> str:
    """What was said when it was lost, and what the newest look brought."""
    return f"{delivery.error.partition(_LOOKED)[0]}{_LOOKED}{why}"


def after_it(delivery: Delivery, decision: Decision, now: datetime) -> Delivery:
    """The delivery once the decision is written down. Raises NotPossible for no move of the table.

    What was seen sets the count of tries back, as any receipt does.
    """
    event = decision.event
    return replace(
        delivery,
        state=after(delivery.state, event),
        error=decision.error,
        held=decision.held,
        due_at=decision.due_at or delivery.due_at,
        look_at=decision.look_at,
        looks=decision.looks,
        blind_looks=decision.blind_looks,
        clear_fence=delivery.fence if event is Event.ABSENT else delivery.clear_fence,
        tries=0 if event is Event.FOUND else delivery.tries + decision.spent,
        claimed_by="",
        updated_at=now,
    )
