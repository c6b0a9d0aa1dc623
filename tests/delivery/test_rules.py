"""What happens next, as a table of errors and sightings."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOUR, NOON, a_delivery, an_order
from karnay.delivery import rules
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
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt
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


def test_what_is_seen_there_goes_on() -> None:
    decision = rules.looked(Receipt("57"), a_delivery(State.UNKNOWN), NOON, NOON)
    assert decision.event is Event.FOUND


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
    looks: int, settled_at: object, event: Event
) -> None:
    delivery = a_delivery(State.UNKNOWN, looks=looks)
    assert rules.looked(Absent(), delivery, NOON, settled_at).event is event


def test_where_nobody_can_tell_a_person_is_asked() -> None:
    decision = rules.looked(CannotTell("no history"), a_delivery(State.UNKNOWN), NOON, NOON)
    assert (decision.event, decision.look_at) == (Event.LOST, None)
    assert "no history" in decision.error


def test_a_look_that_failed_is_repeated_and_proves_nothing() -> None:
    delivery = a_delivery(State.UNKNOWN, looks=1)
    decision = rules.look_failed(Transient("502"), delivery, NOON, LUCK)
    assert (decision.event, decision.looks, decision.spent) == (Event.LOST, 1, True)
    assert decision.look_at is not None
    assert decision.look_at > NOON


@pytest.mark.parametrize(
    ("error", "tries"), [(AccountError("401"), 0), (Transient("502"), rules.MOST_TRIES - 1)]
)
def test_a_look_that_cannot_succeed_asks_a_person(error: PublishingError, tries: int) -> None:
    decision = rules.look_failed(error, a_delivery(State.UNKNOWN, tries=tries), NOON, LUCK)
    assert (decision.event, decision.look_at) == (Event.LOST, None)


def test_a_look_that_is_rate_limited_costs_no_try_however_often() -> None:
    tired = a_delivery(State.UNKNOWN, tries=rules.MOST_TRIES - 1)
    decision = rules.look_failed(RateLimited("429", NOON + HOUR), tired, NOON, LUCK)
    assert (decision.spent, decision.look_at) == (False, NOON + HOUR)
