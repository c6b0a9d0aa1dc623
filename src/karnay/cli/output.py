"""What commands share: results on stdout, everything else on stderr, `--json` as one document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from karnay.clock import SystemClock

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.console import Console
    from rich.table import Table

    from karnay.errors import Problem
    from karnay.newsroom import Newsroom

SCHEMA = 1
"""The version of every JSON document; it changes when a key goes or changes its meaning."""

_WANTS_JSON = "karnay.wants_json"
_RULE = "─"
_AS_WIDE_AS_IT_TAKES = 1000  # columns

C = TypeVar("C", bound=Callable[..., Any])


def as_json(command: C) -> C:
    """Give the command `--json`; where it fails, its document says why."""
    return click.option(
        "--json",
        "json_",
        is_flag=True,
        is_eager=True,  # known before another option is found to be wrong
        callback=_remember,
        help="One JSON document on stdout.",
    )(command)


def _remember(ctx: click.Context, _: click.Parameter, wanted: bool) -> bool:
    ctx.meta[_WANTS_JSON] = wanted
    return wanted


def tell_failure(ctx: click.Context, error: str, problems: Iterable[Problem] = ()) -> None:
    """Print the document of a command that failed, if it was run with `--json`."""
    if ctx.meta.get(_WANTS_JSON):
        write_json({"error": error, "problems": [problem.as_json() for problem in problems]})


def write_json(document: dict[str, Any]) -> None:
    """Print the document, with its schema's version, on stdout."""
    text = json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, indent=2)
    click.echo(text)


def say(text: str) -> None:
    """Tell the person something that is no result: on stderr."""
    click.echo(text, err=True)


@cache
def console(width: int | None = None) -> Console:
    """Where tables and panels go: stdout, with colour where it is wanted; `width` is columns."""
    from rich.console import Console

    context = click.get_current_context(silent=True)
    colour = context.find_root().color if context else None
    return Console(
        force_terminal=True if colour else None,
        no_color=colour is False or None,
        highlight=False,
        width=width,
    )


def table(*columns: str) -> Table:
    """An empty table in the house style."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def print_wide(made: Table) -> None:
    """Print the table a row a line, however narrow the screen: its links stay whole.

    What is only there to be looked at, the rule and the blanks at the end, stays on the screen.
    """
    from rich.cells import cell_len
    from rich.segment import Segment, Segments

    wide, screen = console(_AS_WIDE_AS_IT_TAKES), console().width
    for line in wide.render_lines(made, pad=False):
        text = "".join(segment.text for segment in line).rstrip()
        needed = min(len(text), screen) if set(text) <= {" ", _RULE} else cell_len(text)
        row = Segment.adjust_line_length(line, needed)
        wide.print(Segments([*row, Segment.line()]), soft_wrap=True, end="")


def newsroom() -> Newsroom:
    """The front door of the workspace that the person is in, or has named with -C."""
    from karnay.newsroom import Newsroom
    from karnay.settings import find_workspace

    context = click.get_current_context()
    room = Newsroom(context.find_root().obj or find_workspace(Path.cwd()))
    context.call_on_close(room.close)
    return room


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """`Wed 4 Dec 2024 09:00 Asia/Tashkent (in 16 h 30 min)`."""
    from karnay.scheduling.wallclock import spoken

    return spoken(moment, zone, SystemClock().now())


def tell_problems(problems: list[Problem]) -> None:
    """Each problem on a line of its own, as `file:line:col: path: message`."""
    for problem in problems:
        mark = "warning: " if problem.warning else ""
        say(f"{mark}{problem}")
