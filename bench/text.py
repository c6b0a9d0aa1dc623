"""How fast texts are measured and split, beside the networks' own programs, in one run.

    python -m bench.text [--quick] [--json] [--docs]

The competitors are those that `.ci/judges` installs. All get the same texts, in turns, so that a
noisy machine disturbs all; figures are medians of the rounds. `--docs` also writes the table into
docs/benchmarks.md. Exit code 1 where what is asked is not met.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.announcements import announcements, long_announcement
from bench.tables import write
from bench.worst import limits_of, worst_of_each
from karnay.text import bluesky, fitting, mastodon, telegram, x
from karnay.text.markdown import lower
from karnay.text.plain import adapted
from karnay.text.richtext import RichText, utf8_offsets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOME = Path(os.environ.get("KARNAY_JUDGES", "~/.cache/karnay-judges")).expanduser()

ASKED: Mapping[str, tuple[str, float]] = {
    "x_length_ratio": ("at least", 1.0),
    "bluesky_grapheme_ratio": ("at least", 10.0),
    "facets_ratio": ("at least", 1.0),
    "split_ms": ("under", 2.0),
    "worst_measure_ms": ("under", 50.0),
    "worst_split_ms": ("under", 50.0),
    "worst_shorten_ms": ("under", 50.0),
    "worst_lower_ms": ("under", 50.0),
}

Runner = Callable[[], tuple[float, int]]
"""Does a task once on all texts; seconds, and a sum that tells whether all did the same."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `ratio` is how many times as fast as the competitor we are."""

    task: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    asked: str = ""


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: a smoke test")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    asked = parser.parse_args()
    figures, rows = measured(rounds=3 if asked.quick else 15)
    print(json.dumps(figures) if asked.json else table(rows))
    if asked.docs:
        write("text", table(rows))
    return int(not all(_met(name, figures[name]) for name in ASKED))


def measured(rounds: int) -> tuple[dict[str, float], list[Row]]:
    """The figures by name, and the table's rows."""
    texts = announcements()
    with ExitStack() as stack:
        theirs = stack.enter_context(competitors(texts))
        seconds = _in_turns({**theirs, **_ours(texts)}, rounds)
    worst = worst_of_each(5 if rounds > 3 else 2)
    figures = {
        "x_length_ratio": seconds["twitter-text"] / seconds["x"],
        "bluesky_grapheme_ratio": seconds["RichText"] / seconds["graphemes"],
        "facets_ratio": seconds["atproto"] / seconds["facets"],
        "split_ms": seconds["split"] * 1e3,
        **{f"worst_{task}_ms": ms for task, (ms, _) in worst.items()},
    }
    rounded = {name: round(value, 2) for name, value in figures.items()}
    names = {task: name for task, (_, name) in worst.items()}
    return rounded, _rows(rounded, seconds, len(texts), names)


def _rows(
    figures: Mapping[str, float],
    seconds: Mapping[str, float],
    count: int,
    worst: Mapping[str, str],
) -> list[Row]:
    def beside(task: str, key: str, rival: tuple[str, str], ratio: str) -> Row:
        ours, theirs = (f"{seconds[name] / count * 1e6:.1f} µs" for name in (key, rival[0]))
        return Row(task, ours, f"{rival[1]}: {theirs}", f"{figures[ratio]:.2f}", _asked(ratio))

    def alone(task: str, key: str) -> Row:
        return Row(task, f"{seconds[key] / count * 1e6:.1f} µs")

    return [
        beside("X: weighted length", "x", ("twitter-text", "`parseTweet`"), "x_length_ratio"),
        beside(
            "Bluesky: graphemes",
            "graphemes",
            ("RichText", "`graphemeLength`"),
            "bluesky_grapheme_ratio",
        ),
        beside(
            "Bluesky: facets", "facets", ("atproto", "Python SDK `detect_facets`"), "facets_ratio"
        ),
        alone("Mastodon: length", "mastodon"),
        alone("Telegram: length", "telegram"),
        Row("X: split 2,300 characters", **_in_ms(figures, "split_ms")),
        *(
            Row(
                f"10,000 hostile characters: {task}, worst {name}",
                **_in_ms(figures, f"worst_{task}_ms"),
            )
            for task, name in worst.items()
        ),
    ]


def _in_ms(figures: Mapping[str, float], name: str) -> dict[str, str]:
    return {"ours": f"{figures[name]:.2f} ms", "asked": _asked(name)}


def _asked(name: str) -> str:
    word, value = ASKED[name]
    return f"{word} {value:g}{' ms' if name.endswith('_ms') else ''}"


def _met(name: str, value: float) -> bool:
    word, limit = ASKED[name]
    return value >= limit if word == "at least" else value < limit


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| a text of about 300 characters | karnay | beside | times as fast | asked |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(
        [*lines, *(f"| {r.task} | {r.ours} | {r.theirs} | {r.ratio} | {r.asked} |" for r in rows)]
    )


def _in_turns(runners: Mapping[str, Runner], rounds: int) -> dict[str, float]:
    """Each one's median in seconds, after two rounds to warm up."""
    times: dict[str, list[float]] = {name: [] for name in runners}
    sums: dict[str, int] = {}
    for _ in range(rounds + 2):
        for name, run in runners.items():
            seconds, sums[name] = run()
            times[name].append(seconds)
    for ours, theirs in (("x", "twitter-text"), ("graphemes", "RichText"), ("facets", "atproto")):
        assert sums[ours] == sums[theirs], f"{ours} and {theirs} differ: {sums}"
    return {name: statistics.median(found[2:]) for name, found in times.items()}


def _ours(texts: Sequence[str]) -> dict[str, Runner]:
    rich = [RichText(text) for text in texts]
    on_mastodon = mastodon.measuring()
    [long] = lower(long_announcement())
    limits = limits_of("x")
    long = adapted(long, limits.dialect)
    return {
        "x": lambda: _timed(lambda: sum(map(x.measure, rich))),
        "graphemes": lambda: _timed(lambda: sum(map(bluesky.graphemes, rich))),
        "facets": lambda: _timed(lambda: sum(map(_facets, texts))),
        "mastodon": lambda: _timed(lambda: sum(map(on_mastodon, rich))),
        "telegram": lambda: _timed(lambda: sum(map(telegram.measure, rich))),
        "split": lambda: _timed(
            lambda: len(fitting.split(long, limits.counters, most=limits.parts) or ())
        ),
    }


def _facets(text: str) -> int:
    """How many facets there are, each with its offsets in bytes of UTF-8, as the SDK gives them."""
    offsets = utf8_offsets(text)
    return len([(offsets[span.start], offsets[span.end]) for span in bluesky.detect(text)])


def _timed(task: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    total = task()
    return time.perf_counter() - began, total


@contextmanager
def competitors(texts: Sequence[str]) -> Iterator[dict[str, Runner]]:
    """The others' programs, each a process that keeps running between the rounds."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), "utf-8")
        node = [HOME / "bin" / "node", here / "rivals.cjs", HOME / "networks", file]
        sdk = [HOME / "venv" / "bin" / "python", here / "atproto_sdk.py", file]
        ask_node, ask_sdk = (stack.enter_context(_process(command)) for command in (node, sdk))
        yield {
            "twitter-text": lambda: ask_node("x_length"),
            "RichText": lambda: ask_node("graphemes"),
            "atproto": lambda: ask_sdk("facets"),
        }


@contextmanager
def _process(command: Sequence[Path]) -> Iterator[Callable[[str], tuple[float, int]]]:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asked, answers = process.stdin, process.stdout
        assert asked is not None
        assert answers is not None

        def ask(task: str) -> tuple[float, int]:
            asked.write(f"{task}\n")
            asked.flush()
            answer = json.loads(answers.readline())
            return float(answer["seconds"]), int(answer["sum"])

        yield ask
        asked.close()


if __name__ == "__main__":
    sys.exit(main())
