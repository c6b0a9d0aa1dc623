"""`karnay init` and `karnay new`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from karnay.cli.output import newsroom, say
from karnay.errors import InvalidPost, NotPossible

_GITIGNORE = "# karnay's state: the database, the lock, the caches\n.karnay/\n"
SANDBOX_URL = "http://127.0.0.1:8325"
"""Where `karnay sandbox` listens, and where a sandbox workspace's accounts point."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--timezone", default="Asia/Tashkent", show_default=True, help="Its wall clock.")
@click.option("--language", "languages", multiple=True, default=["en"], help="In order.")
@click.option("--sandbox", is_flag=True, help="With the sandbox's accounts, one a platform.")
@click.option("--sandbox-url", default=SANDBOX_URL, show_default=True, help="Where it listens.")
def init(
    folder: Path, timezone: str, languages: tuple[str, ...], sandbox: bool, sandbox_url: str
) -> None:
    """Make a workspace in FOLDER (default: here): karnay.toml, posts/, templates/."""
    try:
        make_workspace(folder, timezone, languages)
        if sandbox:
            add_sandbox_accounts(folder, sandbox_url)
    except OSError as error:
        raise NotPossible(f"cannot make {error.filename or folder}: {error.strerror}") from None
    say(f"made a workspace in {folder.resolve()}")
    say(_next_steps(sandbox=sandbox))


@click.command()
@click.argument("title")
@click.option("--kind", default="default", help="Picks the template: visit, event, notice ...")
@click.option("--edit/--no-edit", default=True, help="Open it in $EDITOR (default: yes).")
def new(title: str, kind: str, edit: bool) -> None:
    """Begin a post called TITLE, and open it in your editor."""
    from karnay.content.new import skeleton, slug

    room = newsroom()
    name = slug(title, date.today())  # noqa: DTZ011 - the person's own calendar day
    folder = room.configuration.posts / name
    if folder.exists():
        raise NotPossible(f"posts/{name} is already there")
    folder.mkdir(parents=True)
    file = folder / "index.md"
    file.write_text(skeleton(title, kind=kind, timezone=room.configuration.timezone), "utf-8")
    if edit and sys.stdin.isatty():
        click.edit(filename=str(file))
    click.echo(f"posts/{name}/index.md")
    try:
        room.library.load(name)
    except InvalidPost as error:
        say(f"not yet in order:\n{error}")
    say(f"see it with `karnay preview posts/{name}`")


def make_workspace(folder: Path, timezone: str, languages: tuple[str, ...]) -> None:
    """Write karnay.toml and the folders. Raises NotPossible where there is a workspace already."""
    from karnay.scheduling.wallclock import BadTime, zone

    try:
        zone(timezone)
    except BadTime as error:
        raise click.BadParameter(str(error), param_hint="--timezone") from None
    file = folder / "karnay.toml"
    if file.exists():
        raise NotPossible(f"there is already a workspace in {folder.resolve()}")
    for name in ("posts", "templates", ".karnay"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    quoted = ", ".join(f'"{language}"' for language in languages)
    file.write_text(
        f'timezone = "{timezone}"\nlanguages = [{quoted}]   # in order of preference\n',
        encoding="utf-8",
    )
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text(_GITIGNORE, encoding="utf-8")


def add_sandbox_accounts(folder: Path, url: str, *, pictures: bool = False) -> None:
    """Add the sandbox's accounts and its public address for files to karnay.toml.

    Its secrets, which are none, become files. With `pictures`, there are also the accounts that
    publish nothing without one.
    """
    from karnay.cli.toml import with_account, with_table
    from karnay.sandbox.accounts import media_host, secrets, tables

    state = folder / ".karnay" / "sandbox"
    state.mkdir(parents=True, exist_ok=True)
    for name, secret in secrets().items():
        (state / name).write_text(secret, encoding="utf-8")
    file = folder / "karnay.toml"
    text = with_table(file.read_text(encoding="utf-8"), "media_host", media_host(url))
    for name, values in tables(url, pictures=pictures).items():
        text = with_account(text, name, values)
    file.write_text(text, encoding="utf-8")


def _next_steps(*, sandbox: bool) -> str:
    if sandbox:
        return (
            "next: `karnay sandbox` in another terminal, then `karnay new 'Open day'`, "
            "`karnay preview POST`, `karnay publish POST`"
        )
    return "next: `karnay accounts add NAME --platform telegram`, then `karnay new 'Open day'`"
