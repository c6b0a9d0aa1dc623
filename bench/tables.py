"""Puts a benchmark's table into docs/benchmarks.md, between its marks."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def write(name: str, shown: str) -> None:
    """Replace the table of `python -m bench.NAME`. Raises ValueError where it has no marks."""
    begin, end = f"<!-- bench.{name}: begin -->", f"<!-- bench.{name}: end -->"
    page = PAGE.read_text("utf-8")
    if begin not in page or end not in page:
        raise ValueError(f"{PAGE} has no place for the table of bench.{name}")
    before, _, rest = page.partition(begin)
    PAGE.write_text(f"{before}{begin}\n{shown}\n{end}{rest.partition(end)[2]}", "utf-8")
