"""Claims, fences, attempts with both ends."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import HOUR, NOON, an_order
from karnay.delivery.delivery import Attempt, Delivery
from karnay.delivery.rules import Decision
from karnay.delivery.states import Event, State
from karnay.errors import ClaimLost
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call, Ref
from karnay.store.claims import CLAIM_LOOKS
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue

LEASE = timedelta(minutes=3)
SECOND = timedelta(seconds=1)
STEPS = [
    Step("create-1", Effect.ONCE, "k1", Call("POST", "https://network.example/{token}", {}, {}), 0),
    Step("create-2", Effect.ONCE, "k2", Call("POST", "/", {}, {"to": Ref("create-1")}), 1),
]
AN_ATTEMPT = Attempt(1, "create-1", NOON)


def claimed(queue: Queue, journal: Journal, *texts: str) -> Delivery:
    queue.add([an_order(*texts)], NOON)
    [delivery] = journal.claim(NOON, LEASE)
    return delivery


def test_nothing_is_claimed_before_it_is_due(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON - HOUR)
    assert journal.claim(NOON - timedelta(microseconds=1), LEASE) == []


def test_what_is_due_is_claimed_once(queue: Queue, journal: Journal) -> None:
    delivery = claimed(queue, journal)
    assert delivery.state is State.PUBLISHING
    assert journal.claim(NOON, LEASE) == []


def test_an_account_publishes_one_delivery_at_a_time_in_order(
    queue: Queue, journal: Journal
) -> None:
    later, sooner = an_order(post="b"), an_order(post="a", planned_at=NOON - SECOND)
    queue.add([later, sooner], NOON)
    [first] = journal.claim(NOON, LEASE)
    assert first.order.post == "a"
    assert journal.claim(NOON, LEASE) == []
    journal.settle(first, Decision(Event.FINISHED), NOON)
    [second] = journal.claim(NOON, LEASE)
    assert second.order.post == "b"


def test_different_accounts_publish_at_once(queue: Queue, journal: Journal) -> None:
    queue.add([an_order(account="telegram-uz"), an_order(account="telegram-ru")], NOON)
    assert len(journal.claim(NOON, LEASE)) == 2


def test_a_paused_account_keeps_its_queue(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    queue.pause(["telegram"], "holiday", NOON)
    assert journal.claim(NOON, LEASE) == []
    queue.resume(["telegram"], NOON)
    assert len(journal.claim(NOON, LEASE)) == 1


def test_an_account_stays_quiet_for_its_least_gap(queue: Queue, journal: Journal) -> None:
    queue.add([an_order()], NOON)
    queue.add([an_order(post="before", planned_at=NOON - SECOND)], NOON)
    [before] = journal.claim(NOON, LEASE)
    journal.settle(before, Decision(Event.FINISHED, wait_until=NOON + HOUR), NOON)
    assert journal.claim(NOON, LEASE) == []
    assert journal.next_moment() == NOON + HOUR
    assert len(journal.claim(NOON + HOUR, LEASE)) == 1


def test_only_the_named_deliveries_are_claimed(queue: Queue, journal: Journal) -> None:
    _, wanted = queue.add([an_order(account="a"), an_order(account="b")], NOON)
    assert [one.id for one in journal.claim(NOON, LEASE, only=[wanted.id])] == [wanted.id]


def test_a_step_is_frozen_as_it_was_planned(queue: Queue, journal: Journal) -> None:
    delivery = claimed(queue, journal)
    journal.begin(delivery, STEPS[0], NOON, LEASE, plan=STEPS)
    assert list(journal.progress(delivery).steps) == STEPS


def test_an_attempt_is_on_record_before_and_after_its_request(
    queue: Queue, journal: Journal
) -> None:
    delivery = claimed(queue, journal)
    attempt = journal.begin(delivery, STEPS[0], NOON, LEASE, plan=STEPS)
    assert journal.open_effect(delivery) == (replace(attempt, number=1), Effect.ONCE)
    journal.receive(delivery, attempt, Receipt("57", "https://t.me/a/57"), NOON + SECOND)
    assert journal.open_effect(delivery) is None
    [ended] = queue.history(delivery.id).attempts
    assert (ended.began_at, ended.ended_at, ended.outcome) == (NOON, NOON + SECOND, "ok")


def test_a_thread_goes_on_with_the_first_part_without_a_receipt(
    queue: Queue, journal: Journal
) -> None:
    delivery = claimed(queue, journal)
    attempt = journal.begin(delivery, STEPS[0], NOON, LEASE, plan=STEPS)
    journal.receive(delivery, attempt, Receipt("57"), NOON)
    assert journal.progress(delivery).remaining == (STEPS[1],)


@pytest.mark.parametrize("write", ["begin", "finish", "settle"])
def test_a_claim_that_was_taken_over_writes_nothing(
    queue: Queue, journal: Journal, database: Database, write: str
) -> None:
    delivery = claimed(queue, journal)
    other = Journal(database, "elsewhere:2")
    [rescued] = other.claim_lost(NOON + LEASE, LEASE, all_others=False)
    assert rescued.fence > delivery.fence
    arguments = {
        "begin": (delivery, STEPS[0], NOON, LEASE),
        "finish": (delivery, AN_ATTEMPT, Receipt("57"), Decision(Event.FINISHED), NOON),
        "settle": (delivery, Decision(Event.FINISHED), NOON),
    }
    with pytest.raises(ClaimLost):
        getattr(journal, write)(*arguments[write])
    assert queue.history(delivery.id).attempts == ()


def test_a_claim_in_its_lease_is_left_alone(queue: Queue, journal: Journal) -> None:
    claimed(queue, journal)
    assert journal.claim_lost(NOON + LEASE - SECOND, LEASE, all_others=False) == []


def test_at_start_every_other_owners_claim_is_taken_over(
    queue: Queue, journal: Journal, database: Database
) -> None:
    claimed(queue, journal)
    assert journal.claim_lost(NOON, LEASE, all_others=True) == []
    assert len(Journal(database, "here:2").claim_lost(NOON, LEASE, all_others=True)) == 1


def test_an_account_error_pauses_the_account_in_the_same_write(
    queue: Queue, journal: Journal
) -> None:
    delivery = claimed(queue, journal)
    journal.settle(delivery, Decision(Event.POSTPONED, "401", pause="401 revoked"), NOON)
    assert queue.accounts()["telegram"].paused == "401 revoked"
    assert queue.get(delivery.id).state is State.SCHEDULED


def test_an_unknown_delivery_is_looked_for_when_its_time_comes(
    queue: Queue, journal: Journal
) -> None:
    delivery = claimed(queue, journal)
    journal.settle(delivery, Decision(Event.LOST, "timeout", look_at=NOON + SECOND), NOON)
    assert journal.next_moment() == NOON + SECOND
    assert journal.claim_looks(NOON, LEASE) == []
    [looking] = journal.claim_looks(NOON + SECOND, LEASE)
    assert looking.state is State.UNKNOWN


def test_of_two_daemons_only_one_looks(
    postgres_url: str, tmp_path: Path
) -> None:  # the other does not even wait for it
    with closing(Database(postgres_url, tmp_path)) as database:
        journal = Journal(database, "here:1")
        delivery = claimed(Queue(database, "nilufar"), journal)
        journal.settle(delivery, Decision(Event.LOST, "timeout", look_at=NOON), NOON)
        with closing(database.bare()) as other, other.transaction():
            [taken] = other.answers([(CLAIM_LOOKS, {"now": NOON, "until": NOON, "most": 9})])
            assert len(taken) == 1
            assert journal.claim_looks(NOON, LEASE) == []


def test_an_idle_journal_has_no_next_moment(journal: Journal) -> None:
    assert journal.next_moment() is None


def test_a_later_delivery_does_not_overtake_one_that_waits_for_another_try(
    queue: Queue, journal: Journal
) -> None:
    queue.add([an_order(post="a"), an_order(post="b", planned_at=NOON + SECOND)], NOON)
    [first] = journal.claim(NOON, LEASE)
    journal.settle(first, Decision(Event.POSTPONED, "502", due_at=NOON + HOUR), NOON)
    assert journal.claim(NOON + SECOND, LEASE) == []
    assert journal.next_moment() == NOON + HOUR
    [again] = journal.claim(NOON + HOUR, LEASE)
    assert again.order.post == "a"


def test_what_our_own_workers_hold_is_not_taken_for_lost(queue: Queue, journal: Journal) -> None:
    delivery = claimed(queue, journal)
    later = NOON + 2 * LEASE
    assert journal.claim_lost(later, LEASE, all_others=False, in_hand={delivery.id}) == []


def test_a_shorter_silence_does_not_end_a_longer_one(queue: Queue, journal: Journal) -> None:
    delivery = claimed(queue, journal)
    waiting = journal.settle(delivery, Decision(Event.POSTPONED, wait_until=NOON + HOUR), NOON)
    [again] = journal.claim(NOON + HOUR, LEASE)
    journal.settle(again, Decision(Event.FINISHED, wait_until=NOON + SECOND), NOON)
    assert waiting.state is State.SCHEDULED
    assert queue.accounts()["telegram"].quiet_until == NOON + HOUR


def test_the_daemon_does_not_overwrite_a_persons_pause(queue: Queue, journal: Journal) -> None:
    delivery = claimed(queue, journal)
    queue.pause(["telegram"], "day of mourning", NOON)
    journal.settle(delivery, Decision(Event.POSTPONED, "401", pause="401 revoked"), NOON)
    assert queue.accounts()["telegram"].paused == "day of mourning"
