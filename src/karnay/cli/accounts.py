"""`karnay accounts`, `karnay pause` and `karnay resume`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from karnay.cli.exits import Exit, exit_of
from karnay.cli.login import login
from karnay.cli.output import (
    as_json,
    clock_time,
    console,
    newsroom,
    print_wide,
    say,
    table,
    write_json,
)
from karnay.cli.when import moment_json
from karnay.errors import KarnayError, NotFound, NotPossible

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.newsroom import Newsroom
    from karnay.store.vault import Ending


@click.group()
def accounts() -> None:
    """List, add, log in to and check accounts."""


accounts.add_command(login)


@accounts.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the accounts of karnay.toml and how they stand."""
    room = newsroom()
    rows = [_row(room, name) for name in room.configuration.accounts]
    if json_:
        write_json({"accounts": rows})
        return
    made = table("account", "platform", "language", "slots", "state")
    for row in rows:
        slots = ", ".join(row["slots"])
        made.add_row(row["account"], row["platform"], row["language"], slots, _standing(row))
    console().print(made)
    if not rows:
        say("no accounts yet: `karnay accounts add NAME --platform PLATFORM`")


@accounts.command()
@click.argument("name")
@click.option("--platform", "platform_", required=True, help="telegram, mastodon, bluesky, x")
@click.option("--language", default="", help="The language it speaks (default: the first).")
@click.option(
    "--set", "values", multiple=True, metavar="KEY=VALUE", help="chat=@news, token=env:TOKEN ..."
)
def add(name: str, platform_: str, language: str, values: tuple[str, ...]) -> None:
    """Add account NAME to karnay.toml; what is not given with --set is asked for.

    Secrets are given as references (env:NAME, file:PATH, keyring:SERVICE/NAME), never themselves.
    """
    from karnay import settings
    from karnay.cli.toml import with_account
    from karnay.platforms.logins import kept_by_login
    from karnay.platforms.registry import platform

    room = newsroom()
    if name in room.configuration.accounts:
        raise NotPossible(f'there is already an account "{name}" in karnay.toml')
    given = dict(_pair(value) for value in values)
    network = platform(platform_)
    given = {**kept_by_login(network, name), **given}
    asked = {**given, **_asked(network.details.model_fields, given)}
    wanted = {"platform": platform_, **({"language": language} if language else {}), **asked}
    file = room.configuration.folder / settings.FILE
    before = file.read_text(encoding="utf-8")
    file.write_text(with_account(before, name, wanted), encoding="utf-8")
    try:
        settings.load(room.configuration.folder)
    except KarnayError:
        file.write_text(before, encoding="utf-8")
        raise
    logs_in = any(reference.startswith("vault:") for reference in asked.values())
    say(f"added {name}; `karnay accounts {'login' if logs_in else 'check'} {name}` comes next")


@accounts.command()
@click.argument("names", nargs=-1)
@as_json
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], json_: bool) -> None:
    """Ask the networks who we are there (default: all accounts), and learn their limits."""
    room = newsroom()
    results = [_checked(room, name) for name in names or room.configuration.accounts]
    if json_:
        write_json({"accounts": [shown for shown, _ in results]})
    else:
        made = table("account", "is", "", "log-in")
        for shown, _ in results:
            about = shown["link"] or shown["error"]
            made.add_row(shown["account"], shown["is"], about, _log_in_in_words(room, shown))
        print_wide(made)
    ctx.exit(max((code for _, code in results), default=Exit.DONE))


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Every account.")
@click.option("--reason", default="paused by hand", help="What colleagues will read.")
def pause(names: tuple[str, ...], all_: bool, reason: str) -> None:
    """Send nothing to the accounts NAMES until they are resumed; their queue is kept."""
    room = newsroom()
    chosen = _chosen(room, names, all_=all_)
    room.queue.pause(chosen, reason, room.clock.now())
    say(f"paused: {', '.join(chosen)}")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Every account.")
def resume(names: tuple[str, ...], all_: bool) -> None:
    """Let the queue of the accounts NAMES go out again."""
    room = newsroom()
    chosen = _chosen(room, names, all_=all_)
    room.queue.resume(chosen, room.clock.now())
    say(f"resumed: {', '.join(chosen)}")


def _row(room: Newsroom, name: str) -> dict[str, Any]:
    account, state = room.configuration.accounts[name], room.account_states().get(name)
    return {
        "account": name,
        "platform": account.platform,
        "language": account.language,
        "slots": list(account.slots),
        "paused": state.paused if state else "",
        "checked_at": moment_json(state.checked_at if state else None),
        "facts": dict(state.facts) if state else {},
        **_log_in_json(room, name),
    }


def _standing(row: dict[str, Any]) -> str:
    from rich.markup import escape

    says = [f"paused: {row['paused']}" if row["paused"] else "", row["log_in_says"]]
    said = "; ".join(dict.fromkeys(filter(None, says)))
    return f"[yellow]{escape(said)}[/]" if said else "ready"


def _log_in_json(room: Newsroom, name: str) -> dict[str, Any]:
    """When the account's log-in ends, the first of several, and what to know of that by now."""
    kept, now = room.log_ins(name), room.clock.now()
    ends = _first_end(kept)
    says = "; ".join(filter(None, (one.foretold(now) for one in kept)))
    return {"log_in_ends_at": moment_json(ends), "log_in_says": says}


def _log_in_in_words(room: Newsroom, shown: dict[str, Any]) -> str:
    lacks = f"lacks {', '.join(shown['lacks'])}" if shown["lacks"] else ""
    return "; ".join(filter(None, (lacks, shown["log_in_says"] or _until(room, shown["account"]))))


def _until(room: Newsroom, name: str) -> str:
    ends = _first_end(room.log_ins(name))
    return f"until {clock_time(ends, room.configuration.accounts[name].zone)}" if ends else ""


def _first_end(kept: list[Ending]) -> datetime | None:
    return min((one.expires_at for one in kept if one.expires_at), default=None)


def _pair(value: str) -> tuple[str, str]:
    key, equals, rest = value.partition("=")
    if not equals:
        raise click.BadParameter(f'"{value}" is not KEY=VALUE', param_hint="--set")
    return key.strip(), rest.strip()


def _asked(fields: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    missing = [key for key, field in fields.items() if field.is_required() and key not in given]
    if missing and not sys.stdin.isatty():
        raise click.UsageError(f"say {', '.join(f'--set {key}=...' for key in missing)}")
    return {key: click.prompt(key, err=True) for key in missing}


def _checked(room: Newsroom, name: str) -> tuple[dict[str, Any], Exit]:
    try:
        identity = room.ask(name)
    except NotFound:
        raise
    except KarnayError as error:
        said = {"account": name, "is": "", "link": "", "facts": {}, "lacks": []}
        return {**said, **_log_in_json(room, name), "error": str(error)}, exit_of(error)
    facts = dict(identity.facts)
    said = {"account": name, "is": identity.name, "link": identity.link, "facts": facts}
    said["lacks"] = room.lacking(name)
    return {**said, **_log_in_json(room, name), "error": ""}, Exit.DONE


def _chosen(room: Newsroom, names: tuple[str, ...], *, all_: bool) -> list[str]:
    known = room.configuration.accounts
    if bool(names) == all_:
        raise click.UsageError("name accounts, or say --all")
    room.require(names)
    return list(known) if all_ else list(names)
