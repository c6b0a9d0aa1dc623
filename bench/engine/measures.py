"""What is measured, each by itself; every figure has a name."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.engine import rivals
from bench.engine.network import Server
from bench.engine.office import AHEAD, WORKERS, on_sqlite, opened
from karnay.clock import SystemClock
from karnay.engine.publisher import LEASE, Point
from karnay.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from tests.postgres import Server as Postgres

    from bench.engine.office import Office

    MakeOffice = Callable[[int, str], AbstractContextManager[Office]]

THREADS = 32
"""In which we and the rivals post, where they are compared."""

_ACCOUNTS = 256
_ANSWERS_AFTER = 0.2  # seconds
_JUST_NOW = timedelta(seconds=1)


def makers(postgres: Postgres | None) -> dict[str, MakeOffice]:
    """How to make an office over each kind of database."""

    @contextlib.contextmanager
    def on_postgres(accounts: int, network: str = "") -> Iterator[Office]:
        assert postgres is not None
        name = postgres.with_schema()
        with opened(postgres.url(name), accounts, network) as office:
            yield office
        postgres.drop(name)

    return {"sqlite": on_sqlite, **({"postgres": on_postgres} if postgres else {})}


def at_once(make: MakeOffice, count: int) -> float:
    """Deliveries a second where the network answers at once, in process."""
    with make(_ACCOUNTS, "") as office:
        return office.publish(count)


def over_http(make: MakeOffice, url: str, count: int) -> float:
    """Deliveries a second over HTTP, in as many threads as the rivals have."""
    with make(_ACCOUNTS, url) as office:
        return office.publish(count, THREADS)


def lateness(burst: int) -> list[float]:
    """Seconds from the due moment to the request's arrival, of so many due in the same moment."""
    with _slow_network() as network, on_sqlite(burst, network.url) as office:
        due_at = office.clock.now() + AHEAD
        office.queue(burst, due_at)
        with office.publishing():
            return _late(network, burst, due_at)


def lateness_of_bare(burst: int) -> list[float]:
    """The same where nothing but httpx posts, in as many threads as we have."""
    with _slow_network() as network:
        due_at = SystemClock().now() + AHEAD
        rivals.bare(network.url, burst, WORKERS, at=due_at)
        return _late(network, burst, due_at)


def due_to_disk(queued: int, instants: int) -> list[float]:
    """Seconds from due to the attempt on disk, of single deliveries in a queue of that length."""
    begun: list[float] = []
    with on_sqlite(_ACCOUNTS) as office:
        first, apart = office.clock.now() + timedelta(days=1), timedelta(milliseconds=50)
        office.queue(1000, first)
        office.thicken(queued // 1000 - 1)
        start = office.clock.now() + AHEAD
        office.queue(instants, start, apart)

        def passing(point: Point) -> None:
            if point is Point.BEGUN:
                begun.append(time.time())

        with office.publishing(passing=passing):
            _wait(lambda: len(begun) == instants)
    return [at - (start + n * apart).timestamp() for n, at in enumerate(sorted(begun))]


def claim_times(queued: int, rounds: int = 30) -> list[float]:
    """Seconds that a claim takes in a queue of that length, one of its accounts being due."""
    times = []
    with on_sqlite(_ACCOUNTS) as office:
        office.queue(1000, office.clock.now() + timedelta(days=1))
        office.thicken(queued // 1000 - 1)
        office.queue(rounds, office.clock.now() - _JUST_NOW)
        journal = Journal(office.database, "bench")
        for _ in range(rounds):
            began = time.perf_counter()
            assert journal.claim(office.clock.now(), LEASE, most=1)
            times.append(time.perf_counter() - began)
    return times


def memory(queued: int) -> float:
    """Megabytes that a daemon takes (resident) with so many deliveries queued."""
    with tempfile.TemporaryDirectory(prefix="karnay-bench-") as folder:
        with opened("sqlite:///karnay.db", _ACCOUNTS, "", Path(folder)) as office:
            office.queue(1000, office.clock.now() + timedelta(days=1))
            office.thicken(queued // 1000 - 1)
        command = [sys.executable, "-m", "bench.engine.resident", folder]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def with_daemons(postgres: Postgres, daemons: int, count: int) -> float:
    """Deliveries a second of so many daemons, each a process, on one PostgreSQL."""
    name = postgres.with_schema()
    command = [sys.executable, "-m", "bench.engine.resident", postgres.url(name)]
    with opened(postgres.url(name), _ACCOUNTS) as office:
        running = [subprocess.Popen([*command, str(_ACCOUNTS)]) for _ in range(daemons)]
        try:
            time.sleep(AHEAD.total_seconds())
            office.queue(count, office.clock.now())
            began = time.perf_counter()
            _wait(lambda: office.published() == count, every=0.1)
            return count / (time.perf_counter() - began)
        finally:
            for one in running:
                one.terminate()
                one.wait()


def percentile(values: Sequence[float], percent: int) -> float:
    """That percentile."""
    if len(values) == 1:
        return values[0]
    # Inclusive: of a few values, none is further out than the last.
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


@contextlib.contextmanager
def _slow_network() -> Iterator[Server]:
    network = Server(_ANSWERS_AFTER)
    try:
        yield network
    finally:
        network.close()


def _late(network: Server, count: int, due_at: datetime) -> list[float]:
    arrivals: list[datetime] = []

    def all_came() -> bool:
        arrivals.extend(network.arrivals())
        return len(arrivals) >= count

    _wait(all_came, every=0.5)
    return [(moment - due_at).total_seconds() for moment in arrivals]


def _wait(true: Callable[[], bool], every: float = 0.02, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
