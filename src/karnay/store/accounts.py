"""What is remembered of the accounts: paused or not, quiet until when, facts from the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from karnay.store.audit import DAEMON
from karnay.store.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the store knows of one account. `paused` is the reason, empty while it is not."""

    name: str
    paused: str = ""
    paused_by: str = ""
    quiet_until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    checked_at: datetime | None = None


def states(connection: Connection) -> dict[str, AccountState]:
    """All that is remembered, by account name."""
    return {
        row.name: AccountState(
            row.name, row.paused, row.paused_by, row.quiet_until, row.facts, row.checked_at
        )
        for row in connection.execute(sa.select(accounts))
    }


def pause(connection: Connection, name: str, reason: str, *, by: str) -> None:
    """Send nothing to the account until it is resumed; a person's pause is not overwritten."""
    known = states(connection).get(name)
    if not (known and known.paused and known.paused_by != DAEMON and by == DAEMON):
        remember(connection, name, paused=reason, paused_by=by)


def resume(connection: Connection, name: str) -> None:
    """Let the account's queue go out again, at once."""
    remember(connection, name, paused="", paused_by="", quiet_until=None)


def keep_quiet(connection: Connection, name: str, until: datetime) -> None:
    """Begin no delivery to the account before that moment, nor before an earlier such one."""
    known = states(connection).get(name)
    already = known.quiet_until if known else None
    remember(connection, name, quiet_until=max(until, already or until))


def remember(connection: Connection, name: str, **values: Any) -> None:
    """Write these columns for the account, whether or not it was known."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    fresh = insert(accounts).values({"name": name, "facts": {}, **values})
    connection.execute(fresh.on_conflict_do_update(index_elements=["name"], set_=values))


def paused_or_quiet(now: datetime) -> sa.Select[Any]:
    """The names of the accounts to which nothing may go now."""
    return sa.select(accounts.c.name).where(
        sa.or_(accounts.c.paused != "", accounts.c.quiet_until > now)
    )
