"""The page of the command line: every command's own help, its exit codes, its JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from generating.documents import DOCUMENTS, SCHEMA, SHARED, examples
from karnay.cli.exits import Exit
from karnay.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generating.documents import Keys

WIDTH = 88  # columns of the help texts, on whatever terminal the page is made

_HEAD = """\
# The command line

*This page is made by `python docs/generate.py` from the commands themselves.*

Results go to stdout, and everything that is said to a person goes to stderr: so
`karnay queue list --json | jq` gets one JSON document and nothing else. A command with `--json`
that fails prints [a failure](#a-failure) there, with the same exit code, so that there is always a
document; only of a command line that is not understood before `--json` is seen, there is none.

Every option can be given by the environment, too: `KARNAY_` and the command's and option's names,
as in `KARNAY_WORKSPACE=/srv/office` or `KARNAY_SANDBOX_PORT=9000`. `NO_COLOR` turns colours off.

A post is named by its folder or file, with or without the path: `open-day`, `posts/open-day` and
`posts/open-day/index.md` are the same. A delivery is named by its number.

**Times** (`--at`) are read in the workspace's zone, in English, Russian and Uzbek (both scripts):
`2030-03-16 10:00`, `tomorrow 9:00`, `fri 17:30`, `in 2 hours`, `завтра в 9:00`, `через 2 часа`,
`ertaga 9:00`, `эртага 9:00`. What was understood is said in full before anything is done. What is
vague (`tonight`, `next friday`), impossible (`25:00`) or past is refused.
"""

EXIT_CODES: Mapping[Exit, str] = {
    Exit.DONE: "Done.",
    Exit.DELIVERY_FAILED: "A delivery failed, is unknown or was cancelled; or what was asked is "
    "not possible in the present state (to cancel what is published, to start a second daemon).",
    Exit.USAGE: "The command was not understood: an unknown option, a time that is none.",
    Exit.INVALID_POST: "A post has problems; each is told as `file:line:col: path: message`.",
    Exit.NOT_THERE: "There is no post, account, delivery or workspace of that name.",
    Exit.UNAVAILABLE: "The database cannot be used: locked, read-only, damaged, of a newer "
    "karnay, or the disk is full.",
    Exit.RETRIED_LATER: "Not published yet; a running daemon tries again.",
    Exit.LOG_IN: "The network refuses the account: token, permission or billing.",
    Exit.BAD_CONFIGURATION: "`karnay.toml`, a template or a secret is wrong.",
    Exit.INTERRUPTED: "Stopped by Ctrl-C.",
}
"""What each exit code says. The numbers are sysexits.h's, and stay."""

ALWAYS_POSSIBLE = (
    Exit.DONE,
    Exit.USAGE,
    Exit.NOT_THERE,
    Exit.UNAVAILABLE,
    Exit.BAD_CONFIGURATION,
    Exit.INTERRUPTED,
)
"""What any command that works on a workspace may end with."""

OWN_CODES: Mapping[str, tuple[Exit, ...]] = {
    "karnay init": (Exit.DELIVERY_FAILED,),
    "karnay new": (Exit.DELIVERY_FAILED,),
    "karnay check": (Exit.INVALID_POST,),
    "karnay preview": (Exit.INVALID_POST,),
    "karnay queue add": (Exit.DELIVERY_FAILED, Exit.INVALID_POST),
    "karnay queue move": (Exit.DELIVERY_FAILED,),
    "karnay queue cancel": (Exit.DELIVERY_FAILED,),
    "karnay queue retry": (Exit.DELIVERY_FAILED,),
    "karnay publish": (Exit.DELIVERY_FAILED, Exit.INVALID_POST, Exit.RETRIED_LATER),
    "karnay run": (Exit.DELIVERY_FAILED,),
    "karnay resolve": (Exit.DELIVERY_FAILED,),
    "karnay accounts add": (Exit.DELIVERY_FAILED,),
    "karnay accounts check": (Exit.LOG_IN, Exit.RETRIED_LATER),
    "karnay sandbox": (Exit.DELIVERY_FAILED,),
    "karnay demo": (Exit.DELIVERY_FAILED,),
    "karnay db upgrade": (Exit.DELIVERY_FAILED,),
    "karnay db check": (Exit.DELIVERY_FAILED,),
    "karnay db backup": (Exit.DELIVERY_FAILED,),
    "karnay db restore": (Exit.DELIVERY_FAILED,),
    "karnay db move": (Exit.DELIVERY_FAILED,),
}
"""What else single commands may end with."""


def page() -> str:
    """The whole page."""
    sections = (_section(name, context) for name, context in commands())
    return "\n".join([_HEAD, _exit_codes(), *_shared(), *sections])


def commands() -> Iterator[tuple[str, click.Context]]:
    """`karnay`, `karnay init`, ... `karnay queue add`, ...: every command with a context for it."""
    root = click.Context(cli, info_name="karnay", terminal_width=WIDTH, **cli.context_settings)
    yield from _with_subcommands("karnay", root)


def _with_subcommands(name: str, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    yield name, context
    group = context.command
    if not isinstance(group, click.Group):
        return
    for child in group.list_commands(context):
        command = group.get_command(context, child)
        assert command is not None
        inner = click.Context(command, info_name=child, parent=context)
        yield from _with_subcommands(f"{name} {child}", inner)


def takes_json(context: click.Context) -> bool:
    """Whether the command has `--json`."""
    return any("--json" in parameter.opts for parameter in context.command.params)


def _exit_codes() -> str:
    rows = (f"| {code.value} | {said} |" for code, said in EXIT_CODES.items())
    always = ", ".join(str(code.value) for code in ALWAYS_POSSIBLE)
    lines = (
        "## Exit codes\n",
        "| code | says |",
        "|---|---|",
        *rows,
        f"\nAny command on a workspace may end with {always}; what else is said below.\n",
    )
    return "\n".join(lines)


def _shared() -> Iterator[str]:
    yield "## Parts of several documents\n"
    for name, keys in SHARED.items():
        yield "\n".join((f"### {name}\n", *_table(keys), ""))


def _table(keys: Keys) -> Iterator[str]:
    yield "| key | says |"
    yield "|---|---|"
    yield from _rows(keys, "")


def _section(name: str, context: click.Context) -> str:
    help_text = context.command.get_help(context)
    lines = [f"## {name}\n", "```text", help_text, "```\n"]
    if name in OWN_CODES:
        codes = ", ".join(str(code.value) for code in OWN_CODES[name])
        lines.append(f"Also ends with exit code {codes}.\n")
    if takes_json(context):
        lines.append(_document(name))
    return "\n".join(lines)


def _document(name: str) -> str:
    example = json.dumps(examples()[name], ensure_ascii=False, indent=2)
    lines = (
        "`--json` prints one document:\n",
        *_table({**SCHEMA, **DOCUMENTS[name].keys}),
        "\n```json",
        example,
        "```\n",
    )
    return "\n".join(lines)


def _rows(keys: Keys, under: str) -> Iterator[str]:
    for key, says in keys.items():
        words, inner = (says, {}) if isinstance(says, str) else says
        shared = next((name for name, shape in SHARED.items() if shape is inner), "")
        link = f" Each is [{shared}](#{shared.replace(' ', '-')})." if shared else ""
        yield f"| `{under}{key}` | {words}{link} |"
        yield from _rows({} if shared else inner, f"{under}{key}.")
