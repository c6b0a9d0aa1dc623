"""`karnay accounts login`: in a browser, by pasting an address, or by answering questions."""

from __future__ import annotations

import sys
import webbrowser
from threading import Thread
from typing import TYPE_CHECKING

import click

from karnay.cli.output import newsroom, say
from karnay.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from karnay.engine.login import LogIn
    from karnay.platforms.logins import Choice, OAuth, Question

PORT = 8765
"""The port of the address to register at networks that want it to the letter."""

_PATIENCE = 600.0  # seconds in which a person logs in


@click.command()
@click.argument("account")
@click.option("--paste", is_flag=True, help="Without a browser here: paste the address it ends on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Of the address here (0: any free).")
@click.option(
    "--redirect", metavar="ADDRESS", help="The one registered at the network; implies --paste."
)
def login(account: str, paste: bool, port: int | None, redirect: str | None) -> None:
    """Log in to ACCOUNT, and keep what that gives, sealed, if the network knows us by it.

    A browser is sent to the network and comes back to this machine. What only a person has (a bot
    token, an app password) is asked for without echo, or read from a pipe, a line each.
    """
    room = newsroom()
    with room.log_in(account) as log_in:
        log_in.answer({question.key: _secret(question) for question in log_in.questions})
        if log_in.oauth:
            _through_browser(log_in, log_in.oauth, paste=paste, port=port, redirect=redirect)
        identity = room.admit(log_in)
    _write_down(room.configuration.folder, log_in)
    say(f"logged in to {account} as {identity.name}")


def _secret(question: Question) -> str:
    if question.hint:
        say(question.hint)
    return _line(question.label, hidden=True)


def _line(label: str, *, hidden: bool = False) -> str:
    """What the person writes, or the next line of a pipe. Raises NotPossible where none comes."""
    if sys.stdin.isatty():
        return str(click.prompt(label, hide_input=hidden, err=True))
    say(f"{label}:")
    line = sys.stdin.readline()
    if not line:
        raise NotPossible(f"no {label} was given: nothing was changed")
    return line.strip()


def _through_browser(
    log_in: LogIn, oauth: OAuth, *, paste: bool, port: int | None, redirect: str | None
) -> None:
    from karnay.cli.redirect import Redirect
    from karnay.platforms.logins import Loopback

    if redirect is None and oauth.loopback is Loopback.UNDOCUMENTED:
        raise click.UsageError(
            f"{log_in.account.platform} does not document that it sends a browser to this machine: "
            "register an https address of yours there, and name it with --redirect"
        )
    if redirect is not None:
        _pasted(log_in, redirect)
        return
    any_port = oauth.loopback is Loopback.ANY_PORT
    with Redirect(port if port is not None else 0 if any_port else PORT) as listening:
        if paste:
            _pasted(log_in, listening.address)
            return
        authorization = log_in.begin(listening.address)
        say(
            "log in with your browser; if it does not open here, go to the address below, or say "
            f"--paste and go there from another machine\n{authorization.address}"
        )
        # In a thread: some browsers end only when they were answered, and we answer below.
        Thread(target=webbrowser.open, args=(authorization.address,), daemon=True).start()
        _chosen(log_in, log_in.finish(authorization, listening.wait(_PATIENCE)))


def _pasted(log_in: LogIn, redirect: str) -> None:
    """Nothing needs to answer at the address that the browser ends on: only its text counts."""
    authorization = log_in.begin(redirect)
    say(f"log in with any browser at\n{authorization.address}")
    ended_on = _line("the address it ends on, also where the page cannot be shown")
    _chosen(log_in, log_in.finish(authorization, ended_on))


def _chosen(log_in: LogIn, choices: Sequence[Choice]) -> None:
    if not choices:
        return
    for number, choice in enumerate(choices if len(choices) > 1 else (), start=1):
        say(f"{number}  {choice.label}")
    said = _line("which one") if len(choices) > 1 else "1"
    if not said.isdecimal() or not 1 <= int(said) <= len(choices):
        raise NotPossible(f'"{said}" is none of 1 to {len(choices)}: nothing was changed')
    log_in.choose(choices[int(said) - 1])


def _write_down(folder: Path, log_in: LogIn) -> None:
    """Have karnay.toml name the place that was chosen."""
    from karnay import settings
    from karnay.cli.toml import with_values

    if log_in.chosen is None:
        return
    file = folder / settings.FILE
    text = file.read_text(encoding="utf-8")
    file.write_text(with_values(text, log_in.account.name, log_in.chosen.details), encoding="utf-8")
    say(f"{settings.FILE} names {log_in.chosen.label}")
