"""Writes the pages that follow from the code: `cli.md` and `platforms.md`.

python docs/generate.py             write them
python docs/generate.py --check     write nothing; exit code 1 where one is out of date
python docs/generate.py --record    run the commands whose JSON `cli.md` shows, and keep it
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generating import cli_page, documents, platforms_page

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parent
PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page.page,
    "platforms.md": platforms_page.page,
}


def main() -> int:
    """Do what was asked; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, tell what differs")
    parser.add_argument("--record", action="store_true", help="record the JSON examples anew")
    asked = parser.parse_args()
    if asked.record:
        documents.record()
    return _check() if asked.check else _write()


def _write() -> int:
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    return 0


def _check() -> int:
    stale = [name for name, page in PAGES.items() if _there(name) != page()]
    for name in stale:
        sys.stderr.write(f"docs/{name} is out of date: python docs/generate.py\n")
    return int(bool(stale))


def _there(name: str) -> str:
    file = DOCS / name
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
