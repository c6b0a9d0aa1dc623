"""Examining a daemon while it runs: its vitals and the database, seen together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.engine.health import PATIENCE, TAKEN_OVER_WITHIN, Health, Snapshot, judge
from karnay.errors import StoreError
from karnay.secrets import redact
from karnay.store.sight import Waiting, abandoned, needs, not_begun

if TYPE_CHECKING:
    from karnay.clock import Clock
    from karnay.engine.vitals import Vitals
    from karnay.store.database import Database

SECOND_LOOK = timedelta(seconds=0.5)
"""After how long what seems forgotten is looked at again: it may just have got its turn."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """Examines one daemon, as often as somebody asks."""

    database: Database
    vitals: Vitals
    clock: Clock

    def health(self) -> Health:
        """How it stands now; takes half a second longer where something seems forgotten."""
        return judge(self._snapshot())

    def _snapshot(self) -> Snapshot:
        try:
            waiting = self._forgotten()
            with self.database.reading() as connection:
                left = abandoned(connection, self.clock.now(), TAKEN_OVER_WITHIN)
                people = needs(connection, self.clock.now())
        except StoreError as error:
            return Snapshot(self.clock.now(), self.vitals.signs(), unreadable=redact(str(error)))
        return Snapshot(self.clock.now(), self.vitals.signs(), waiting, left, people)

    def _forgotten(self) -> Waiting | None:
        """The delivery that waits longest without a reason, and waits still at a second look."""
        seen = self._not_begun()
        if not seen:
            return None
        self.clock.sleep(SECOND_LOOK.total_seconds())
        still = set(self._not_begun())
        return next((one for one in seen if one in still), None)

    def _not_begun(self) -> list[Waiting]:
        with self.database.reading() as connection:
            return not_begun(connection, self.clock.now(), PATIENCE)
