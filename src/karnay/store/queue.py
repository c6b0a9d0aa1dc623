"""People's side of the store: add, list, move, cancel, retry, and the story of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.content.post import Late
from karnay.delivery.rules import FIRST_LOOK
from karnay.delivery.states import Event, State, after
from karnay.errors import NotFound, NotPossible
from karnay.store import accounts as account_states
from karnay.store.audit import Entry, entries, note
from karnay.store.rows import FRESH, attempt_from, columns_of, delivery_from, receipt_from
from karnay.store.tables import attempts, deliveries, receipts
from karnay.store.takedowns import require_none
from karnay.store.traces import (
    end_attempts,
    forget_plan,
    has_published,
    in_doubt,
    keep_sighting,
    left_traces,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from karnay.delivery.delivery import Attempt, Delivery, Order
    from karnay.platforms.base import Receipt
    from karnay.store.accounts import AccountState
    from karnay.store.database import Database

_REPLACEABLE = frozenset({State.SCHEDULED, State.FAILED, State.CANCELLED})

_UNCERTAIN = {
    (State.SCHEDULED, False): (
        "with the words of before, as an answer was lost: queue it again when that is known"
    ),
    (State.FAILED, True): (
        "though it was given up, as an answer was lost: `karnay queue retry {}` looks first"
    ),
}
"""Why what may be public is not queued again, by its state, and whether with the same words."""


@dataclass(frozen=True, slots=True)
class History:
    """The whole life of a delivery."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]
    receipts: dict[str, Receipt]
    trail: tuple[Entry, ...]


class Queue:
    """What people do with deliveries; `who` is written into the audit trail."""

    def __init__(self, database: Database, who: str) -> None:
        self._database = database
        self._who = who

    def add(self, orders: Iterable[Order], now: datetime) -> list[Delivery]:
        """Queue all orders, or none.

        One that is already queued and has published nothing yet is brought up to date. Raises
        NotPossible for one that is on its way or published.
        """
        with self._database.writing() as connection:
            return [self._put(connection, order, now) for order in orders]

    def move(self, delivery_id: int, moment: datetime, now: datetime) -> Delivery:
        """Mean the delivery for another moment, and let go of what held it.

        From now on it is late, and in turn among its account's, by the new one. Where something
        of it is on the network, or may be, its content goes on to bear the old one.
        """
        with self._database.writing() as connection:
            delivery = _one(connection, delivery_id)
            if delivery.state is not State.SCHEDULED:
                raise NotPossible(f"delivery {delivery_id} is {delivery.state}: it cannot be moved")
            values = {"planned_at": moment, "due_at": moment, "updated_at": now}
            if left_traces(connection, delivery_id):
                values["bears_at"] = delivery.order.moment
            else:
                forget_plan(connection, delivery_id)
            detail = f"from {delivery.order.planned_at.isoformat()} to {moment.isoformat()}"
            note(connection, now, "moved", delivery=delivery, who=self._who, detail=detail)
            return _change(connection, delivery, {**values, "held": "", "tries": 0})

    def can(self, delivery_ids: Iterable[int], event: Event) -> None:
        """Raise NotFound or NotPossible for the first of these to which that cannot happen."""
        for delivery_id in delivery_ids:
            after(self.get(delivery_id).state, event)

    def cancel(self, delivery_id: int, now: datetime) -> Delivery:
        """Take the delivery out of the queue. Raises NotPossible once it is under way.

        What may be public is not called cancelled: it is looked for, and what is not there has
        expired. Until then it is unknown.
        """
        with self._database.writing() as connection:
            delivery = _one(connection, delivery_id)
            state = after(delivery.state, Event.CANCELLED)
            values: dict[str, Any] = {"state": state, "updated_at": now}
            if in_doubt(connection, delivery):
                values |= _looked_for_first(delivery, Event.CANCELLED, now)
                values["expires_at"] = now  # what is not there is not sent any more
            note(connection, now, Event.CANCELLED, delivery=delivery, who=self._who)
            return _change(connection, delivery, values)

    def retry(self, delivery_id: int, now: datetime) -> Delivery:
        """Let a failed delivery go out at once, from where it stopped; a cancelled one at its time.

        A person who retries what has failed wants it out: its late policy no longer holds it. What
        was given up while it may be public is looked for first, and is unknown until then. Raises
        NotPossible for what was taken down: nothing goes on after that.
        """
        with self._database.writing() as connection:
            delivery = _one(connection, delivery_id)
            state = after(delivery.state, Event.RETRIED)
            require_none(connection, delivery)
            values: dict[str, Any] = {**FRESH, "state": state, "updated_at": now}
            if delivery.state is State.FAILED:
                values |= {"due_at": now, "late": Late.PUBLISH}
            if in_doubt(connection, delivery):
                values |= _looked_for_first(delivery, Event.RETRIED, now)
            note(connection, now, Event.RETRIED, delivery=delivery, who=self._who)
            return _change(connection, delivery, values)

    def resolve(self, delivery_id: int, event: Event, now: datetime, link: str = "") -> Delivery:
        """Settle an unknown delivery by a person's word: FOUND (at `link`), ABSENT or GIVEN_UP.

        What was found lets a thread go on with its next part. An attempt that has no other end
        gets this one. Raises NotPossible for a delivery that is not unknown.
        """
        with self._database.writing() as connection:
            delivery = _one(connection, delivery_id)
            said = f"{self._who} said so{link and f': {link}'}"
            end_attempts(connection, delivery, now, outcome=event, detail=said)
            proven = {"clear_fence": delivery.fence} if event is Event.ABSENT else {}
            if event is Event.FOUND and not keep_sighting(connection, delivery, link, now):
                event = Event.FINISHED
            state = after(delivery.state, event)
            note(connection, now, event, delivery=delivery, who=self._who, detail=link)
            chosen = {"due_at": now, "late": Late.PUBLISH}  # a person wants it out
            values = {**FRESH, **chosen, **proven, "state": state, "updated_at": now}
            return _change(connection, delivery, values)

    def get(self, delivery_id: int) -> Delivery:
        """The delivery of that number. Raises NotFound."""
        with self._database.reading() as connection:
            return _one(connection, delivery_id)

    def all(self, *, states: Collection[State] = (), posts: Collection[str] = ()) -> list[Delivery]:
        """The deliveries in those states of those posts (none named: all), by due time."""
        query = sa.select(deliveries).order_by(deliveries.c.due_at, deliveries.c.id)
        if states:
            query = query.where(deliveries.c.state.in_(states))
        if posts:
            query = query.where(deliveries.c.post.in_(posts))
        with self._database.reading() as connection:
            return [delivery_from(row) for row in connection.execute(query)]

    def links(self, delivery_ids: Collection[int]) -> Mapping[int, list[str]]:
        """The links of the published parts, in order, by delivery."""
        query = (
            sa.select(receipts.c.delivery, receipts.c.link)
            .where(receipts.c.delivery.in_(delivery_ids), receipts.c.link != "")
            .order_by(receipts.c.id)
        )
        # Two steps may tell the link of one part: that which made it, and that which asked for it.
        found: dict[int, dict[str, None]] = {delivery_id: {} for delivery_id in delivery_ids}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found[row.delivery][row.link] = None
        return {delivery_id: list(links) for delivery_id, links in found.items()}

    def history(self, delivery_id: int) -> History:
        """The delivery's whole life. Raises NotFound."""
        tried = sa.select(attempts).where(attempts.c.delivery == delivery_id)
        got = sa.select(receipts).where(receipts.c.delivery == delivery_id)
        with self._database.reading() as connection:
            return History(
                _one(connection, delivery_id),
                tuple(attempt_from(row) for row in connection.execute(tried.order_by("id"))),
                {row.step: receipt_from(row) for row in connection.execute(got.order_by("id"))},
                tuple(entries(connection, delivery_id)),
            )

    def first_attempts(self, delivery_ids: Collection[int]) -> Mapping[int, datetime]:
        """When each delivery's first request left."""
        query = (
            sa.select(attempts.c.delivery, sa.func.min(attempts.c.began_at).label("began_at"))
            .where(attempts.c.delivery.in_(delivery_ids))
            .group_by(attempts.c.delivery)
        )
        with self._database.reading() as connection:
            return {row.delivery: row.began_at for row in connection.execute(query)}

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""
        query = sa.select(deliveries.c.state, sa.func.count().label("n")).group_by("state")
        with self._database.reading() as connection:
            found = {State(row.state): row.n for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

    def accounts(self) -> Mapping[str, AccountState]:
        """What is remembered of the accounts, by name."""
        with self._database.reading() as connection:
            return account_states.states(connection)

    def pause(self, names: Iterable[str], reason: str, now: datetime) -> None:
        """Send nothing to these accounts until they are resumed."""
        with self._database.writing() as connection:
            for name in names:
                account_states.pause(connection, name, reason, by=self._who)
                note(connection, now, "paused", account=name, who=self._who, detail=reason)

    def resume(self, names: Iterable[str], now: datetime) -> None:
        """Let these accounts' queues go out again."""
        with self._database.writing() as connection:
            for name in names:
                account_states.resume(connection, name)
                note(connection, now, "resumed", account=name, who=self._who)

    def learn(self, name: str, facts: Mapping[str, Any], now: datetime) -> None:
        """Keep what a network told of the account."""
        with self._database.writing() as connection:
            account_states.remember(connection, name, facts=dict(facts), checked_at=now)

    def _put(self, connection: Connection, order: Order, now: datetime) -> Delivery:
        row = connection.execute(sa.select(deliveries).where(_same(order))).one_or_none()
        values = columns_of(order, now)
        if row is None:
            fresh = sa.insert(deliveries).values({**values, "created_at": now})
            added = delivery_from(connection.execute(fresh.returning(deliveries)).one())
        else:
            added = self._replace(connection, delivery_from(row), values)
        detail = f"for {order.planned_at.isoformat()}, text {order.variant.hash[:8]}"
        note(connection, now, "queued", delivery=added, who=self._who, detail=detail)
        return added

    def _replace(self, connection: Connection, old: Delivery, values: dict[str, Any]) -> Delivery:
        if old.state not in _REPLACEABLE or has_published(connection, old.id):
            where = f"{old.order.post} to {old.account} (delivery {old.id})"
            raise NotPossible(f"{where} is {_standing(old)}: it cannot be queued again")
        doubted, same = in_doubt(connection, old), values["hash"] == old.order.variant.hash
        if doubted:
            self._require_certainty(old, same_words=same)
        if left_traces(connection, old.id):  # the same keys again, so that nothing is doubled
            values = {**values, "bears_at": old.order.moment}
        if not (doubted and same):  # the plan says what is to be looked for
            forget_plan(connection, old.id)
        return _change(connection, old, values)

    @staticmethod
    def _require_certainty(old: Delivery, *, same_words: bool) -> None:
        """Other words have other keys: they would stand beside the ones of before.

        What a person gave up may have other words now, but is not sent again unseen.
        """
        why = _UNCERTAIN.get((old.state, same_words))
        if why:
            where = f"{old.order.post} to {old.account} (delivery {old.id})"
            raise NotPossible(f"{where} may be public {why.format(old.id)}")


def _looked_for_first(delivery: Delivery, event: Event, now: datetime) -> dict[str, Any]:
    """What that event makes of a delivery that may be public."""
    return {
        "state": after(delivery.state, Event.LOST),
        "error": f"{event}, but it may be public: an answer was lost",
        "held": "",
        "look_at": now + FIRST_LOOK,
    }


def _standing(delivery: Delivery) -> str:
    partly = {State.SCHEDULED, State.FAILED, State.CANCELLED}
    return "partly published" if delivery.state in partly else delivery.state.value


def _same(order: Order) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.post == order.post,
        deliveries.c.account == order.variant.account,
        deliveries.c.occurrence == order.occurrence,
    )


def _one(connection: Connection, delivery_id: int) -> Delivery:
    query = sa.select(deliveries).where(deliveries.c.id == delivery_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {delivery_id}: see `karnay queue list --all`")
    return delivery_from(row)


def _change(connection: Connection, delivery: Delivery, values: dict[str, Any]) -> Delivery:
    as_seen = sa.and_(
        deliveries.c.id == delivery.id,
        deliveries.c.state == delivery.state,
        deliveries.c.fence == delivery.fence,
    )
    changed = sa.update(deliveries).where(as_seen).values(values).returning(deliveries)
    row = connection.execute(changed).one_or_none()
    if row is None:
        raise NotPossible(
            f"delivery {delivery.id} changed at this very moment: look, and try again"
        )
    return delivery_from(row)
