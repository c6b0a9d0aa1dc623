"""How long `karnay --help` takes beside a bare `python -c "import click"`, in one run.

    python -m bench.startup [--rounds N] [--most RATIO] [--json]

The two are run in turns, so that a noisy machine disturbs both; the ratio is of the medians.
Exit code 1 where it is above `--most` (default 2).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

KARNAY = Path(sys.executable).with_name("karnay")
FLOOR = [sys.executable, "-c", "import click"]
OURS = [str(KARNAY), "--help"]


def seconds(command: list[str]) -> float:
    """How long one run of the command takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measured(rounds: int) -> dict[str, float]:
    """The medians in milliseconds, and their ratio, after one round to warm up."""
    pairs = [(seconds(FLOOR), seconds(OURS)) for _ in range(rounds + 1)][1:]
    floor, ours = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    return {"floor_ms": round(floor, 1), "help_ms": round(ours, 1), "ratio": round(ours / floor, 2)}


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--most", type=float, default=2.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measured(asked.rounds)
    print(json.dumps(found) if asked.json else _sentence(found))
    return int(found["ratio"] > asked.most)


def _sentence(found: dict[str, float]) -> str:
    return "karnay --help {help_ms} ms, import click {floor_ms} ms: {ratio} x".format(**found)


if __name__ == "__main__":
    sys.exit(main())
