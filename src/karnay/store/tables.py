"""The tables. Moments are integers: microseconds since 1970-01-01T00:00Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

REVISION = "0004"
"""The schema's revision; the newest of `karnay.store.migrations`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime, exact, and compared as a number on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds; a naive datetime is a mistake of ours and raises TypeError."""
        del dialect
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_STATES = "('scheduled', 'publishing', 'published', 'unknown', 'failed', 'cancelled')"
_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("occurrence", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("planned_at", Moment, nullable=False),
    sa.Column("bears_at", Moment),  # where it is not planned_at
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("late", sa.Text, nullable=False),
    sa.Column("max_late", sa.BigInteger, nullable=False),  # seconds
    sa.Column("variant", sa.JSON, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.Text, nullable=False, server_default=""),
    sa.Column("claimed_until", Moment),
    sa.Column("held", sa.Text, nullable=False, server_default=""),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("looks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("blind_looks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("clear_fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("look_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.CheckConstraint(f"state IN {_STATES}", name="state"),
    sa.UniqueConstraint("post", "account", "occurrence"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_deliveries_due",
    deliveries.c.due_at,
    deliveries.c.id,
    sqlite_where=deliveries.c.state == "scheduled",
    postgresql_where=deliveries.c.state == "scheduled",
)
_waits = sa.and_(deliveries.c.state == "scheduled", deliveries.c.held == "")
sa.Index(
    "ix_deliveries_heads",
    deliveries.c.account,
    deliveries.c.planned_at,
    deliveries.c.id,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
_was_claimed = deliveries.c.fence > 0
sa.Index(
    "ix_deliveries_lately",
    deliveries.c.account,
    deliveries.c.updated_at,
    sqlite_where=_was_claimed,
    postgresql_where=_was_claimed,
)
sa.Index(
    "ix_deliveries_failed",
    deliveries.c.updated_at,
    sqlite_where=deliveries.c.state == "failed",
    postgresql_where=deliveries.c.state == "failed",
)
sa.Index(
    "uq_deliveries_one_at_a_time",
    deliveries.c.account,
    unique=True,
    sqlite_where=deliveries.c.state == "publishing",
    postgresql_where=deliveries.c.state == "publishing",
)
sa.Index(
    "ix_deliveries_look_at",
    deliveries.c.look_at,
    sqlite_where=deliveries.c.state == "unknown",
    postgresql_where=deliveries.c.state == "unknown",
)


def _delivery_id() -> sa.Column[int]:
    return sa.Column("delivery", sa.ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False)


steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("effect", sa.Text, nullable=False),
    sa.Column("step", sa.JSON, nullable=False),
    sa.UniqueConstraint("delivery", "name"),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("outcome", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("delivery", "step", "number"),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("delivery", "step"),
)

takedowns = sa.Table(
    "takedowns",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),  # null: whether it is gone is not known
    sa.UniqueConstraint("delivery", "step"),
)

edits = sa.Table(
    "edits",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("variant", sa.JSON, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),  # null: some parts may still say what they said before
    sa.Index(None, "delivery"),
)

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    _delivery_id(),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("age", sa.BigInteger, nullable=False),  # seconds since it was published
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("delivery", "part", "age", "name"),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("paused", sa.Text, nullable=False, server_default=""),  # the reason; empty: not
    sa.Column("paused_by", sa.Text, nullable=False, server_default=""),
    sa.Column("quiet_until", Moment),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("checked_at", Moment),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", _id, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("delivery", sa.BigInteger),
    sa.Column("account", sa.Text),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "delivery"),
)

vault = sa.Table(
    "vault",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),  # encrypted; the key is elsewhere
    sa.Column("expires_at", Moment),  # null: it does not end
    sa.Column("renew_at", Moment),  # null: not by itself
    sa.Column("trouble", sa.Text, nullable=False, server_default=""),
    sa.Column("leased_by", sa.Text, nullable=False, server_default=""),
    sa.Column("leased_until", Moment),
    sa.Column("sent_at", Moment),  # a renewal was begun, and what became of it is not written
)

schema_info = sa.Table(
    "schema_info",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("compatible_with", sa.Text, nullable=False),
    sa.Column("moved_to", sa.Text, nullable=False, server_default=""),
    sa.Column("moved_at", Moment),
    sa.Column("taken_at", Moment),
    sa.CheckConstraint("id = 1", name="one_row"),
)
