"""How fast, how punctual and how heavy the engine is, beside the floor and its peers, in one run.

    python -m bench.engine [--quick] [--json] [--docs]

Whatever is compared runs in turns, so that a noisy machine disturbs all; figures are medians of
the rounds. `--docs` also writes the table into docs/benchmarks.md. Exit code 1 where what is asked
is not met.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.engine import measures, rivals
from bench.engine.measures import THREADS, percentile
from bench.engine.network import Server, known
from bench.engine.quiet import be_quiet
from bench.tables import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres import Server as Postgres

ASKED = {
    "sqlite_ratio": ("at least", 0.6),
    "postgres_ratio": ("at least", 0.5),
    "sqlite_per_s": ("at least", 4000),
    "postgres_per_s": ("at least", 1500),
    "due_p50_ms": ("at most", 10),
    "due_p99_ms": ("at most", 50),
    "late_1_p99_ms": ("at most", 1000),
    "late_100_p99_ms": ("at most", 1000),
    "late_500_p99_ms": ("at most", 1000),
    "late_p99_ms": ("at most", 1000),
    "late_1000_ratio": ("at most", 1.5),
    "claim_ratio_1m": ("at most", 1.5),
    "memory_mb": ("at most", 150),
}


SAID = {
    "bare_http_per_s": ("bare `httpx.Client`, 32 threads: posts", "/s"),
    "sqlite_http_per_s": ("karnay on SQLite, 32 threads: deliveries", "/s"),
    "sqlite_ratio": ("... beside bare httpx", ""),
    "postgres_http_per_s": ("karnay on PostgreSQL, 32 threads: deliveries", "/s"),
    "postgres_ratio": ("... beside bare httpx", ""),
    "pgqueuer_http_per_s": ("plain PgQueuer, 32 threads, no journal: posts", "/s"),
    "procrastinate_http_per_s": ("plain Procrastinate, 32 threads, no journal: posts", "/s"),
    "sqlite_per_s": ("a network that answers at once, SQLite: deliveries", "/s"),
    "postgres_per_s": ("a network that answers at once, PostgreSQL: deliveries", "/s"),
    **{
        f"late_{burst}_{which}_ms": (f"{burst} due at once: {which} from due to arrival", " ms")
        for burst in (1, 100, 500, 1000)
        for which in ("p50", "p99", "max")
    },
    "late_1000_bare_p99_ms": ("1000 at once by bare httpx, as many threads: p99", " ms"),
    "late_1000_ratio": ("... karnay beside it", ""),
    "due_p50_ms": ("due to attempt on disk, 1 M queued: p50", " ms"),
    "due_p99_ms": ("due to attempt on disk, 1 M queued: p99", " ms"),
    "claim_10k_ms": ("a claim with 10 k queued", " ms"),
    "claim_100k_ms": ("a claim with 100 k queued", " ms"),
    "claim_1000k_ms": ("a claim with 1 M queued", " ms"),
    "claim_ratio_1m": ("... 1 M beside 10 k", ""),
    "memory_mb": ("a daemon's memory with 100 k queued", " MB"),
    "one_daemon_per_s": ("one daemon on PostgreSQL: deliveries", "/s"),
    "two_daemons_per_s": ("two daemons on PostgreSQL: deliveries", "/s"),
    "two_daemons_ratio": ("... two beside one", ""),
}
"""What each figure is, and its unit."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    posts: int
    at_once: int
    queued: int
    instants: int


WHOLE = Size(rounds=3, posts=2000, at_once=6000, queued=1_000_000, instants=200)
QUICK = Size(rounds=1, posts=400, at_once=1000, queued=50_000, instants=20)


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    parser.add_argument("--only", default="", help="those measures whose name contains this")
    asked = parser.parse_args()
    be_quiet()
    figures = measured(QUICK if asked.quick else WHOLE, asked.only)
    print(json.dumps(figures) if asked.json else table(figures))
    if asked.docs:
        write("engine", table(figures))
    return int(not all(_met(name, figures[name]) for name in ASKED if name in figures))


def measured(size: Size, only: str = "") -> dict[str, float]:
    """The figures by name."""
    figures: dict[str, float] = {}
    postgres = _postgres()
    with known():
        for measure in (_throughput, _immediate, _punctual, _durable, _claims, _heavy, _many):
            if only in measure.__name__:
                figures |= {name: round(value, 3) for name, value in measure(size, postgres)}
                print(figures, file=sys.stderr)
    if postgres is not None:
        postgres.remove()
    return figures


def _throughput(size: Size, postgres: Postgres | None) -> Iterator[tuple[str, float]]:
    network = Server()
    runs: dict[str, Callable[[], float]] = {
        "bare": lambda: rivals.bare(network.url, size.posts, THREADS),
        **{name: _posting(make, network, size) for name, make in measures.makers(postgres).items()},
        **_queues(postgres, network, size),
    }
    rates = _in_turns(runs, size.rounds)
    network.close()
    for name, rate in rates.items():
        yield f"{name}_http_per_s", rate
    for name in rates.keys() & {"sqlite", "postgres"}:
        yield f"{name}_ratio", rates[name] / rates["bare"]


def _posting(make: measures.MakeOffice, network: Server, size: Size) -> Callable[[], float]:
    return lambda: measures.over_http(make, network.url, size.posts)


def _queues(
    postgres: Postgres | None, network: Server, size: Size
) -> dict[str, Callable[[], float]]:
    """The job queues, each in a database of its own; those that are installed."""
    if postgres is None:
        return {}
    known_queues = {"pgqueuer": rivals.pgqueuer, "procrastinate": rivals.procrastinate}

    def posting(queue: Callable[..., float]) -> Callable[[], float]:
        where = {"host": str(postgres.folder), "user": "karnay"}
        return lambda: queue(
            {**where, "dbname": postgres.database()}, network.url, size.posts, THREADS
        )

    return {
        name: posting(queue)
        for name, queue in known_queues.items()
        if importlib.util.find_spec(name)
    }


def _immediate(size: Size, postgres: Postgres | None) -> Iterator[tuple[str, float]]:
    for name, make in measures.makers(postgres).items():
        rates = [measures.at_once(make, size.at_once) for _ in range(size.rounds)]
        yield f"{name}_per_s", statistics.median(rates)


def _punctual(size: Size, _: Postgres | None) -> Iterator[tuple[str, float]]:
    for burst in (1, 100, 500, 1000):
        late = [one for _ in range(size.rounds) for one in measures.lateness(burst)]
        yield f"late_{burst}_p50_ms", statistics.median(late) * 1e3
        yield f"late_{burst}_p99_ms", percentile(late, 99) * 1e3
        yield f"late_{burst}_max_ms", max(late) * 1e3
        if burst == 500:
            yield "late_p99_ms", percentile(late, 99) * 1e3
    bare = [one for _ in range(size.rounds) for one in measures.lateness_of_bare(1000)]
    yield "late_1000_bare_p99_ms", percentile(bare, 99) * 1e3
    yield "late_1000_ratio", percentile(late, 99) / percentile(bare, 99)


def _durable(size: Size, _: Postgres | None) -> Iterator[tuple[str, float]]:
    seconds = measures.due_to_disk(size.queued, size.instants)
    yield "due_p50_ms", statistics.median(seconds) * 1e3
    yield "due_p99_ms", percentile(seconds, 99) * 1e3


def _claims(size: Size, _: Postgres | None) -> Iterator[tuple[str, float]]:
    medians = {
        queued: statistics.median(measures.claim_times(queued))
        for queued in (10_000, 100_000, size.queued)
    }
    for queued, seconds in medians.items():
        yield f"claim_{queued // 1000}k_ms", seconds * 1e3
    yield "claim_ratio_1m", medians[size.queued] / medians[10_000]


def _heavy(size: Size, _: Postgres | None) -> Iterator[tuple[str, float]]:
    yield "memory_mb", measures.memory(min(size.queued, 100_000))


def _many(size: Size, postgres: Postgres | None) -> Iterator[tuple[str, float]]:
    if postgres is None:
        return
    runs = {
        "one": lambda: measures.with_daemons(postgres, 1, size.posts),
        "two": lambda: measures.with_daemons(postgres, 2, size.posts),
    }
    rates = _in_turns(runs, size.rounds)
    yield "one_daemon_per_s", rates["one"]
    yield "two_daemons_per_s", rates["two"]
    yield "two_daemons_ratio", rates["two"] / rates["one"]


def _in_turns(runs: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    rates = [{name: run() for name, run in runs.items()} for _ in range(rounds)]
    return {name: statistics.median(rate[name] for rate in rates) for name in runs}


def _met(name: str, value: float) -> bool:
    how, bound = ASKED[name]
    return value >= bound if how == "at least" else value <= bound


def table(figures: dict[str, float]) -> str:
    """The figures as a Markdown table."""
    rows = ["| | measured | asked |", "|---|---|---|"]
    for name, (says, unit) in SAID.items():
        if name in figures:
            how, bound = ASKED.get(name, ("", ""))
            rows.append(f"| {says} | {_shown(figures[name])}{unit} | {f'{how} {bound}'.strip()} |")
    return "\n".join(rows)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _postgres() -> Postgres | None:
    from tests.postgres import DURABLE, server

    try:
        return server(DURABLE)
    except BaseException as error:  # noqa: BLE001 - pytest's skip is no Exception
        print(f"without PostgreSQL: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main())
