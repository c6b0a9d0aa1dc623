"""What is remembered of the accounts: paused or not, quiet until when, facts from the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from karnay.store.audit import DAEMON
from karnay.store.statements import Statement
from karnay.store.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection, Dialect


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the store knows of one account. `paused` is the reason, empty while it is not."""

    name: str
    paused: str = ""
    paused_by: str = ""
    quiet_until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    checked_at: datetime | None = None


def _fresh(dialect: Dialect, **values: Any) -> Any:
    """The account's first row; to be told what to do where there is one already."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    return insert(accounts).values({"name": sa.bindparam("name"), "facts": {}, **values})


def _pause_unless_a_person_did(dialect: Dialect) -> Any:
    values: dict[str, Any] = {name: sa.bindparam(name) for name in ("paused", "paused_by")}
    by_a_person = sa.and_(accounts.c.paused != "", accounts.c.paused_by != DAEMON)
    return _fresh(dialect, **values).on_conflict_do_update(
        index_elements=["name"], set_=values, where=~by_a_person
    )


def _quiet(dialect: Dialect) -> Any:
    fresh = _fresh(dialect, quiet_until=sa.bindparam("quiet_until"))
    known, asked = accounts.c.quiet_until, fresh.excluded.quiet_until
    later = sa.case((known > asked, known), else_=asked)
    return fresh.on_conflict_do_update(index_elements=["name"], set_={"quiet_until": later})


PAUSE_UNLESS_A_PERSON_DID = Statement(_pause_unless_a_person_did)
"""Send nothing to the account `name` until it is resumed; a person's pause is not overwritten."""

QUIET = Statement(_quiet)
"""Begin no delivery to the account `name` before `quiet_until`, nor before an earlier such one."""


def states(connection: Connection) -> dict[str, AccountState]:
    """All that is remembered, by account name."""
    return {
        row.name: AccountState(
            row.name, row.paused, row.paused_by, row.quiet_until, row.facts, row.checked_at
        )
        for row in connection.execute(sa.select(accounts))
    }


def pause(connection: Connection, name: str, reason: str, *, by: str) -> None:
    """Send nothing to the account until it is resumed."""
    remember(connection, name, paused=reason, paused_by=by)


def pause_unless_a_person_did(connection: Connection, name: str, reason: str) -> None:
    """Send nothing to the account until it is resumed; a person's pause is not overwritten."""
    statement = _pause_unless_a_person_did(connection.dialect)
    connection.execute(statement, {"name": name, "paused": reason, "paused_by": DAEMON})


def resume(connection: Connection, name: str) -> None:
    """Let the account's queue go out again, at once."""
    remember(connection, name, paused="", paused_by="", quiet_until=None)


def remember(connection: Connection, name: str, **values: Any) -> None:
    """Write these columns for the account, whether or not it was known."""
    fresh = _fresh(connection.dialect, name=name, **values)
    connection.execute(fresh.on_conflict_do_update(index_elements=["name"], set_=values))
