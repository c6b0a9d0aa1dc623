"""`karnay doctor`: is the set-up sound, and what is to be mended?"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from karnay.cli.exits import Exit
from karnay.cli.output import as_json, console, newsroom, table, write_json
from karnay.errors import BadConfiguration, KarnayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from karnay.accounts import Account
    from karnay.newsroom import Newsroom

_LEAST_FREE = 100_000_000  # bytes of disk


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined, and how it is."""

    what: str
    well: bool
    detail: str


@click.command()
@as_json
@click.pass_context
def doctor(ctx: click.Context, json_: bool) -> None:
    """Check the workspace, database, templates, secrets and clock; say what to mend."""
    findings = list(_findings())
    if json_:
        shown = [{"what": f.what, "well": f.well, "detail": f.detail} for f in findings]
        write_json({"findings": shown})
    else:
        made = table("", "what", "")
        for finding in findings:
            mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
            made.add_row(mark, finding.what, finding.detail)
        console().print(made)
    ctx.exit(Exit.DONE if all(f.well for f in findings) else Exit.BAD_CONFIGURATION)


def _findings() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), python)
    try:
        room = newsroom()
    except KarnayError as error:
        yield Finding("workspace", False, str(error))
        return
    yield Finding("workspace", True, str(room.configuration.folder))
    yield _tried("database", lambda: _database(room))
    yield _tried("templates", lambda: _templates(room))
    yield _tried("posts", lambda: f"{len(room.library.slugs())} found")
    for account in room.configuration.accounts.values():
        yield _tried(f"account {account.name}", partial(_secrets, account))
    free = shutil.disk_usage(room.configuration.folder).free
    yield Finding("disk", free >= _LEAST_FREE, f"{free // 1_000_000:,} MB free")
    yield _daemon(room)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except KarnayError as error:
        return Finding(what, False, str(error))


def _database(room: Newsroom) -> str:
    waiting = sum(room.queue.counts().values())
    return f"{waiting} deliveries, written and read"


def _templates(room: Newsroom) -> str:
    problems = room.templates.problems()
    if problems:
        raise BadConfiguration(problems)
    return "all compile"


def _secrets(account: Account) -> str:
    from karnay.secrets import SecretRef

    references = [value for _, value in account.details if isinstance(value, SecretRef)]
    for reference in references:
        reference.reveal()
    return f"{account.platform}, {len(references)} secrets readable"


def _daemon(room: Newsroom) -> Finding:
    runs = room.daemon_runs()
    detail = "runs" if runs else "does not run; `karnay run` starts it"
    return Finding("daemon", True, detail)
