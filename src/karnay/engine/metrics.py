"""What Prometheus is told: the vitals of this process, and what the database holds."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from karnay.engine.health import PATIENCE, TAKEN_OVER_WITHIN
from karnay.errors import StoreError
from karnay.store.sight import abandoned, counts, due, needs, not_begun
from karnay.store.vault import endings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from prometheus_client import CollectorRegistry, Metric
    from sqlalchemy.engine import Connection

    from karnay.clock import Clock
    from karnay.engine.checkup import Checkup
    from karnay.engine.vitals import Vitals
    from karnay.store.database import Database


class StoreCollector(Collector):
    """Asks the database at every scrape; while it cannot be used, tells that and no more."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Nothing: so that registering asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The numbers of this moment."""
        found: list[Metric] = []
        with contextlib.suppress(StoreError), self._database.reading() as connection:
            found = self._families(connection)
        yield _gauge("karnay_database_up", "Whether the database can be read.", bool(found))
        yield from found

    def _families(self, connection: Connection) -> list[Metric]:
        now = self._clock.now()
        waiting, people = not_begun(connection, now, PATIENCE), needs(connection, now)
        late = max(((now - one.since).total_seconds() for one in waiting), default=0)
        states = GaugeMetricFamily(
            "karnay_deliveries", "Deliveries with something still to come.", labels=["state"]
        )
        for state, count in counts(connection).items():
            states.add_metric([state.value], count)
        return [
            states,
            _gauge(
                "karnay_due_not_begun",
                "Deliveries that are due and may go out, be it after others of their account.",
                due(connection, now),
            ),
            _gauge(
                "karnay_oldest_due_seconds",
                "For how long a delivery has been waiting to begin without a reason.",
                late,
            ),
            _gauge(
                "karnay_abandoned",
                "Deliveries of a daemon that is gone, not taken over or looked for in time.",
                abandoned(connection, now, TAKEN_OVER_WITHIN),
            ),
            _logins_left(connection, now),
            _gauge("karnay_logins_ending", "Log-ins that need a person soon.", len(people.logins)),
            _gauge("karnay_accounts_paused", "Paused accounts.", len(people.paused)),
            _gauge(
                "karnay_unknown_asked", "Unknown deliveries that wait for a person.", people.asked
            ),
            _gauge("karnay_failed_lately", "Deliveries failed within a day.", people.failed),
        ]


def _logins_left(connection: Connection, now: datetime) -> Metric:
    left = GaugeMetricFamily(
        "karnay_login_seconds_left", "Until a log-in ends, renewed or not.", labels=["login"]
    )
    for name, ending in endings(connection).items():
        if ending.expires_at is not None:
            left.add_metric([name], (ending.expires_at - now).total_seconds())
    return left


class ThreadCollector(Collector):
    """Tells for how long each thread has been silent."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def describe(self) -> Iterable[Metric]:
        """Nothing: they are known once they beat."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The silences of this moment."""
        silences = GaugeMetricFamily(
            "karnay_thread_silence_seconds", "Since a thread's last beat.", labels=["thread"]
        )
        for name, silence in sorted(self._vitals.signs().silences.items()):
            silences.add_metric([name], silence)
        yield silences


def register(checkup: Checkup) -> None:
    """Have the vitals' registry tell of the threads and of the database, too."""
    registry = checkup.vitals.registry
    registry.register(ThreadCollector(checkup.vitals))
    registry.register(StoreCollector(checkup.database, checkup.clock))


def exposition(registry: CollectorRegistry, accept: str = "") -> tuple[bytes, str]:
    """All metrics in the format that the asker accepts, and its content type."""
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
