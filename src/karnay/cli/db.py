"""`karnay db`: upgrade, check, back up, restore and move the database."""

from __future__ import annotations

import contextlib
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from karnay.cli.exits import Exit
from karnay.cli.output import as_json, newsroom, say, write_json
from karnay.cli.when import moment_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from karnay.newsroom import Newsroom
    from karnay.store.checking import Violation
    from karnay.store.migrate import Migration
    from karnay.store.restoring import Restored
    from karnay.store.upkeep import Upkeep

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def db() -> None:
    """Upgrade, check, back up, restore and move the database."""


@db.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@as_json
def upgrade(dry_run: bool, json_: bool) -> None:
    """Bring the database's schema to what this version of karnay wants."""
    room, upkeep = _opened()
    migrations = upkeep.pending() if dry_run else upkeep.upgrade(daemon_runs=room.daemon_runs())
    if json_:
        shown = [{"revision": one.revision, "does": one.sentence} for one in migrations]
        write_json({"dry_run": dry_run, "migrations": shown})
        return
    _tell_migrations(migrations, "would run" if dry_run else "ran")


@db.command()
@as_json
@click.pass_context
def check(ctx: click.Context, json_: bool) -> None:
    """Read the whole database, and tell everything in it that must not be (exit code 1)."""
    _, upkeep = _opened()
    found, rows = upkeep.check()
    if json_:
        write_json({"sound": not found, "violations": _violations_json(found), "rows": dict(rows)})
    else:
        for violation in found:
            click.echo(violation)
        say("it is not sound" if found else f"sound: {_told(rows)}")
    ctx.exit(Exit.DELIVERY_FAILED if found else Exit.DONE)


@db.command()
@_file
@as_json
@click.pass_context
def backup(ctx: click.Context, file: Path, json_: bool) -> None:
    """Write a consistent copy of the database into FILE, while the daemon runs.

    FILE is an SQLite database, whatever kind yours is; only you may read it. It appears when it
    is whole and checked, and never takes the place of another.
    """
    room, upkeep = _opened()
    made = upkeep.back_up(file, room.clock.now())
    if json_:
        taken = moment_json(made.taken_at)
        found = _violations_json(made.violations)
        document = {"file": str(file), "taken_at": taken, "rows": dict(made.rows)}
        write_json({**document, "violations": found})
    else:
        for violation in made.violations:
            say(f"in the database, and so in its backup: {violation}")
        say(f"{file}: {_told(made.rows)}, read back")
    ctx.exit(Exit.DELIVERY_FAILED if made.violations else Exit.DONE)


@db.command()
@_file
@click.option("--replace", is_flag=True, help="Also if there is something in it: back that up.")
@as_json
def restore(file: Path, replace: bool, json_: bool) -> None:
    """Put the backup FILE in the database's place; stop the daemon first.

    What had not gone out when the backup was made is held: it may have gone out since. Look on
    the networks, then cancel what is there and move what is not.
    """
    room, upkeep = _opened()
    keep_in = room.configuration.lock_folder if replace else None
    with _no_daemon(upkeep, room):
        restored = upkeep.restore(file, room.clock.now(), keep_in=keep_in)
    if json_:
        write_json(_restored_json(restored))
        return
    _tell_restored(restored)


@db.command()
@click.argument("url")
@as_json
def move(url: str, json_: bool) -> None:
    """Move everything into the empty database at URL, journal included; stop every daemon first.

    From SQLite to PostgreSQL, and back. Afterwards the old database refuses to be used.
    """
    room, upkeep = _opened()
    with _no_daemon(upkeep, room):
        moved = upkeep.move(url, room.clock.now())
    place = _place_of_the_address(room)
    if json_:
        write_json({"rows": dict(moved.rows), "to": moved.to, "change": place})
        return
    say(f"moved {_told(moved.rows)}")
    say(f'now write into {place}:  database = "{moved.to}"')
    if "***" in moved.to:
        say("with its password in the place of *** or, better, without and in ~/.pgpass")


def _opened() -> tuple[Newsroom, Upkeep]:
    from karnay.store.upkeep import Upkeep

    room = newsroom()
    configuration = room.configuration
    return room, Upkeep(configuration.database, configuration.folder, who=getpass.getuser())


@contextlib.contextmanager
def _no_daemon(upkeep: Upkeep, room: Newsroom) -> Iterator[None]:
    """Keep daemons from starting on the file meanwhile; a server is asked who is connected."""
    from karnay.engine.lock import sole_daemon

    if upkeep.file is None:
        yield
        return
    with sole_daemon(room.configuration.lock_folder):
        yield


def _place_of_the_address(room: Newsroom) -> str:
    """Where the address is written that now has to change: `karnay.toml:3`, or the environment."""
    from karnay.settings import place_of

    if "KARNAY_DATABASE" in os.environ:
        return "KARNAY_DATABASE"
    folder = room.configuration.folder
    place = place_of(folder, "database")
    return f"{folder / place.file}:{place.line}"


def _told(rows: Mapping[str, int]) -> str:
    return (
        f"{rows['deliveries']} deliveries, {rows['attempts']} attempts, {rows['receipts']} receipts"
    )


def _tell_migrations(migrations: list[Migration], did: str) -> None:
    for one in migrations:
        click.echo(f"{did} {one.revision}: {one.sentence}")
    if not migrations:
        say("the schema is the newest already")


def _tell_restored(restored: Restored) -> None:
    if restored.kept:
        say(f"what was there before is in {restored.kept}")
    say(f"restored {_told(restored.rows)}, as of {_minute(restored.taken_at)}")
    say("what was queued or settled after that is not in it: look before you queue a post again")
    if restored.held:
        say(
            f"{restored.held} deliveries are held, as they may have gone out since: look on the "
            "networks, then `karnay queue cancel` those that are there and `karnay queue move` "
            "the others (`karnay queue list`)"
        )
    if restored.in_doubt:
        say(f"{restored.in_doubt} were under way: look, then `karnay resolve` each")


def _restored_json(restored: Restored) -> dict[str, Any]:
    return {
        "taken_at": moment_json(restored.taken_at),
        "rows": dict(restored.rows),
        "held": restored.held,
        "in_doubt": restored.in_doubt,
        "kept": str(restored.kept) if restored.kept else None,
    }


def _violations_json(found: list[Violation] | tuple[Violation, ...]) -> list[dict[str, Any]]:
    return [
        {"delivery": one.delivery, "message": one.sentence, "remedy": one.remedy} for one in found
    ]


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
