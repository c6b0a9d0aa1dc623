"""The state machine is the table, and nothing else."""

import itertools

import pytest

from karnay.delivery.states import MOVES, SETTLED, Event, State, after
from karnay.errors import NotPossible

EVERYTHING = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), sorted(MOVES))
def test_a_move_of_the_table_is_made(state: State, event: Event) -> None:
    assert after(state, event) is MOVES[state, event]


@pytest.mark.parametrize(("state", "event"), sorted(set(EVERYTHING) - set(MOVES)))
def test_any_other_move_is_refused_in_words(state: State, event: Event) -> None:
    with pytest.raises(NotPossible, match=f"a delivery that is {state} cannot be {event}"):
        after(state, event)


def test_what_is_published_stays_published() -> None:
    assert not [event for state, event in MOVES if state is State.PUBLISHED]


def test_every_state_that_is_not_settled_has_a_way_on() -> None:
    assert {state for state, _ in MOVES} >= set(State) - SETTLED


def test_an_unknown_outcome_is_never_published_again_without_proof_of_absence() -> None:
    ways = {event for (state, event), to in MOVES.items() if state is State.UNKNOWN}
    refusals = {Event.REFUSED, Event.GIVEN_UP}
    assert ways == {Event.FOUND, Event.FINISHED, Event.LOST, Event.ABSENT} | refusals
