"""Renewing log-ins, one machine at a time: a lease on the row, and a note before a request leaves.

The note stays where a process dies between its request and its outcome: whoever takes the lease
next reads in it that the refresh token may be spent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.secrets import redact
from karnay.store import accounts as account_states
from karnay.store.audit import note
from karnay.store.tables import vault
from karnay.store.vault import NOT_LEASED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from karnay.platforms.logins import Tokens
    from karnay.store.database import Database
    from karnay.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to renew one log-in, and the log-in as it was when that was granted.

    `sent_at` is when an earlier holder sent a request whose outcome was never written.
    """

    name: str
    owner: str
    sealed: str = field(repr=False)
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Renewals:
    """Whose turn it is to renew what; `owner` is this process."""

    database: Database
    vault: Vault
    owner: str

    def due(self, now: datetime) -> list[str]:
        """The log-ins that are to be renewed by now, and that nobody renews."""
        asked = sa.select(vault.c.name).where(_due(now)).order_by(vault.c.renew_at)
        with self.database.reading() as connection:
            return list(connection.scalars(asked))

    def lease(self, name: str, now: datetime, span: timedelta) -> Lease | None:
        """The right to renew it; None where another has it, or it is renewed already."""
        taken = (
            sa.update(vault)
            .where(vault.c.name == name, _due(now))
            .values(leased_by=self.owner, leased_until=now + span)
            .returning(vault.c.sealed, vault.c.sent_at)
        )
        with self.database.writing() as connection:
            row = connection.execute(taken).one_or_none()
        return Lease(name, self.owner, row.sealed, row.sent_at) if row else None

    def sending(self, lease: Lease, now: datetime) -> bool:
        """Note that the request is about to leave; false: the lease is lost, and it must not."""
        return self._write(_held(lease), sent_at=now)

    def renewed(self, lease: Lease, tokens: Tokens, renew_at: datetime | None) -> bool:
        """Keep the new tokens, also if the lease is over; false: a person logged in meanwhile."""
        return self._write(_unchanged(lease), **self.vault.columns(lease.name, tokens, renew_at))

    def put_off(self, lease: Lease, until: datetime) -> None:
        """Renew it later: nothing was spent."""
        self._write(_held(lease), renew_at=until, **NOT_LEASED)

    def give_up(self, lease: Lease, accounts: Iterable[str], why: str, now: datetime) -> None:
        """Never try again, and pause the accounts that it served: a person has to log in."""
        said = {"renew_at": None, "trouble": redact(why), **NOT_LEASED}
        with self.database.writing() as connection:
            if not connection.execute(_change(_held(lease), said)).rowcount:
                return
            for account in accounts:
                account_states.pause_unless_a_person_did(connection, account, redact(why))
                note(connection, now, "paused", account=account, detail=why)

    def _write(self, which: sa.ColumnElement[bool], **values: Any) -> bool:
        with self.database.writing() as connection:
            return bool(connection.execute(_change(which, values)).rowcount)


def _due(now: datetime) -> sa.ColumnElement[bool]:
    free = sa.or_(vault.c.leased_until.is_(None), vault.c.leased_until <= now)
    return sa.and_(vault.c.renew_at <= now, free)


def _unchanged(lease: Lease) -> sa.ColumnElement[bool]:
    """Sealing the same twice gives two texts: the row is told apart from every other by it."""
    return sa.and_(vault.c.name == lease.name, vault.c.sealed == lease.sealed)


def _held(lease: Lease) -> sa.ColumnElement[bool]:
    return sa.and_(_unchanged(lease), vault.c.leased_by == lease.owner)


def _change(which: sa.ColumnElement[bool], values: dict[str, Any]) -> sa.Update:
    return sa.update(vault).where(which).values(values)
