"""`karnay check` and `karnay preview`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from karnay.cli.exits import Exit
from karnay.cli.output import as_json, newsroom, say, tell_problems, write_json
from karnay.cli.when import chosen, when_options
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from karnay.errors import Problem
    from karnay.newsroom import Newsroom


@click.command()
@click.argument("posts", nargs=-1)
@as_json
@click.pass_context
def check(ctx: click.Context, posts: tuple[str, ...], json_: bool) -> None:
    """Tell everything that is wrong with POSTS (default: all), as file:line:col: path: message."""
    room = newsroom()
    names = posts or tuple(room.library.slugs())
    found = {name: _checked(room, name) for name in names}
    if json_:
        shown = [
            {"post": name, "problems": [problem.as_json() for problem in problems]}
            for name, problems in found.items()
        ]
        write_json({"posts": shown})
    else:
        for problems in found.values():
            tell_problems(problems)
    errors = sum(not problem.warning for problems in found.values() for problem in problems)
    if errors:
        say(f"{_counted(errors, 'problem')} in {_counted(len(names), 'post')}")
        ctx.exit(Exit.INVALID_POST)
    say(f"{len(names)} {'post is' if len(names) == 1 else 'posts are'} in order")


@click.command()
@click.argument("post")
@click.option("--account", "-a", "accounts", multiple=True, help="Only this account (repeatable).")
@click.option("--requests", is_flag=True, help="Also the exact requests, secrets masked.")
@when_options
@as_json
@click.pass_context
def preview(
    ctx: click.Context,
    post: str,
    accounts: tuple[str, ...],
    requests: bool,
    at: str | None,
    next_: bool,
    now: bool,
    json_: bool,
) -> None:
    """Show exactly what each account will get of POST: text, counts, problems, requests."""
    room = newsroom()
    when = chosen(room, at, next_=next_, now=now)
    loaded = room.library.load(post)
    previews = room.preview(loaded, only=accounts, when=when)
    if json_:
        variants = [shown.as_json(requests=requests) for shown in previews]
        write_json({"post": loaded.slug, "variants": variants})
    else:
        from karnay.cli.panels import show

        show(previews, requests=requests)
        tell_problems(list(loaded.warnings))
    if not all(shown.rendering.sendable for shown in previews):
        ctx.exit(Exit.INVALID_POST)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _checked(room: Newsroom, name: str) -> list[Problem]:
    try:
        return room.check(room.library.load(name))
    except InvalidPost as error:
        return list(error.problems)
