"""The command line's door: commands are imported only when they run, so that help is instant."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from karnay import __version__
from karnay.cli.exits import Exit, exit_of
from karnay.cli.output import tell_failure
from karnay.errors import KarnayError, ProblemsError


class Lazy(NamedTuple):
    """Where a command lives, and what its line in the help says."""

    module: str
    name: str
    help: str


COMMANDS = {
    "init": Lazy("start", "init", "Make a workspace: karnay.toml, posts/, templates/."),
    "new": Lazy("start", "new", "Begin a post and open it in your editor."),
    "check": Lazy("posts", "check", "Tell everything that is wrong with posts."),
    "preview": Lazy("posts", "preview", "Show exactly what each account will get."),
    "measure": Lazy("measuring", "measure", "Measure any text as a platform does."),
    "split": Lazy("measuring", "split", "Split any text into the parts of a thread."),
    "queue": Lazy("queue", "queue", "Add, list, show, move, cancel and retry deliveries."),
    "publish": Lazy("publishing", "publish", "Publish a post now."),
    "run": Lazy("publishing", "run", "Run the daemon that publishes what is due."),
    "service": Lazy("service", "service", "Print a systemd unit that runs the daemon."),
    "status": Lazy("looking", "status", "Show what waits, what is held, and what needs you."),
    "history": Lazy("looking", "history", "Tell the whole life of a delivery."),
    "resolve": Lazy("looking", "resolve", "Say what became of an unknown delivery."),
    "edit": Lazy("editing", "edit", "Change what was published, in its place."),
    "delete": Lazy("removing", "delete", "Take down what was published."),
    "stats": Lazy("stats", "stats", "Show how posts are received."),
    "accounts": Lazy("accounts", "accounts", "List, add and check accounts."),
    "pause": Lazy("accounts", "pause", "Send nothing to an account, or to all."),
    "resume": Lazy("accounts", "resume", "Let an account's queue go out again."),
    "sandbox": Lazy("sandbox", "sandbox", "Serve local stand-ins for all networks."),
    "demo": Lazy("demo", "demo", "See the whole job done, without accounts or network."),
    "db": Lazy("db", "db", "Upgrade, check, back up, restore and move the database."),
    "doctor": Lazy("doctor", "doctor", "Check the set-up and say what to mend."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and help lines, and imports them when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of a day's work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        found = getattr(importlib.import_module(f"karnay.cli.{module}"), name)
        assert isinstance(found, click.Command)  # noqa: S101 - our own table
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help lines, without importing a thing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        from karnay.errors import did_you_mean

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f'there is no command "{name}".{did_you_mean(name, COMMANDS)}')
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong is said in words, with a documented exit code."""
        try:
            return super().invoke(ctx)
        except KarnayError as error:
            # A problem's line begins with its place, so that editors make it clickable.
            problems = error.problems if isinstance(error, ProblemsError) else ()
            click.echo(f"{error}" if problems else f"karnay: {error}", err=True)
            tell_failure(ctx, str(error), problems)
            ctx.exit(exit_of(error))
        except click.ClickException as error:
            tell_failure(ctx, error.format_message())
            raise
        except KeyboardInterrupt:
            click.echo("karnay: stopped", err=True)
            ctx.exit(Exit.INTERRUPTED)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "KARNAY"},
    epilog="Exit codes: 0 done, 1 a delivery failed, 2 usage, 65 invalid post, 66 not there, "
    "69 database unusable, 75 will be retried, 77 log in, 78 bad configuration.",
)
@click.option(
    "-C",
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="The workspace's folder (default: the nearest one with a karnay.toml).",
)
@click.option("--color/--no-color", default=None, help="Colour always or never.")
@click.version_option(__version__, prog_name="karnay")
@click.pass_context
def cli(ctx: click.Context, workspace: Path | None, color: bool | None) -> None:
    """Write an announcement once, see what every network will get, and publish it on time.

    Try `karnay demo`, then `karnay init --sandbox`.
    """
    ctx.obj = workspace
    ctx.color = _colour(color)


def _colour(asked: bool | None) -> bool | None:
    if asked is None and os.environ.get("NO_COLOR"):
        return False
    return asked


def main() -> None:
    """Run karnay with the arguments of this process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    cli(prog_name="karnay")
