"""All that daemons and people do to the store, in any order, against a model in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from builders import NOON, an_order
from karnay.delivery.delivery import Attempt, Delivery
from karnay.delivery.rules import FIRST_LOOK, Decision
from karnay.delivery.states import Event, State, after
from karnay.engine.publisher import LEASE
from karnay.errors import ClaimLost, NotPossible
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call, Ref
from karnay.store.checking import contradictions
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.store.tables import metadata

MOST = 4  # deliveries: so that each of them has a life
NEWEST = 4  # claims by which anybody still writes
MINUTE = timedelta(minutes=1)
ACCOUNTS = ("telegram", "telegram-ru")
PLAN = tuple(
    Step(f"create-{n}", Effect.ONCE, f"k{n}", Call("POST", "https://x.example", {}, body), n - 1)
    for n, body in ((1, {}), (2, {"reply_to": Ref("create-1")}))
)

_DOUBT_AFTER = {
    Event.LOST: True,
    Event.ABSENT: False,
    Event.FOUND: False,
    Event.FINISHED: False,
}

WRITES = (
    ("begin",),
    ("receive",),
    ("settle", Event.POSTPONED),
    ("settle", Event.REFUSED),
    ("settle", Event.LOST),
    ("looked", Event.FOUND),
    ("looked", Event.ABSENT),
    ("looked", Event.LOST),
)
"""What a daemon may write, by a claim that is still its own or not."""

any_of = st.integers(min_value=0, max_value=10**6)
"""A number for a choice among what there is."""


@dataclass
class Known:
    """What the model knows of a delivery; `doubt`: its next step may be public."""

    id: int
    account: str
    planned_at: datetime
    due_at: datetime
    state: State = State.SCHEDULED
    fence: int = 0
    receipts: int = 0
    planned: bool = False
    traces: bool = False
    doubt: bool = False
    look_at: datetime | None = None
    attempt: Attempt | None = None  # the open one

    @property
    def turn(self) -> tuple[datetime, int]:
        """Its place in its account's queue."""
        return self.planned_at, self.id

    def moves(self, event: Event) -> None:
        """The event happens, by the table."""
        self.state = after(self.state, event)


class Moves(RuleBasedStateMachine):
    """Two daemons that may have lost their claims, and a person."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        with database.writing() as connection:
            for table in ("attempts", "receipts", "steps", "audit", "accounts", "deliveries"):
                connection.execute(metadata.tables[table].delete())
        self.database = database
        self.queue = Queue(database, "nilufar")
        self.journals = [Journal(database, name) for name in ("here", "there")]
        self.now = NOON
        self.known: dict[int, Known] = {}
        self.paused: set[str] = set()
        self.handles: list[Delivery] = []  # what somebody believes to have, rightly or not
        self.begun: dict[tuple[int, int], Attempt] = {}  # by delivery and fence

    @initialize()
    def somebody_has_queued(self) -> None:
        for account in ACCOUNTS:
            self.add(account, 0)

    @rule(
        what=st.sampled_from(["claim", "claim", "claim_looks", "take_over"]), who=st.integers(0, 1)
    )
    def a_daemon_takes(self, what: str, who: int) -> None:
        self.now += MINUTE
        getattr(self, what)(who)

    @precondition(lambda self: self.handles)
    @rule(write=st.sampled_from(WRITES), which=any_of)
    def a_daemon_writes(self, write: tuple[Any, ...], which: int) -> None:
        what, *event = write
        getattr(self, what)(which, *event)

    @rule(what=st.sampled_from(["cancel", "retry"]), which=any_of)
    def a_person_decides(self, what: str, which: int) -> None:
        getattr(self, what)(which)

    @rule(event=st.sampled_from([Event.FOUND, Event.ABSENT, Event.GIVEN_UP]), which=any_of)
    def a_person_has_looked(self, event: Event, which: int) -> None:
        self.resolve(which, event)

    @rule(what=st.sampled_from(["add", "move"]), which=any_of, minutes=st.integers(0, 2))
    def a_person_plans(self, what: str, which: int, minutes: int) -> None:
        if what == "move":
            self.move(which, minutes)
        elif len(self.known) < MOST:
            self.add(ACCOUNTS[which % len(ACCOUNTS)], minutes)

    @rule(account=st.sampled_from(ACCOUNTS))
    def a_person_pauses_or_resumes(self, account: str) -> None:
        (self.resume if account in self.paused else self.pause)(account)

    # people

    def add(self, account: str, minutes: int) -> None:
        moment = self.now + minutes * MINUTE
        post = f"post-{len(self.known)}"
        order = an_order("one", "two", account=account, post=post, planned_at=moment)
        [added] = self.queue.add([order], self.now)
        self.known[added.id] = Known(added.id, account, moment, moment)

    def cancel(self, which: int) -> None:
        one = self._one(which)
        self._said(one, Event.CANCELLED, lambda: self.queue.cancel(one.id, self.now))

    def retry(self, which: int) -> None:
        one, failed = self._one(which), self._one(which).state is State.FAILED
        event = Event.LOST if one.doubt and failed else Event.RETRIED
        if self._said(one, event, lambda: self.queue.retry(one.id, self.now), Event.RETRIED):
            one.due_at = self.now if failed else one.due_at
            one.look_at = self.now + FIRST_LOOK if event is Event.LOST else None

    def move(self, which: int, minutes: int) -> None:
        one, moment = self._one(which), self.now + minutes * MINUTE
        if one.state is not State.SCHEDULED:
            with pytest.raises(NotPossible):
                self.queue.move(one.id, moment, self.now)
            return
        self.queue.move(one.id, moment, self.now)
        one.planned_at = one.due_at = moment
        one.planned = one.planned and one.traces

    def pause(self, account: str) -> None:
        self.queue.pause([account], "a holiday", self.now)
        self.paused.add(account)

    def resume(self, account: str) -> None:
        self.queue.resume([account], self.now)
        self.paused.discard(account)

    def resolve(self, which: int, event: Event) -> None:
        one = self._one(which)
        whole = event is Event.FOUND and one.receipts + 1 == len(PLAN)
        link = f"https://x.example/{one.id}-{one.receipts}"
        happens = Event.FINISHED if whole else event
        saying = lambda: self.queue.resolve(one.id, event, self.now, link)  # noqa: E731
        if one.state is not State.UNKNOWN:
            with pytest.raises(NotPossible):
                saying()
            return
        saying()
        self._settled(one, happens)
        one.due_at, one.receipts = self.now, one.receipts + (event is Event.FOUND)

    # daemons

    def claim(self, journal: int) -> None:
        expected = [
            head
            for account in ACCOUNTS
            if account not in self.paused and (head := self._head(account)) is not None
            if head.due_at <= self.now
        ]
        claimed = self.journals[journal].claim(self.now, LEASE)
        assert {one.id for one in claimed} == {one.id for one in expected}
        self._taken(claimed)

    def claim_looks(self, journal: int) -> None:
        expected = [one for one in self.known.values() if self._is_to_be_looked_for(one)]
        claimed = self.journals[journal].claim_looks(self.now, LEASE)
        assert {one.id for one in claimed} == {one.id for one in expected}
        self._taken(claimed)
        for one in expected:
            one.look_at = self.now + LEASE

    def take_over(self, journal: int) -> None:
        lost = self.journals[journal].claim_lost(self.now, LEASE, all_others=True)
        assert all(self.known[one.id].state is State.PUBLISHING for one in lost)
        self._taken(lost)
        for delivery in lost:
            one = self.known[delivery.id]
            left = self.journals[journal].open_effect(delivery)
            assert (left and left[0]) == one.attempt
            self._settle(delivery, Event.LOST if left else Event.POSTPONED)

    def begin(self, which: int) -> None:
        delivery, one = self._handle(which, State.PUBLISHING)
        if delivery is None or one.attempt or one.receipts == len(PLAN):
            return
        step, plan = PLAN[one.receipts], () if one.planned else PLAN
        begin = lambda: self.journals[0].begin(delivery, step, self.now, LEASE, plan=plan)  # noqa: E731
        if self._is_refused(delivery, begin):
            return
        attempt = begin()
        assert (attempt is None) == (one.account in self.paused)
        if attempt:
            one.attempt, one.planned = attempt, True
            self.begun[one.id, delivery.fence] = attempt

    def receive(self, which: int) -> None:
        delivery, one = self._handle(which, State.PUBLISHING)
        attempt = self.begun.pop((one.id, delivery.fence), None) if delivery else None
        if delivery is None or attempt is None:
            return
        whole = one.receipts + 1 == len(PLAN)
        receipt = Receipt(f"{one.id}-{one.receipts}")
        writes: Callable[[], object] = lambda: (  # noqa: E731
            self.journals[0].finish(delivery, attempt, receipt, Decision(Event.FINISHED), self.now)
            if whole
            else self.journals[0].receive(delivery, attempt, receipt, self.now)
        )
        if self._is_refused(delivery, writes):
            return
        writes()
        one.state = State.PUBLISHED if whole else one.state
        one.receipts, one.attempt, one.doubt, one.traces = one.receipts + 1, None, False, True

    def settle(self, which: int, event: Event) -> None:
        delivery, one = self._handle(which, State.PUBLISHING)
        if delivery is not None and (one.attempt or event is not Event.LOST):
            self._settle(delivery, event)

    def looked(self, which: int, event: Event) -> None:
        delivery, one = self._handle(which, State.UNKNOWN)
        if delivery is not None and event is not Event.FOUND:
            self._settle(delivery, event)
        elif delivery is not None:
            self._see(delivery, one)

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        stored = {one.id: one for one in self.queue.all()}
        assert stored.keys() == self.known.keys()
        for one in self.known.values():
            found = stored[one.id]
            as_known = (one.state, one.fence, one.due_at, one.planned_at)
            assert (found.state, found.fence, found.due_at, found.order.planned_at) == as_known
            assert len(self.journals[0].progress(found).receipts) == one.receipts

    @invariant()
    def the_journal_contradicts_itself_nowhere(self) -> None:
        with self.database.reading() as connection:
            assert list(contradictions(connection)) == []

    def _one(self, which: int) -> Known:
        ids = sorted(self.known)
        return self.known[ids[which % len(ids)]]

    def _handle(self, which: int, state: State) -> tuple[Delivery | None, Known]:
        """A claim, old or new, by which something may be written in that state."""
        newest = self.handles[-NEWEST:]
        delivery = newest[which % len(newest)]
        return delivery if delivery.state is state else None, self.known[delivery.id]

    def _head(self, account: str) -> Known | None:
        there = [one for one in self.known.values() if one.account == account]
        if any(one.state is State.PUBLISHING for one in there):
            return None
        waiting = [one for one in there if one.state is State.SCHEDULED]
        return min(waiting, key=lambda one: one.turn, default=None)

    def _is_to_be_looked_for(self, one: Known) -> bool:
        looks = one.state is State.UNKNOWN and one.look_at is not None
        return looks and one.look_at <= self.now  # type: ignore[operator]

    def _taken(self, claimed: list[Delivery]) -> None:
        for delivery in claimed:
            one = self.known[delivery.id]
            one.fence += 1
            one.state = delivery.state
            assert delivery.fence == one.fence
        self.handles += claimed

    def _is_refused(self, delivery: Delivery, write: Callable[[], object]) -> bool:
        """Whether the claim is another's by now; then the store must say so."""
        one = self.known[delivery.id]
        if (delivery.fence, delivery.state) == (one.fence, one.state):
            return False
        with pytest.raises(ClaimLost):
            write()
        return True

    def _settle(self, delivery: Delivery, event: Event) -> None:
        one = self.known[delivery.id]
        outcome = {Event.POSTPONED: "NotSent", Event.REFUSED: "Rejected"}.get(event, "")
        look_at = self.now if event is Event.LOST else None
        decision = Decision(event, look_at=look_at, outcome=outcome)
        write = lambda: self.journals[0].settle(delivery, decision, self.now, one.attempt)  # noqa: E731
        if not self._is_refused(delivery, write):
            write()
            self._settled(one, event)

    def _see(self, delivery: Delivery, one: Known) -> None:
        step, whole = PLAN[one.receipts], one.receipts + 1 == len(PLAN)
        event = Event.FINISHED if whole else Event.FOUND
        receipt, decision = Receipt(f"{one.id}-{one.receipts}"), Decision(event)
        write = lambda: self.journals[0].found(delivery, step, receipt, decision, self.now)  # noqa: E731
        if not self._is_refused(delivery, write):
            write()
            self._settled(one, event)
            one.receipts += 1

    def _settled(self, one: Known, event: Event) -> None:
        one.moves(event)
        one.attempt = None
        one.traces = one.traces or event is Event.LOST
        one.doubt = _DOUBT_AFTER.get(event, one.doubt)
        one.look_at = self.now if event is Event.LOST else None

    def _said(
        self, one: Known, event: Event, say: Callable[[], object], asked: Event | None = None
    ) -> bool:
        """Say it; whether it was possible, which is as the table has it."""
        try:
            after(one.state, asked or event)
        except NotPossible:
            with pytest.raises(NotPossible):
                say()
            return False
        say()
        one.moves(event)
        return True


def test_the_store_does_what_the_model_does(database: Database) -> None:
    few = settings(
        max_examples=8,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Moves(database), settings=few)
