"""Renewing log-ins ahead of their end, whichever machine gets to it first.

A refresh token that is good for a single use is never sent twice: the request is noted before it
leaves, and what was noted and has no outcome is a question for a person. All others are simply sent
again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from karnay.errors import (
    AccountError,
    BadConfiguration,
    KarnayError,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    StoreError,
    StoreGone,
    Transient,
)
from karnay.platforms.authorizing import Authorizing
from karnay.platforms.logins import OAuth, login_of
from karnay.platforms.registry import platform
from karnay.platforms.wire import DEADLINE, Timer, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.platforms.logins import Login, Refresh, Tokens
    from karnay.platforms.wire import Transport
    from karnay.store.renewals import Lease, Renewals

log = structlog.get_logger(__name__)

REFRESH_EVERY = timedelta(minutes=1)
"""How often to look for log-ins that are to be renewed."""

LEAVES_WITHIN = 15.0
"""Seconds after the note in which the request leaves, or never."""

LEASE = timedelta(seconds=2 * (LEAVES_WITHIN + DEADLINE))
"""How long a machine may take to renew one; longer than its request can."""

RETRY = timedelta(minutes=1)
"""How long to leave a network alone that could not be reached."""

WRITE_TRIES = 60
"""How often, a second apart, new tokens in hand are written again when the database refuses."""


def of_registry(account: Account) -> Login | None:
    """How the account's platform logs in."""
    return login_of(platform(account.platform), account)


@dataclass
class Refresher:
    """Renews what is due. `login` tells how an account logs in; a seam for tests."""

    renewals: Renewals
    accounts: Mapping[str, Account]
    clock: Clock
    transport: Transport | None = None
    login: Callable[[Account], Login | None] = of_registry
    pause: Callable[[float], None] = time.sleep
    _turn: Lock = field(default_factory=Lock, repr=False)
    _stopped: bool = False

    def run(self) -> None:
        """Renew all that is due, one after the other; never raises."""
        with self._turn:
            try:
                for name in [] if self._stopped else self.renewals.due(self.clock.now()):
                    self._attend_to(name)
            except StoreError as error:
                log.warning("log-ins cannot be looked at", error=str(error))
            except Exception:  # what was noted as sent and has no outcome stays so
                log.exception("renewing a log-in failed")

    def stop(self) -> None:
        """Begin none any more, and wait for the one in hand."""
        self._stopped = True
        with self._turn:
            pass

    def _attend_to(self, name: str) -> None:
        served = self._served_by(name)
        if self._stopped or not served:
            return
        lease = self.renewals.lease(name, self.clock.now(), LEASE)
        if lease is not None:
            with structlog.contextvars.bound_contextvars(login=name):
                self._renew(lease, served)

    def _served_by(self, name: str) -> dict[str, Account]:
        """The accounts of karnay.toml whose renewable log-in this is."""
        return {
            account.name: account
            for account in self.accounts.values()
            if _renewable_as(self.login(account), account) == name
        }

    def _renew(self, lease: Lease, served: Mapping[str, Account]) -> None:
        account = next(iter(served.values()))
        oauth, refresh = _renewable(self.login(account))
        if lease.sent_at and refresh.single_use:
            self._give_up(lease, served, "nobody knows whether the refresh token was used")
            return
        try:
            tokens = self.renewals.vault.opened(lease.name, lease.sealed)
            fresh = self._asked(lease, oauth, refresh, account, tokens)
        except (AccountError, Rejected, OutcomeUnknown) as error:
            self._give_up(lease, served, str(error))
        except (PublishingError, BadConfiguration) as error:
            self._put_off(lease, error)
        else:
            if fresh is not None:
                self._keep(lease, fresh, refresh.due(fresh))

    def _asked(
        self,
        lease: Lease,
        oauth: OAuth,
        refresh: Refresh,
        account: Account,
        tokens: Tokens,
    ) -> Tokens | None:
        """New tokens; None: the lease was lost before the request left."""
        with Wire(self.clock, transport=self.transport) as wire:
            authorizing = Authorizing(oauth, account, wire)
            with wire.leaving_before(Timer(self.clock, LEAVES_WITHIN)):
                if not self.renewals.sending(lease, self.clock.now()):
                    return None
                return authorizing.renewed(refresh, tokens)

    def _keep(self, lease: Lease, tokens: Tokens, renew_at: datetime | None) -> None:
        """Write the new tokens down: nothing matters more, the old ones may be worth nothing."""
        for _ in range(WRITE_TRIES):
            try:
                kept = self.renewals.renewed(lease, tokens, renew_at)
            except StoreGone:
                raise
            except (StoreError, BadConfiguration) as error:
                log.warning("new tokens are not written yet", error=str(error))
                self.pause(1)
            else:
                log.info("the log-in was renewed" if kept else "somebody logged in meanwhile")
                return
        log.error("new tokens were lost: the database cannot be written")

    def _put_off(self, lease: Lease, error: KarnayError) -> None:
        now = self.clock.now()
        asked = error.until if isinstance(error, RateLimited | Transient) else None
        self.renewals.put_off(lease, max(asked or now, now + RETRY))
        log.warning("the log-in is not renewed yet", error=str(error))

    def _give_up(self, lease: Lease, served: Mapping[str, Account], why: str) -> None:
        """Only a person can mend it."""
        first = next(iter(served))
        said = f"log in again: `karnay accounts login {first}` (not renewed: {why})"
        self.renewals.give_up(lease, served, said, self.clock.now())
        log.error("the log-in cannot be renewed", error=said)


def _renewable_as(login: Login | None, account: Account) -> str | None:
    """The name in the vault of the account's log-in, if it is one to renew."""
    if not isinstance(login, OAuth) or login.refresh is None:
        return None
    return login.kept_as(account)


def _renewable(login: Login | None) -> tuple[OAuth, Refresh]:
    assert isinstance(login, OAuth)  # noqa: S101 - `_renewable_as` found it so
    assert login.refresh is not None  # noqa: S101
    return login, login.refresh
