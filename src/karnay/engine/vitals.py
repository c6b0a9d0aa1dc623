"""The vitals of one daemon: what its threads tell of themselves, kept for health and metrics."""

from __future__ import annotations

import contextlib
import platform as machine
import statistics
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from threading import Lock, get_ident
from types import MappingProxyType
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.process_collector import ProcessCollector

from karnay import __version__
from karnay.secrets import redact
from karnay.store.writer import WRITER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.delivery.delivery import Delivery

CLOCK, WATCH, HEARTBEAT = "clock", "watch", "heartbeat"
"""The threads that must be alive, besides the writer, by the names under which they beat."""

THREADS = (CLOCK, WATCH, HEARTBEAT, WRITER)

_LATENESS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600)  # seconds
_REQUESTS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)  # seconds
_OFFSETS_KEPT = 9
_OFFSETS_COUNT_FOR = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Signs:
    """The vitals at one moment; seconds are those of a clock that nobody sets.

    `silences` is how long each thread has not beaten, `busy` how many workers have a delivery in
    hand, `longest_at_work` for how long one of them has had it. `clock_offset` is positive where
    our clock is ahead, None where nobody told us the time lately. `store_trouble` is why the last
    write was refused, empty since one was taken.
    """

    silences: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    busy: int = 0
    longest_at_work: float = 0.0
    worker_failed_ago: float | None = None
    clock_offset: float | None = None
    store_trouble: str = ""


class Vitals:
    """What a daemon's threads tell of themselves; every method may be called from any thread.

    Nothing here holds a text, a link or a secret. The numbers are those of this process; what the
    database holds is told by `karnay.engine.metrics`.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._monotonic = monotonic
        self._lock = Lock()
        self._beats: dict[str, float] = {}
        self._offsets: deque[tuple[float, float]] = deque(maxlen=_OFFSETS_KEPT)
        self._at_work: dict[int, float] = {}  # since when, by thread
        self._worker_failed_at: float | None = None
        self._store_trouble = ""
        self._register()

    def woke(self) -> None:
        """The clock woke, looked for what is due, and sleeps again."""
        self._wakes.inc()
        self.beat(CLOCK)

    def beat(self, name: str) -> None:
        """The thread of that name is alive; it is expected to say so again and again."""
        with self._lock:
            self._beats[name] = self._monotonic()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """This thread, a worker, has a delivery in hand."""
        worker = get_ident()
        with self._lock:
            self._at_work[worker] = self._monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._at_work[worker]

    def began(self, delivery: Delivery, late_seconds: float) -> None:
        """The delivery's very first request is about to leave, so long after its due time."""
        self._lateness(delivery.platform).observe(late_seconds)

    def attempted(self, platform: str, outcome: str, seconds: float) -> None:
        """One request to the platform ended so: `ok`, or the name of the error."""
        self._attempts(platform, outcome).inc()
        self._requests(platform).observe(seconds)

    def settled(self, platform: str, state: str) -> None:
        """A worker let go of a delivery in that state."""
        self._settled(platform, state).inc()

    def worker_failed(self) -> None:
        """A worker ended in an error that nobody foresaw."""
        self._failures.inc()
        with self._lock:
            self._worker_failed_at = self._monotonic()

    def clock_offset_seen(self, seconds: float) -> None:
        """Somebody told us the time: our clock is that much ahead of theirs (negative: behind)."""
        with self._lock:
            self._offsets.append((self._monotonic(), seconds))

    def stored(self) -> None:
        """The database took what was written."""
        with self._lock:
            self._store_trouble = ""

    def store_refused(self, reason: str) -> None:
        """The database did not take what was to be written."""
        with self._lock:
            self._store_trouble = redact(reason)

    def signs(self) -> Signs:
        """How it all stands now."""
        with self._lock:
            now = self._monotonic()
            failed_at = self._worker_failed_at
            return Signs(
                silences={name: now - beaten for name, beaten in self._beats.items()},
                busy=len(self._at_work),
                longest_at_work=now - min(self._at_work.values(), default=now),
                worker_failed_ago=None if failed_at is None else now - failed_at,
                clock_offset=self._clock_offset(now),
                store_trouble=self._store_trouble,
            )

    def _clock_offset(self, now: float) -> float | None:
        # The median: one network whose own clock is wrong does not make ours wrong.
        fresh = [seconds for at, seconds in self._offsets if now - at < _OFFSETS_COUNT_FOR]
        return statistics.median(fresh) if fresh else None

    def _register(self) -> None:
        # It makes a second series beside each counter, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._register_deliveries()
        self._register_process()

    def _register_deliveries(self) -> None:
        """What is told of each delivery: its series are found once, thousands a second use them."""
        self._lateness = cache(
            Histogram(
                "karnay_lateness_seconds",
                "From due to the first request.",
                ["platform"],
                buckets=_LATENESS,
                registry=self.registry,
            ).labels
        )
        self._attempts = cache(
            Counter(
                "karnay_attempts",
                "Requests by how they ended: ok, or the error.",
                ["platform", "outcome"],
                registry=self.registry,
            ).labels
        )
        self._requests = cache(
            Histogram(
                "karnay_request_seconds",
                "How long requests took.",
                ["platform"],
                buckets=_REQUESTS,
                registry=self.registry,
            ).labels
        )
        self._settled = cache(
            Counter(
                "karnay_settled",
                "How often a worker let go of a delivery, by the state that it left it in.",
                ["platform", "state"],
                registry=self.registry,
            ).labels
        )

    def _register_process(self) -> None:
        registry = self.registry
        self._wakes = Counter(
            "karnay_wakes", "How often the clock looked for what is due.", registry=registry
        )
        self._failures = Counter(
            "karnay_worker_failures", "Errors of workers that nobody foresaw.", registry=registry
        )
        busy = Gauge("karnay_workers_busy", "Workers with a delivery in hand.", registry=registry)
        busy.set_function(lambda: self.signs().busy)
        offset = Gauge(
            "karnay_clock_offset_seconds",
            "How far our clock is ahead of the networks'; NaN while nobody told us.",
            registry=registry,
        )
        offset.set_function(self._offset_or_nan)
        built = {"version": __version__, "python": machine.python_version()}
        Info("karnay_build", "What runs here.", registry=registry).info(built)
        ProcessCollector(registry=registry)

    def _offset_or_nan(self) -> float:
        offset = self.signs().clock_offset
        return float("nan") if offset is None else offset
