"""What happens next, as a table of errors and sightings."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOUR, NOON, a_delivery, an_order
from karnay.delivery import rules
from karnay.delivery.delivery import Attempt, Delivery
from karnay.delivery.states import Event, State
from karnay.errors import (
    AccountError,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt, Sighting
from karnay.scheduling.late import Verdict

LUCK = 0.5


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (NotSent("refused"), Event.POSTPONED),
        (Transient("502"), Event.POSTPONED),
        (RateLimited("429", NOON + HOUR), Event.POSTPONED),
        (AccountError("401"), Event.POSTPONED),
        (Rejected("too long"), Event.REFUSED),
        (OutcomeUnknown("timeout"), Event.LOST),
        (PublishingError("unforeseen"), Event.LOST),
    ],
)
def test_an_error_says_what_happens_next(error: PublishingError, event: Event) -> None:
    assert rules.failed(error, a_delivery(), NOON, LUCK).event is event


def test_a_rate_limit_costs_no_try_and_keeps_the_whole_account_quiet() -> None:
    decision = rules.failed(RateLimited("429", NOON + HOUR), a_delivery(), NOON, LUCK)
    assert (decision.spent, decision.due_at) == (False, None)
    assert decision.wait_until == NOON + HOUR


def test_an_account_error_pauses_the_account_and_keeps_the_due_time() -> None:
    decision = rules.failed(AccountError("401 revoked"), a_delivery(), NOON, LUCK)
    assert (decision.pause, decision.due_at) == ("401 revoked", None)


def test_a_network_that_names_a_time_is_left_alone_until_then() -> None:
    decision = rules.failed(Transient("503", NOON + HOUR), a_delivery(), NOON, LUCK)
    assert decision.due_at == NOON + HOUR


def test_a_network_that_names_a_time_is_left_alone_by_the_whole_account() -> None:
    decision = rules.failed(Transient("503", NOON + HOUR), a_delivery(), NOON, LUCK)
    assert decision.wait_until == NOON + HOUR


def test_a_lost_answer_is_looked_for_when_the_network_may_be_asked_again() -> None:
    decision = rules.failed(OutcomeUnknown("503", NOON + HOUR), a_delivery(), NOON, LUCK)
    assert (decision.look_at, decision.wait_until) == (NOON + HOUR, NOON + HOUR)


def test_what_may_be_public_is_never_called_expired() -> None:
    delivery = a_delivery(order=an_order(expires_at=NOON + timedelta(minutes=1)))
    decision = rules.failed(OutcomeUnknown("503", NOON + HOUR), delivery, NOON, LUCK)
    assert decision.event is Event.LOST


def test_the_last_try_is_the_last() -> None:
    tired = a_delivery(tries=rules.MOST_TRIES - 1)
    decision = rules.failed(NotSent("no route"), tired, NOON, LUCK)
    assert decision.event is Event.REFUSED
    assert "no route" in decision.error


def test_what_would_be_tried_again_after_it_expires_is_failed() -> None:
    expiring = a_delivery(order=an_order(expires_at=NOON + timedelta(minutes=5)))
    decision = rules.failed(RateLimited("429", NOON + HOUR), expiring, NOON, LUCK)
    assert decision.event is Event.REFUSED


@given(tries=st.integers(0, 1000), luck=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_under_a_second_nor_over_the_cap(tries: int, luck: float) -> None:
    assert timedelta(seconds=1) <= rules.pause_before(tries, luck) <= rules.LONGEST_PAUSE


@pytest.mark.parametrize(
    ("effect", "event"),
    [
        (Effect.ONCE, Event.LOST),
        (Effect.KEYED, Event.POSTPONED),
        (Effect.SAFE, Event.POSTPONED),
        (None, Event.POSTPONED),
    ],
)
def test_a_lost_worker_leaves_a_doubt_only_in_a_visible_step(
    effect: Effect | None, event: Event
) -> None:
    assert rules.worker_lost(effect, NOON).event is event


@pytest.mark.parametrize(
    ("verdict", "event"),
    [
        (Verdict.HOLD, Event.POSTPONED),
        (Verdict.SKIP, Event.SKIPPED),
        (Verdict.EXPIRED, Event.REFUSED),
    ],
)
def test_a_late_delivery_follows_its_posts_policy(verdict: Verdict, event: Event) -> None:
    decision = rules.too_late(verdict, a_delivery())
    assert decision is not None
    assert decision.event is event


def test_a_late_delivery_says_what_it_waited_for() -> None:
    waited = a_delivery(error="budget: 2 of 2 a day used; goes on at 14:05")
    held = rules.too_late(Verdict.HOLD, waited)
    assert held is not None
    assert held.held == f"late: it was due 2026-11-24 12:00 UTC; {waited.error}"


def test_what_is_in_time_goes_ahead() -> None:
    assert rules.too_late(Verdict.GO, a_delivery()) is None


def looked(sighting: Sighting, delivery: Delivery, settled_at: datetime = NOON) -> rules.Decision:
    return rules.looked(sighting, delivery, NOON, settled_at=settled_at, luck=LUCK)


def test_what_is_seen_there_goes_on() -> None:
    assert looked(Receipt("57"), a_delivery(State.UNKNOWN)).event is Event.FOUND


@pytest.mark.parametrize(
    ("looks", "settled_at", "event"),
    [
        (0, NOON, Event.LOST),  # the first look never proves absence
        (1, NOON + HOUR, Event.LOST),  # nor does a second one before it has settled
        (1, NOON, Event.ABSENT),
        (5, NOON, Event.ABSENT),
    ],
)
def test_absence_counts_only_when_settled_and_at_a_second_look(
    looks: int, settled_at: datetime, event: Event
) -> None:
    assert looked(Absent(), a_delivery(State.UNKNOWN, looks=looks), settled_at).event is event


def test_what_is_absent_is_sent_again_after_a_pause_and_has_cost_a_try() -> None:
    absent = looked(Absent(), a_delivery(State.UNKNOWN, looks=1, tries=3))
    assert absent.spent
    assert absent.due_at == NOON + rules.pause_before(3, LUCK)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tries": rules.MOST_TRIES - 1}, "12 tries are used up"),
        ({"order": an_order(expires_at=NOON)}, "it has expired"),
    ],
)
def test_what_is_absent_and_may_not_be_sent_again_has_failed(
    changes: dict[str, Any], why: str
) -> None:
    delivery = a_delivery(State.UNKNOWN, looks=1, error="timeout", **changes)
    assert looked(Absent(), delivery) == rules.Decision(
        Event.REFUSED, f"it is not there, and {why}: timeout"
    )


def test_what_nobody_can_ever_tell_is_for_a_person_at_once() -> None:
    decision = looked(CannotTell("no history", for_good=True), a_delivery(State.UNKNOWN))
    assert (decision.event, decision.look_at) == (Event.LOST, None)
    assert "no history" in decision.error


BLIND = (CannotTell("a log-in page"), Transient("502"), AccountError("401"), NotSent("no route"))


def blind(seen: CannotTell | PublishingError, delivery: Delivery) -> rules.Decision:
    if isinstance(seen, CannotTell):
        return looked(seen, delivery)
    return rules.look_failed(seen, delivery, NOON)


@pytest.mark.parametrize("seen", BLIND, ids=str)
@pytest.mark.parametrize(("looks", "minutes"), list(enumerate((1, 2, 5, 15, 30, 60))))
def test_a_look_that_could_not_tell_is_repeated_after_growing_pauses(
    seen: CannotTell | PublishingError, looks: int, minutes: int
) -> None:
    decision = blind(seen, a_delivery(State.UNKNOWN, looks=1, blind_looks=looks))
    assert decision.look_at == NOON + timedelta(minutes=minutes)
    assert (decision.looks, decision.blind_looks) == (1, looks + 1)
    assert (decision.spent, decision.pause) == (False, "")


@pytest.mark.parametrize("seen", BLIND, ids=str)
def test_after_the_last_of_them_a_person_is_asked(seen: CannotTell | PublishingError) -> None:
    tired = a_delivery(State.UNKNOWN, blind_looks=len(rules.PAUSES_BETWEEN_LOOKS))
    assert blind(seen, tired).look_at is None


def test_a_look_comes_no_sooner_than_the_network_asks() -> None:
    decision = rules.look_failed(RateLimited("429", NOON + HOUR), a_delivery(State.UNKNOWN), NOON)
    assert decision.look_at == NOON + HOUR


def test_the_error_tells_the_loss_and_the_newest_look_alone() -> None:
    delivery = a_delivery(State.UNKNOWN, error="timeout")
    once = rules.after_it(delivery, looked(CannotTell("portal"), delivery), NOON)
    assert once.error == "timeout; looked: portal"
    assert looked(CannotTell("404"), once).error == "timeout; looked: 404"


def attempts(*outcomes: str) -> list[Attempt]:
    return [
        Attempt(1, "create-1", NOON, number, fence=number, ended_at=NOON, outcome=outcome)
        for number, outcome in enumerate(outcomes, 1)
    ]


@pytest.mark.parametrize(
    ("outcomes", "doubtful"),
    [
        ((), False),
        (("NotSent", "RateLimited", "AccountError", "Rejected", "absent"), False),
        (("Transient", "NotSent"), True),
        (("postponed",), True),  # its worker was lost
        (("",), True),  # it never ended
    ],
)
def test_an_attempt_that_may_have_made_something_leaves_a_doubt(
    outcomes: tuple[str, ...], doubtful: bool
) -> None:
    assert rules.in_doubt(a_delivery(fence=9), attempts(*outcomes)) is doubtful


def test_proof_of_absence_ends_the_doubts_before_it() -> None:
    unknown = a_delivery(State.UNKNOWN, fence=2, looks=1)
    cleared = rules.after_it(unknown, looked(Absent(), unknown), NOON)
    assert not rules.in_doubt(cleared, attempts("Transient", "Transient"))
    assert rules.in_doubt(cleared, attempts("Transient", "Transient", "Transient"))


ENDS = (
    rules.Decision(Event.REFUSED, "given up"),
    rules.Decision(Event.SKIPPED, "given up"),
    rules.Decision(Event.POSTPONED, held="given up"),
)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.event.value)
def test_what_may_be_there_is_looked_for_before_it_is_given_up(end: rules.Decision) -> None:
    decision = rules.if_not_there(end, a_delivery(fence=1), attempts("Transient"), NOON)
    assert (decision.event, decision.error, decision.held) == (Event.LOST, "given up", "")
    assert decision.look_at == NOON + rules.FIRST_LOOK


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.event.value)
def test_what_left_nothing_behind_is_simply_given_up(end: rules.Decision) -> None:
    assert rules.if_not_there(end, a_delivery(), attempts("NotSent"), NOON) is end


def test_what_is_only_put_off_needs_no_look() -> None:
    later = rules.Decision(Event.POSTPONED, "502", due_at=NOON + HOUR)
    assert rules.if_not_there(later, a_delivery(), attempts("Transient"), NOON) is later


def test_what_was_seen_sets_the_count_of_tries_back() -> None:
    tired = a_delivery(State.UNKNOWN, tries=11)
    assert rules.after_it(tired, looked(Receipt("57"), tired), NOON).tries == 0


def test_a_look_that_is_rate_limited_costs_none_however_often() -> None:
    tired = a_delivery(State.UNKNOWN, blind_looks=len(rules.PAUSES_BETWEEN_LOOKS))
    decision = rules.look_failed(RateLimited("429", NOON + HOUR), tired, NOON)
    assert (decision.blind_looks, decision.look_at) == (tired.blind_looks, NOON + HOUR)
