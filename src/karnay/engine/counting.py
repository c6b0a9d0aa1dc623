"""Asking the networks how what was published is received; never in the way of publishing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from karnay.engine.asking import asked, its_account
from karnay.errors import NotPossible, PublishingError, Rejected, StoreError
from karnay.platforms.base import Counts, Effect
from karnay.platforms.registry import platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Platform
    from karnay.platforms.wire import Wire
    from karnay.store.figures import Due, Figures
    from karnay.store.takedowns import Standing, Takedowns

log = structlog.get_logger(__name__)

AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""How long after it was published a delivery is counted."""

COUNT_EVERY = timedelta(minutes=1)
"""How often to look for what has come of age."""

MOST = 20
"""How many deliveries are counted in one round."""

QUIET = timedelta(minutes=10)
"""How long an account is left alone after its network did not answer."""

TRIES = 10
"""How often an age is tried at most, before it is let go."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts deliveries over one wire; `networks` gives the platform of a name."""

    figures: Figures
    takedowns: Takedowns
    accounts: Mapping[str, Account]
    clock: Clock
    wire: Wire
    networks: Callable[[str], Platform] = field(default=platform)

    def count(self, delivery: Delivery, age: timedelta | None = None) -> bool:
        """Ask about all that stands of it, and keep what is told; false: nothing was.

        `age` is the one for which it is counted, its very own if none is named. Raises
        PublishingError, and NotPossible where there is nothing to ask about, or nobody.
        """
        account = its_account(delivery, self.accounts)
        network = self.networks(account.platform)
        if not isinstance(network, Counts):
            raise NotPossible(f"delivery {delivery.id}: {network.title} tells no figures")
        standing = self.takedowns.standing(delivery)
        published_at = self.figures.published_at(delivery)
        if not standing or published_at is None:
            raise NotPossible(f"nothing of delivery {delivery.id} is public")
        told = dict(self._told(standing, network, account))
        now = self.clock.now()
        self.figures.keep(delivery.id, age or now - published_at, told, now)
        return any(told.values())

    def _told(
        self, standing: list[Standing], network: Counts, account: Account
    ) -> Iterator[tuple[int, Mapping[str, int]]]:
        """What the network tells of each part; one that it has no more has no figures.

        Raises Rejected where that is so of all of them.
        """
        refused: list[Rejected] = []
        for one in standing:
            try:
                yield one.step.part or 0, self._asked_of(one, network, account)
            except Rejected as error:
                refused.append(error)
        if len(refused) == len(standing):
            raise refused[0]

    def _asked_of(self, one: Standing, network: Counts, account: Account) -> Mapping[str, int]:
        return asked(
            lambda: network.metrics(one.step, one.receipt, account, self.wire), Effect.SAFE
        )


@dataclass
class Rounds:
    """Goes through the accounts and counts what has come of age, one delivery after the other.

    `counter` lends a counter for one round. What fails is logged, and tried again later.
    """

    counter: Callable[[], AbstractContextManager[Counter]]
    _turn: Lock = field(default_factory=Lock, repr=False)
    _stopped: bool = False
    _not_before: dict[tuple[int, timedelta], datetime] = field(default_factory=dict)
    _quiet_until: dict[str, datetime] = field(default_factory=dict)

    def run(self) -> None:
        """Go one round; never raises."""
        with self._turn:
            if self._stopped:
                return
            try:
                with self.counter() as counter:
                    self._go(counter)
            except StoreError as error:
                log.warning("not counted", error=str(error))
            except Exception:
                log.exception("counting failed")

    def stop(self) -> None:
        """Begin nothing any more, and wait for the delivery in hand."""
        self._stopped = True
        with self._turn:
            pass

    def _go(self, counter: Counter) -> None:
        now = counter.clock.now()
        self._not_before = {at: end for at, end in self._not_before.items() if end > now}
        for due in islice(self._due(counter, now), MOST):
            if self._stopped:
                return
            if not counter.figures.has(due):
                self._count(counter, due)

    def _due(self, counter: Counter, now: datetime) -> Iterator[Due]:
        for account in counter.accounts.values():
            if not isinstance(counter.networks(account.platform), Counts):
                continue
            for due in counter.figures.due(account.name, AGES, now):
                if self._may_be_asked(due, now):
                    yield due

    def _may_be_asked(self, due: Due, now: datetime) -> bool:
        quiet = self._quiet_until.get(due.delivery.account, now) > now
        return not quiet and (due.delivery.id, due.age) not in self._not_before

    def _count(self, counter: Counter, due: Due) -> None:
        """Count it; whatever comes of that, it is left alone for a while."""
        now = counter.clock.now()
        self._not_before[due.delivery.id, due.age] = now + due.age / TRIES
        about = {"delivery": due.delivery.id, "account": due.delivery.account}
        try:
            told = counter.count(due.delivery, due.age)
        except (NotPossible, Rejected) as error:
            log.info("no figures", **about, error=str(error))
        except PublishingError as error:
            until = getattr(error, "until", None) or now
            self._quiet_until[due.delivery.account] = max(until, now + QUIET)
            log.warning("not counted yet", **about, error=str(error))
        else:
            log.info("counted" if told else "no figures", **about)
