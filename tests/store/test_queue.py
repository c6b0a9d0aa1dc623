"""What people do with deliveries."""

import pytest

from builders import HOUR, NOON, an_order
from karnay.delivery import rules
from karnay.delivery.delivery import Delivery
from karnay.delivery.rules import Decision
from karnay.delivery.states import Event, State
from karnay.engine.publisher import LEASE
from karnay.errors import NotFound, NotPossible
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call
from karnay.store.journal import Journal
from karnay.store.queue import Queue

STEP = Step("create-1", Effect.ONCE, "k", Call("POST", "https://network.example", {}, {}), 0)
NASTY = "Шерзод a\u0301 👩‍👩‍👧 \u202eabc\u202c \u2028 ʻoʻ {token} %s ' \" \\"


def test_a_delivery_comes_back_as_it_was_queued(queue: Queue) -> None:
    order = an_order(NASTY, NASTY, expires_at=NOON + HOUR)
    [added] = queue.add([order], NOON)
    assert queue.get(added.id).order == order


def test_queued_again_it_is_brought_up_to_date_not_doubled(queue: Queue) -> None:
    [first] = queue.add([an_order("old words")], NOON)
    [second] = queue.add([an_order("new words", planned_at=NOON + HOUR)], NOON)
    assert second.id == first.id
    assert queue.get(first.id).order.variant.parts[0].text.text == "new words"
    assert queue.get(first.id).due_at == NOON + HOUR


def test_another_occurrence_is_another_delivery(queue: Queue) -> None:
    queue.add([an_order(), an_order(occurrence="2")], NOON)
    assert len(queue.all()) == 2


def published(queue: Queue, journal: Journal) -> int:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    attempt = journal.begin(delivery, STEP, NOON, LEASE, plan=[STEP])
    journal.receive(delivery, attempt, Receipt("57", "https://t.me/a/57"), NOON)
    return journal.settle(delivery, Decision(Event.FINISHED), NOON).id


def test_what_is_published_cannot_be_queued_again(queue: Queue, journal: Journal) -> None:
    published(queue, journal)
    with pytest.raises(NotPossible, match="is published: it cannot be queued again"):
        queue.add([an_order("other words")], NOON)


def test_all_are_queued_or_none(queue: Queue, journal: Journal) -> None:
    published(queue, journal)
    with pytest.raises(NotPossible):
        queue.add([an_order(account="mastodon"), an_order()], NOON)
    assert len(queue.all()) == 1


def test_links_are_told_by_delivery(queue: Queue, journal: Journal) -> None:
    delivery = published(queue, journal)
    assert queue.links([delivery]) == {delivery: ["https://t.me/a/57"]}


def test_a_moved_delivery_bears_its_new_moment(queue: Queue) -> None:
    [added] = queue.add([an_order()], NOON)
    moved = queue.move(added.id, NOON + HOUR, NOON)
    assert (moved.due_at, moved.order.planned_at) == (NOON + HOUR, NOON + HOUR)


def half_published(queue: Queue, journal: Journal) -> int:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    attempt = journal.begin(delivery, STEP, NOON, LEASE, plan=[STEP])
    journal.receive(delivery, attempt, Receipt("57"), NOON)
    return journal.settle(delivery, Decision(Event.POSTPONED, due_at=NOON), NOON).id


@pytest.mark.parametrize("times", [1, 2])
def test_a_half_published_thread_that_is_moved_keeps_the_moment_it_bears(
    queue: Queue, journal: Journal, times: int
) -> None:
    delivery = half_published(queue, journal)
    [*_, moved] = [queue.move(delivery, NOON + HOUR * n, NOON) for n in range(1, times + 1)]
    assert (moved.due_at, moved.order.planned_at) == (NOON + HOUR * times, NOON + HOUR * times)
    assert moved.order.key == an_order().key
    assert journal.progress(moved).steps == (STEP,)


def test_one_that_was_moved_away_lets_the_others_of_its_account_go_first(
    queue: Queue, journal: Journal
) -> None:
    queue.move(half_published(queue, journal), NOON + 24 * HOUR, NOON)
    [other] = queue.add([an_order(post="other", planned_at=NOON + HOUR)], NOON)
    assert [one.id for one in journal.claim(NOON + HOUR, LEASE)] == [other.id]


def test_the_trail_keeps_the_moment_from_which_it_was_moved(queue: Queue) -> None:
    [added] = queue.add([an_order()], NOON)
    queue.move(added.id, NOON + HOUR, NOON)
    moved = queue.history(added.id).trail[-1]
    assert moved.detail == "from 2026-11-24T12:00:00+00:00 to 2026-11-24T13:00:00+00:00"


def test_one_that_may_be_there_is_queued_again_under_the_same_key(
    queue: Queue, journal: Journal
) -> None:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    attempt = journal.begin(delivery, STEP, NOON, LEASE, plan=[STEP])
    later = Decision(Event.POSTPONED, due_at=NOON, outcome="Transient")
    journal.settle(delivery, later, NOON, attempt)
    [again] = queue.add([an_order(planned_at=NOON + HOUR)], NOON)
    assert (again.order.key, again.due_at) == (an_order().key, NOON + HOUR)


def test_moving_lets_go_of_what_held_it(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    journal.settle(delivery, Decision(Event.POSTPONED, held="late"), NOON)
    assert journal.claim(NOON, LEASE) == []
    assert queue.move(delivery.id, NOON, NOON).held == ""
    assert len(journal.claim(NOON, LEASE)) == 1


def test_what_is_cancelled_is_not_claimed(queue: Queue, journal: Journal) -> None:
    [added] = queue.add([an_order()], NOON)
    queue.cancel(added.id, NOON)
    assert journal.claim(NOON + HOUR, LEASE) == []


@pytest.fixture
def keyed_in_doubt(queue: Queue, journal: Journal) -> Delivery:
    """A keyed step of it had no answer; it will be tried again."""
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    step = Step("put-1", Effect.KEYED, "k", Call("POST", "https://x.example"), 0)
    attempt = journal.begin(delivery, step, NOON, LEASE, plan=[step])
    decision = Decision(Event.POSTPONED, "cut", due_at=NOON + HOUR, outcome="Transient")
    return journal.settle(delivery, decision, NOON, attempt)


def test_what_may_be_public_is_looked_for_before_it_is_called_cancelled(
    queue: Queue, journal: Journal, keyed_in_doubt: Delivery
) -> None:
    cancelled = queue.cancel(keyed_in_doubt.id, NOON)
    assert (cancelled.state, cancelled.order.expires_at) == (State.UNKNOWN, NOON)
    assert [one.id for one in journal.claim_looks(NOON + HOUR, LEASE)] == [keyed_in_doubt.id]


def test_what_may_be_public_is_not_queued_with_other_words(
    queue: Queue, keyed_in_doubt: Delivery
) -> None:
    with pytest.raises(NotPossible, match="may be public with the words of before"):
        queue.add([an_order("Other words.")], NOON)


def test_what_may_be_public_is_queued_again_with_the_same_words(
    queue: Queue, keyed_in_doubt: Delivery
) -> None:
    [again] = queue.add([an_order(planned_at=NOON + HOUR)], NOON)
    assert (again.id, again.order.moment) == (keyed_in_doubt.id, NOON)


def test_what_is_under_way_cannot_be_cancelled(queue: Queue, journal: Journal) -> None:
    [added] = queue.add([an_order()], NOON)
    journal.claim(NOON, LEASE)
    with pytest.raises(NotPossible, match="publishing cannot be cancelled"):
        queue.cancel(added.id, NOON)


def test_a_failed_delivery_can_be_tried_again_by_a_person(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    journal.settle(delivery, Decision(Event.REFUSED, "400 no"), NOON)
    retried = queue.retry(delivery.id, NOON + HOUR)
    assert (retried.state, retried.due_at, retried.error) == (State.SCHEDULED, NOON + HOUR, "")


def test_the_trail_says_who_did_what(queue: Queue) -> None:
    [added] = queue.add([an_order()], NOON)
    queue.cancel(added.id, NOON + HOUR)
    trail = [(entry.who, entry.action) for entry in queue.history(added.id).trail]
    assert trail == [("nilufar", "queued"), ("nilufar", "cancelled")]


def test_an_unknown_number_is_not_found(queue: Queue) -> None:
    with pytest.raises(NotFound, match="there is no delivery 77"):
        queue.get(77)


def test_counts_name_every_state(queue: Queue) -> None:
    queue.add([an_order()], NOON)
    assert queue.counts() == {state: int(state is State.SCHEDULED) for state in State}


def in_doubt(queue: Queue, journal: Journal, *steps: Step) -> int:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    attempt = journal.begin(delivery, steps[0], NOON, LEASE, plan=steps)
    return journal.settle(delivery, Decision(Event.LOST, "timeout"), NOON, attempt).id


SECOND_STEP = Step("create-2", Effect.ONCE, "k2", Call("POST", "https://network.example"), 1)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Event.FOUND, State.PUBLISHED),
        (Event.ABSENT, State.SCHEDULED),
        (Event.GIVEN_UP, State.FAILED),
    ],
)
def test_a_person_settles_what_is_unknown(
    queue: Queue, journal: Journal, event: Event, state: State
) -> None:
    delivery = in_doubt(queue, journal, STEP)
    assert queue.resolve(delivery, event, NOON, "https://t.me/a/57").state is state


def test_a_thread_whose_part_a_person_has_seen_goes_on_with_the_next(
    queue: Queue, journal: Journal
) -> None:
    delivery = in_doubt(queue, journal, STEP, SECOND_STEP)
    resolved = queue.resolve(delivery, Event.FOUND, NOON, "https://t.me/a/57")
    assert resolved.state is State.SCHEDULED
    progress = journal.progress(resolved)
    assert progress.remaining == (SECOND_STEP,)
    assert progress.receipts["create-1"].id == "57"


@pytest.mark.parametrize("event", [Event.FOUND, Event.ABSENT, Event.GIVEN_UP])
def test_what_is_not_in_doubt_needs_nobodys_word(queue: Queue, event: Event) -> None:
    [added] = queue.add([an_order()], NOON)
    with pytest.raises(NotPossible):
        queue.resolve(added.id, event, NOON, "https://t.me/a/57")


@pytest.mark.parametrize("event", [Event.FOUND, Event.ABSENT, Event.GIVEN_UP])
def test_a_persons_word_ends_an_attempt_that_has_no_other_end(
    queue: Queue, journal: Journal, event: Event
) -> None:
    queue.add([an_order()], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    journal.begin(delivery, STEP, NOON, LEASE, plan=[STEP])
    unknown = journal.settle(delivery, Decision(Event.LOST, "its worker is gone"), NOON)
    queue.resolve(unknown.id, event, NOON + HOUR, "https://t.me/a/57")
    [ended] = queue.history(unknown.id).attempts
    assert (ended.outcome, ended.ended_at) == (event, NOON + HOUR)
    assert ended.detail == "nilufar said so: https://t.me/a/57"


def test_an_attempt_that_has_ended_is_left_as_it_was(queue: Queue, journal: Journal) -> None:
    delivery = in_doubt(queue, journal, STEP)
    before = queue.history(delivery).attempts
    queue.resolve(delivery, Event.ABSENT, NOON + HOUR)
    assert queue.history(delivery).attempts == before


def test_what_a_person_has_found_absent_is_in_doubt_no_more(queue: Queue, journal: Journal) -> None:
    delivery = in_doubt(queue, journal, STEP)
    resolved = queue.resolve(delivery, Event.ABSENT, NOON)
    assert not rules.in_doubt(resolved, journal.attempts_at(resolved, STEP))


def test_what_a_person_gave_up_stays_in_doubt(queue: Queue, journal: Journal) -> None:
    delivery = in_doubt(queue, journal, STEP)
    resolved = queue.resolve(delivery, Event.GIVEN_UP, NOON)
    assert rules.in_doubt(resolved, journal.attempts_at(resolved, STEP))
