"""Tidying: files go when no delivery needs them any more, here and at their public address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from karnay.errors import PublishingError, StoreError
from karnay.platforms.hosting import withdraw
from karnay.secrets import redact
from karnay.store.carried import needed, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.media.cabinet import Cabinet
    from karnay.platforms.wire import Wire
    from karnay.store.database import Database

log = structlog.get_logger(__name__)

TIDY_EVERY = timedelta(hours=6)

KEPT_FOR = timedelta(days=30)
"""How long a file that nobody needs stays at hand: the next preview may want it."""

WITHDRAWN_WITHIN = timedelta(days=2)
"""For how long after the end of a delivery its public files are looked for to be taken away."""


@dataclass(frozen=True, slots=True)
class Tidying:
    """Removes what nobody needs; never in the way of publishing."""

    database: Database
    cabinet: Cabinet
    accounts: Mapping[str, Account]
    clock: Clock
    wire: Wire

    def run(self) -> None:
        """Do it once; what fails is logged, and tried again the next time."""
        try:
            self._forget()
            self._withdraw()
        except StoreError as error:
            log.warning("not tidied", error=str(error))

    def _forget(self) -> None:
        gone = self.cabinet.forget(needed(self.database), KEPT_FOR, self.clock.now())
        if gone:
            log.info("tidied", files=gone)

    def _withdraw(self) -> None:
        for name, steps in settled(self.database, self.clock.now() - WITHDRAWN_WITHIN):
            account = self.accounts.get(name)
            if account is None or account.media_host is None:
                continue
            try:
                withdraw(steps, account, self.wire)
            except PublishingError as error:
                log.warning("a public file stays", account=name, error=redact(str(error)))
