"""A delivery of one visible step, walked at random through whatever may happen to it.

The network here is honest and slow: what it was asked for may appear until `EFFECT` later, and its
listing hides nothing that is there. What holds, holds after every step of the walk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from builders import NOON, a_delivery, an_order
from karnay.delivery import rules
from karnay.delivery.delivery import Attempt
from karnay.delivery.states import Event, State
from karnay.errors import (
    AccountError,
    NoAnswer,
    NotSent,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt, Sighting
from karnay.scheduling.late import Verdict

EFFECT = timedelta(seconds=135)
SECOND = timedelta(seconds=1)
ANYTHING = ("made", "made late", "lost", "lost", "not sent", "limited", "paused", "refused")
SENDING = (ANYTHING, ("lost",), ("made late", "lost", "not sent"))
LOOKING = (("told",), ("told", "told", "portal", "502", "no route"))
LIVES, STEPS = 60, 80


class Life:
    """The delivery, and what the network really holds."""

    def __init__(self, luck: Random) -> None:
        self.luck, self.now = luck, NOON
        self.effect = luck.choice([Effect.ONCE, Effect.KEYED])
        expires_at = luck.choice([None, None, NOON + luck.randrange(9000) * SECOND])
        self.delivery = a_delivery(State.SCHEDULED, order=an_order(expires_at=expires_at))
        self.sending, self.looking = luck.choice(SENDING), luck.choice(LOOKING)
        self.appears: list[datetime] = []  # when each thing that was made can be seen
        self.tried: list[Attempt] = []
        self.told_apart = 0  # the paid attempts before a person's last word

    def step(self) -> None:
        """Whatever comes next."""
        if self.delivery.state is State.SCHEDULED:
            self._publish()
        elif self.delivery.state is State.UNKNOWN and self.delivery.look_at is not None:
            self._look()
        else:
            self._ask_a_person()

    def _publish(self) -> None:
        lateness = self.luck.choice([0, 0, 0, self.luck.randrange(5000)]) * SECOND
        self.now = max(self.now, self.delivery.due_at) + lateness
        self.delivery = replace(
            self.delivery, state=State.PUBLISHING, fence=self.delivery.fence + 1
        )
        expires_at = self.delivery.order.expires_at
        if expires_at and self.now >= expires_at:
            expired = rules.too_late(Verdict.EXPIRED, self.delivery) or rules.Decision(Event.LOST)
            self._settle(rules.if_not_there(expired, self.delivery, self.tried, self.now))
        else:
            self._send()

    def _send(self) -> None:
        began_at, error = self.now, self._answer(self.luck.choice(self.sending))
        self.now += self.luck.choice([0, 60]) * SECOND
        decision = rules.failed(error, self.delivery, self.now, self.luck.random())
        outcome, fence = decision.outcome or type(error).__name__, self.delivery.fence
        terms = {"fence": fence, "ended_at": self.now, "outcome": outcome}
        ended = Attempt(1, "create-1", began_at, **terms)
        self.tried.append(ended)
        self._settle(rules.if_not_there(decision, self.delivery, self.tried, self.now))

    def _answer(self, what: str) -> PublishingError:
        late = self.luck.randrange(135) * SECOND
        if what.startswith("made"):
            self.appears.append(self.now + late * (what == "made late"))
        nothing = NoAnswer("cut") if self.effect is Effect.ONCE else Transient("cut")
        clear: dict[str, PublishingError] = {
            "not sent": NotSent("no route"),
            "limited": RateLimited("429", self.now + late),
            "paused": AccountError("401"),
            "refused": Rejected("too long"),
        }
        return clear.get(what, nothing)

    def _look(self) -> None:
        assert self.delivery.look_at is not None
        assert self.delivery.look_at > self.now
        self.now = self.delivery.look_at
        self.delivery = replace(self.delivery, fence=self.delivery.fence + 1)
        what = self.luck.choice(self.looking)
        fails = {"502": Transient("502"), "no route": NotSent("no route")}
        if what in fails:
            self._settle(rules.look_failed(fails[what], self.delivery, self.now))
        else:
            self._see(self._shown() if what == "told" else CannotTell("a log-in page"))

    def _see(self, sighting: Sighting) -> None:
        settled_at = max(one.began_at for one in self.tried) + EFFECT
        luck = self.luck.random()
        decision = rules.looked(sighting, self.delivery, self.now, settled_at=settled_at, luck=luck)
        whole = decision.event is Event.FOUND  # the only step
        self._settle(replace(decision, event=Event.FINISHED) if whole else decision)

    def _shown(self) -> Sighting:
        return Receipt("57") if any(at <= self.now for at in self.appears) else Absent()

    def _ask_a_person(self) -> None:
        """Whoever looks, sees what is there; whatever has failed is sent once more."""
        if self.delivery.state is State.PUBLISHED:
            return
        found = self.delivery.state is State.UNKNOWN and self.appears
        state = State.PUBLISHED if found else State.SCHEDULED
        fresh = replace(self.delivery, state=state, tries=0, looks=0, blind_looks=0, error="")
        self.delivery = replace(fresh, clear_fence=fresh.fence, due_at=self.now + SECOND)
        self.told_apart = len(self.paid)

    def _settle(self, decision: rules.Decision) -> None:
        self.delivery = rules.after_it(self.delivery, decision, self.now)

    @property
    def paid(self) -> list[Attempt]:
        """The attempts that cost a try."""
        free = {AccountError.__name__, RateLimited.__name__}
        return [one for one in self.tried if one.outcome not in free]


def there_is_never_more_than_one(life: Life) -> bool:
    return life.effect is Effect.KEYED or len(life.appears) <= 1


def what_is_called_failed_is_not_there(life: Life) -> bool:
    return life.delivery.state is not State.FAILED or not life.appears


def what_is_called_published_is_there(life: Life) -> bool:
    return life.delivery.state is not State.PUBLISHED or bool(life.appears)


def it_is_sent_so_often_and_no_more(life: Life) -> bool:
    return len(life.paid) - life.told_apart <= rules.MOST_TRIES


def nothing_is_sent_again_at_once(life: Life) -> bool:
    return all(
        later.began_at - (sooner.ended_at or NOON) >= SECOND
        for sooner, later in pairwise(life.paid)
    )


def a_person_is_asked_only_after_many_looks(life: Life) -> bool:
    asked = life.delivery.state is State.UNKNOWN and life.delivery.look_at is None
    return not asked or life.delivery.blind_looks > len(rules.PAUSES_BETWEEN_LOOKS)


def an_error_does_not_grow_with_the_looks(life: Life) -> bool:
    return len(life.delivery.error) < 200


LAWS = (
    there_is_never_more_than_one,
    what_is_called_failed_is_not_there,
    what_is_called_published_is_there,
    it_is_sent_so_often_and_no_more,
    nothing_is_sent_again_at_once,
    a_person_is_asked_only_after_many_looks,
    an_error_does_not_grow_with_the_looks,
)


def broken(law: Callable[[Life], bool], seed: int) -> list[str]:
    """The steps of the walk after which the law did not hold."""
    luck = Random(seed)  # noqa: S311 - a walk that can be repeated
    lives = [Life(luck) for _ in range(LIVES)]
    return [
        f"life {number}, step {step}: {life.delivery}"
        for number, life in enumerate(lives)
        for step in range(STEPS)
        if life.step() or not law(life)
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_whatever_happens(law: Callable[[Life], bool], seed: int) -> None:
    assert broken(law, seed)[:1] == []
