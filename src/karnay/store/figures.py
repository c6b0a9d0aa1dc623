"""How published parts are received: what the networks told, kept by age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from karnay.delivery.states import State
from karnay.store.rows import delivery_from
from karnay.store.tables import accounts, deliveries, figures, receipts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.store.database import Database


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a network told of one part, at an age since the delivery was published."""

    delivery: int
    post: str
    account: str
    platform: str
    part: int
    age: timedelta
    name: str
    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that has reached an age at which it is counted, and has not been."""

    delivery: Delivery
    age: timedelta


class Figures:
    """The figures of all deliveries; once kept, they stay as they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, delivery_id: int, age: timedelta, told: Mapping[int, Mapping[str, int]], at: datetime
    ) -> None:
        """Keep what was told of the parts, by index: all of it, or nothing.

        What is there already for that age, another machine's, say, is left as it is.
        """
        fixed = {"delivery": delivery_id, "age": _seconds(age), "at": at}
        rows = [
            {**fixed, "part": part, "name": name, "value": value}
            for part, values in told.items()
            for name, value in values.items()
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            here = connection.dialect.name
            insert = sqlite.insert(figures) if here == "sqlite" else postgresql.insert(figures)
            connection.execute(insert.on_conflict_do_nothing(), rows)

    def of(self, posts: Collection[str] = ()) -> list[Figure]:
        """The figures of those posts (none named: of all), by post, account and age."""
        query = (
            sa.select(figures, deliveries.c.post, deliveries.c.account, deliveries.c.platform)
            .join(deliveries, deliveries.c.id == figures.c.delivery)
            .order_by(deliveries.c.post, deliveries.c.account, figures.c.delivery)
            .order_by(figures.c.age, figures.c.part, figures.c.name)
        )
        if posts:
            query = query.where(deliveries.c.post.in_(posts))
        with self._database.reading() as connection:
            return [_figure(row) for row in connection.execute(query)]

    def has(self, due: Due) -> bool:
        """Whether somebody has counted it meanwhile."""
        query = sa.select(figures.c.id).where(
            figures.c.delivery == due.delivery.id, figures.c.age == _seconds(due.age)
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def published_at(self, delivery: Delivery) -> datetime | None:
        """When its last part became public; None where nothing did."""
        newest = sa.select(sa.func.max(receipts.c.at)).where(receipts.c.delivery == delivery.id)
        with self._database.reading() as connection:
            moment: datetime | None = connection.scalar(newest)
            return moment

    def due(self, account: str, ages: Sequence[timedelta], now: datetime) -> Iterator[Due]:
        """The account's published deliveries that are to be counted now, oldest first.

        An age can be made up for until twice that age, then it is let go; for a paused account,
        nothing is due.
        """
        published = self._published(account, now - 2 * max(ages))
        counted = self._counted([delivery_id for delivery_id, _ in published])
        for delivery_id, moment in published:
            for age in ages:
                reached = age <= now - moment < 2 * age
                if reached and (delivery_id, _seconds(age)) not in counted:
                    yield Due(self._one(delivery_id), age)

    def _published(self, account: str, since: datetime) -> list[tuple[int, datetime]]:
        """Its deliveries that were published since then, and when, oldest first."""
        moment = (
            sa.select(sa.func.max(receipts.c.at))
            .where(receipts.c.delivery == deliveries.c.id)
            .scalar_subquery()
            .label("moment")
        )
        paused = sa.select(accounts.c.name).where(accounts.c.paused != "")
        query = (
            sa.select(deliveries.c.id, moment)
            # The conditions of `ix_deliveries_lately`, so that the years before are not read.
            .where(deliveries.c.account == account, deliveries.c.fence > 0)
            .where(deliveries.c.updated_at >= since, deliveries.c.state == State.PUBLISHED)
            .where(deliveries.c.account.not_in(paused))
            .order_by(deliveries.c.updated_at, deliveries.c.id)
        )
        with self._database.reading() as connection:
            found = connection.execute(query)
            return [(row.id, row.moment) for row in found if row.moment is not None]

    def _one(self, delivery_id: int) -> Delivery:
        query = sa.select(deliveries).where(deliveries.c.id == delivery_id)
        with self._database.reading() as connection:
            return delivery_from(connection.execute(query).one())

    def _counted(self, delivery_ids: Collection[int]) -> set[tuple[int, int]]:
        query = sa.select(figures.c.delivery, figures.c.age).where(
            figures.c.delivery.in_(delivery_ids)
        )
        with self._database.reading() as connection:
            return {(row.delivery, row.age) for row in connection.execute(query.distinct())}


def _seconds(age: timedelta) -> int:
    return int(age.total_seconds())


def _figure(row: sa.Row[Any]) -> Figure:
    return Figure(
        row.delivery, row.post, row.account, row.platform, row.part,
        timedelta(seconds=row.age), row.name, row.value, row.at,
    )  # fmt: skip
