"""A publisher for each thread of a daemon."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock, local
from typing import TYPE_CHECKING

from karnay.engine.publisher import Publisher
from karnay.platforms.wire import Sessions, Wire
from karnay.store.budgets import Budgets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.accounts import Account
    from karnay.engine.daemon import Means
    from karnay.store.journal import Journal


class Publishers:
    """Gives each thread a publisher with a wire of its own; all of them share the log-ins."""

    def __init__(self, journal: Journal, means: Means, stopping: Callable[[], bool]) -> None:
        self._journal = journal
        self._means = means
        self._stopping = stopping
        self._budgets = Budgets(means.database)
        self._sessions = Sessions()
        self._changing = Lock()  # accounts and log-ins belong together
        self._threads = local()
        self._wires: list[Wire] = []

    def own(self) -> Publisher:
        """This thread's, for the accounts of now."""
        publisher: Publisher | None = getattr(self._threads, "publisher", None)
        if publisher is None or publisher.accounts is not self._means.accounts:
            self._let_go(publisher)
            publisher = self._threads.publisher = self._made()
        return publisher

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Those that are published to now."""
        return self._means.accounts

    def reload(self, accounts: Mapping[str, Account]) -> None:
        """Publish to these accounts from now on; what is in hand goes to those of before."""
        with self._changing:
            self._means = replace(self._means, accounts=accounts)
            self._sessions = Sessions()  # a log-in of before may be another account's

    def close(self) -> None:
        """Close all wires, when no thread publishes any more."""
        for wire in self._wires:
            wire.close()

    def _made(self) -> Publisher:
        with self._changing:
            means, sessions = self._means, self._sessions
        wire = Wire(
            means.clock,
            transport=means.transport,
            sessions=sessions,
            hears=means.vitals.clock_offset_seen,
            timeout=means.tempos.timeout,
            files=means.files,
        )
        self._wires.append(wire)
        return Publisher(
            self._journal,
            means.accounts,
            means.clock,
            wire,
            self._budgets,
            stopping=self._stopping,
            passing=means.passing,
            vitals=means.vitals,
        )

    def _let_go(self, publisher: Publisher | None) -> None:
        if publisher is not None:
            publisher.wire.close()
            self._wires.remove(publisher.wire)
