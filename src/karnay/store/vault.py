"""The vault: log-ins, sealed, in the database that all machines share.

When one ends, and when it is to be renewed, stand beside it in clear: they are no secrets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.errors import BadConfiguration
from karnay.platforms.logins import Client, Tokens
from karnay.store.tables import vault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import Connection

    from karnay.store.database import Database
    from karnay.store.sealing import Keys


FORETOLD = timedelta(days=7)
"""How long before its end a log-in that is not renewed by itself is spoken of."""


@dataclass(frozen=True, slots=True)
class Ending:
    """When a log-in ends (None: not), when it is renewed (None: not by itself), what ails it."""

    name: str
    expires_at: datetime | None
    renew_at: datetime | None = None
    trouble: str = ""

    def foretold(self, now: datetime) -> str:
        """What a person should know by now; empty where the log-in goes on."""
        if self.trouble:
            return self.trouble
        left = self.expires_at - now if self.expires_at else None
        if left is None or (self.renew_at and left > timedelta()) or left > FORETOLD:
            return ""
        when = "has ended" if left <= timedelta() else f"ends in {_in_words(left)}"
        return f"the log-in {when}: `karnay accounts login {self.account}`"

    @property
    def account(self) -> str:
        """The account that logs in under this name."""
        return self.name.partition("/")[0]


def _in_words(left: timedelta) -> str:
    for unit, length in _UNITS.items():
        if left >= 2 * length:
            return f"{left // length} {unit}"
    return "a minute"


_UNITS = {"days": timedelta(days=1), "hours": timedelta(hours=1), "minutes": timedelta(minutes=1)}


class Vault:
    """Keeps log-ins by name; `database` is opened at first use."""

    def __init__(self, database: Callable[[], Database], keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def secret(self, name: str) -> str:
        """The secret or token of that name. Raises BadConfiguration where there is none."""
        return self.tokens(name).access_token

    def tokens(self, name: str) -> Tokens:
        """All that the log-in gave. Raises BadConfiguration."""
        with self._database().reading() as connection:
            sealed = connection.scalar(sa.select(vault.c.sealed).where(vault.c.name == name))
        if sealed is None:
            raise BadConfiguration.of(
                f'the vault holds no "{name}": `karnay accounts login {Ending(name, None).account}`'
            )
        return self.opened(name, sealed)

    def opened(self, name: str, sealed: str) -> Tokens:
        """The log-in that was sealed under that name. Raises BadConfiguration."""
        told = json.loads(self._keys.open(sealed))
        if told["name"] != name:
            raise BadConfiguration.of(
                f'the vault holds another log-in under "{name}": log in again'
            )
        return _tokens(told)

    def sealed(self, name: str, tokens: Tokens) -> str:
        """How it is kept; bound to its name, so that no row can be put in another's place."""
        return self._keys.seal(json.dumps({"name": name, **_told(tokens)}))

    def keep(self, name: str, tokens: Tokens, *, renew_at: datetime | None = None) -> None:
        """Keep what a log-in gave, in place of any earlier one. Raises BadConfiguration."""
        self.keep_all({name: (tokens, renew_at)})

    def keep_all(self, logins: Mapping[str, tuple[Tokens, datetime | None]]) -> None:
        """Keep all of these, each with the moment to renew it, or none. Raises BadConfiguration."""
        with self._database().writing() as connection:
            if not connection.scalar(sa.select(sa.func.count()).select_from(vault)):
                self._keys.make()
            for name, (tokens, renew_at) in logins.items():
                values = self.columns(name, tokens, renew_at)
                if not connection.execute(_named(name).values(values)).rowcount:
                    connection.execute(sa.insert(vault).values(name=name, **values))

    def columns(self, name: str, tokens: Tokens, renew_at: datetime | None) -> dict[str, Any]:
        """What the row says of a log-in that is in order."""
        return {
            "sealed": self.sealed(name, tokens),
            "expires_at": tokens.expires_at,
            "renew_at": renew_at,
            "trouble": "",
            **NOT_LEASED,
        }

    def endings(self) -> dict[str, Ending]:
        """What is known of each log-in without opening it, by name."""
        with self._database().reading() as connection:
            return endings(connection)


NOT_LEASED = {"leased_by": "", "leased_until": None, "sent_at": None}


def endings(connection: Connection) -> dict[str, Ending]:
    """What is known of each log-in without opening it, by name."""
    asked = sa.select(vault.c.name, vault.c.expires_at, vault.c.renew_at, vault.c.trouble)
    found = connection.execute(asked.order_by(vault.c.name))
    return {row.name: Ending(row.name, row.expires_at, row.renew_at, row.trouble) for row in found}


def _named(name: str) -> sa.Update:
    return sa.update(vault).where(vault.c.name == name)


def _told(tokens: Tokens) -> dict[str, Any]:
    client = tokens.client
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "got_at": tokens.got_at.isoformat(),
        "expires_at": tokens.expires_at and tokens.expires_at.isoformat(),
        "scopes": tokens.scopes,
        "client": client and [client.id, client.secret],
    }


def _tokens(told: dict[str, Any]) -> Tokens:
    return Tokens(
        access_token=told["access_token"],
        got_at=datetime.fromisoformat(told["got_at"]),
        refresh_token=told["refresh_token"],
        expires_at=told["expires_at"] and datetime.fromisoformat(told["expires_at"]),
        scopes=tuple(told["scopes"]),
        client=Client(*told["client"]) if told["client"] else None,
    )
