"""How long one photograph of 24 megapixels takes for all eight networks, and how much memory.

    python -m bench.media [--rounds N] [--json] [--docs]

Each preview is a process of its own: the first makes the pictures, the second finds them made.
Figures are medians of the rounds, seconds from before karnay's media are imported. Exit code 1
where what is asked is not met.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.tables import write

ASKED = {"first_s": 3.0, "first_mb": 500.0, "second_s": 0.3, "second_mb": 500.0}
SAID = {
    "photograph_mb": ("the photograph: 6000 x 4000, lying, with its place", " MB"),
    "first_s": ("made ready for eight networks", " s"),
    "first_cpu_s": ("... of which processors worked", " s"),
    "first_mb": ("... memory at most", " MB"),
    "second_s": ("a second time", " s"),
    "second_mb": ("... memory at most", " MB"),
}
"""What each figure is, and its unit."""


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder:
        print(json.dumps(preview(asked.folder)))
        return 0
    figures = measured(asked.rounds)
    print(json.dumps(figures) if asked.json else table(figures))
    if asked.docs:
        write("media", table(figures))
    return int(any(figures[name] > most for name, most in ASKED.items()))


def measured(rounds: int) -> dict[str, float]:
    """The figures by name."""
    with TemporaryDirectory() as folder:
        photograph = Path(folder, "photograph.jpg")
        _run("bench.media.photograph", str(photograph))
        pairs = [_pair(Path(folder), index) for index in range(rounds)]
        figures = {"photograph_mb": photograph.stat().st_size / 1e6}
    return figures | {name: statistics.median(pair[name] for pair in pairs) for name in pairs[0]}


def _pair(folder: Path, index: int) -> dict[str, float]:
    """A first and a second preview, over a new cabinet."""
    place = folder / str(index)
    place.mkdir()
    (place / "photograph.jpg").hardlink_to(folder / "photograph.jpg")
    runs = {"first": _previewed(place), "second": _previewed(place)}
    return {f"{name}_{what}": value for name, run in runs.items() for what, value in run.items()}


def _previewed(folder: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads(_run("bench.media", "--in", str(folder)))
    return found


def _run(module: str, *arguments: str) -> bytes:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def preview(folder: Path) -> dict[str, float]:
    """In a process of its own: the photograph for all networks, and what that took."""
    began = time.perf_counter()
    from bench.media.networks import limits
    from karnay.media.cabinet import Cabinet
    from karnay.media.darkroom import Darkroom

    darkroom = Darkroom(Cabinet(folder / "media"))
    made = [darkroom.ready(folder / "photograph.jpg", one) for one in limits().values()]
    took = time.perf_counter() - began
    assert all(one.asset for one in made), made
    used = resource.getrusage(resource.RUSAGE_SELF)
    worked = used.ru_utime + used.ru_stime
    return {"s": took, "cpu_s": worked, "mb": used.ru_maxrss / 1000}


def table(figures: dict[str, float]) -> str:
    """The figures as a Markdown table."""
    rows = ["| | measured | asked |", "|---|---|---|"]
    for name, (says, unit) in SAID.items():
        most = f"under {ASKED[name]:g}{unit}" if name in ASKED else ""
        rows.append(f"| {says} | {figures[name]:.3g}{unit} | {most} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
