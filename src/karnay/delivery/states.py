"""The states of a delivery and the moves between them, as one table."""

from __future__ import annotations

from enum import StrEnum

from karnay.errors import NotPossible


class State(StrEnum):
    """Where a delivery is in its life. `due` and `held` are no states: see `Delivery`."""

    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to a delivery."""

    CLAIMED = "claimed"
    FINISHED = "finished"  # all steps have receipts
    POSTPONED = "postponed"  # later: not sent, transient, rate limited, account paused, held
    REFUSED = "refused"  # the network said no for good, or tries or time are used up
    LOST = "lost"  # sent, outcome unknown; or the worker died in a visible step
    FOUND = "found"  # looked for and seen there
    ABSENT = "absent"  # looked for, waited, looked again: proven not there
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # too late, and the post says skip
    RETRIED = "retried"
    GIVEN_UP = "given up"


MOVES: dict[tuple[State, Event], State] = {
    (State.SCHEDULED, Event.CLAIMED): State.PUBLISHING,
    (State.SCHEDULED, Event.CANCELLED): State.CANCELLED,
    (State.SCHEDULED, Event.LOST): State.UNKNOWN,  # cancelled, but an earlier answer was lost
    (State.PUBLISHING, Event.FINISHED): State.PUBLISHED,
    (State.PUBLISHING, Event.POSTPONED): State.SCHEDULED,
    (State.PUBLISHING, Event.REFUSED): State.FAILED,
    (State.PUBLISHING, Event.SKIPPED): State.CANCELLED,
    (State.PUBLISHING, Event.LOST): State.UNKNOWN,
    (State.UNKNOWN, Event.FOUND): State.SCHEDULED,  # due at once: goes on with the next step
    (State.UNKNOWN, Event.FINISHED): State.PUBLISHED,
    (State.UNKNOWN, Event.LOST): State.UNKNOWN,  # looked for, and still not known
    (State.UNKNOWN, Event.ABSENT): State.SCHEDULED,
    (State.UNKNOWN, Event.REFUSED): State.FAILED,  # absent, and tries or time are used up
    (State.UNKNOWN, Event.GIVEN_UP): State.FAILED,
    (State.FAILED, Event.RETRIED): State.SCHEDULED,
    (State.FAILED, Event.LOST): State.UNKNOWN,  # retried, but it was given up in doubt
    (State.CANCELLED, Event.RETRIED): State.SCHEDULED,
}
"""Every move there is; what is not here cannot happen."""

SETTLED = frozenset({State.PUBLISHED, State.FAILED, State.CANCELLED})
"""The states in which nothing more happens by itself."""


def after(state: State, event: Event) -> State:
    """The state that follows. Raises NotPossible, with the reason in words."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise NotPossible(f"a delivery that is {state} cannot be {event}") from None
