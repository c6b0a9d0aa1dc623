"""`karnay stats`."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from karnay.cli.exits import Exit, exit_of
from karnay.cli.output import as_json, newsroom, print_wide, say, table, write_json
from karnay.cli.when import moment_json
from karnay.delivery.states import State
from karnay.errors import NotFound, NotPossible, PublishingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.delivery.delivery import Delivery
    from karnay.engine.counting import Counter
    from karnay.newsroom import Newsroom
    from karnay.store.figures import Figure

_COLUMNS = ("delivery", "post", "account", "platform", "part", "age", "name", "value", "at")


@click.command()
@click.argument("posts", nargs=-1, metavar="[POST]...")
@click.option("--now", "now_", is_flag=True, help="Ask the networks now, and keep what they tell.")
@click.option("--csv", "csv_", is_flag=True, help="A line of CSV for each figure.")
@as_json
@click.pass_context
def stats(ctx: click.Context, posts: tuple[str, ...], now_: bool, csv_: bool, json_: bool) -> None:
    """Show how POSTS are received (default: all), by account and by age.

    A daemon asks the networks an hour, a day and seven days after publishing. A network that tells
    nothing of that is left out. The table adds up the parts of a thread.
    """
    if csv_ and json_:
        raise click.UsageError("give one of --csv and --json")
    if now_ and not posts:
        raise click.UsageError("--now asks the networks: name the posts")
    room = newsroom()
    _require(room, posts)
    code = _ask(room, posts) if now_ else Exit.DONE
    found = room.figures.of(posts)
    if json_:
        write_json({"figures": [_figure_json(one) for one in found]})
    elif csv_:
        click.echo(_as_csv(found), nl=False)
    else:
        _tell(found)
    ctx.exit(code)


def _require(room: Newsroom, posts: Iterable[str]) -> None:
    for post in posts:
        if not room.queue.all(posts=[post]):
            raise NotFound(f"there is no delivery of {post}: see `karnay queue list --all`")


def _ask(room: Newsroom, posts: tuple[str, ...]) -> Exit:
    """Count what is published of the posts; the exit code of the worst that happened."""
    published = room.queue.all(posts=posts, states=[State.PUBLISHED])
    with room.counter() as counter:
        return max((_counted(counter, one) for one in published), default=Exit.DONE)


def _counted(counter: Counter, delivery: Delivery) -> Exit:
    try:
        if not counter.count(delivery):
            say(f"delivery {delivery.id}: {delivery.account} told nothing")
    except NotPossible as error:  # nobody to ask, or nothing to ask about
        say(str(error))
    except PublishingError as error:
        say(f"delivery {delivery.id}: {delivery.account}: {error}")
        return exit_of(error)
    return Exit.DONE


def _figure_json(figure: Figure) -> dict[str, Any]:
    values = {name: getattr(figure, name) for name in _COLUMNS}
    age = int(figure.age.total_seconds())
    return {**values, "part": figure.part + 1, "age": age, "at": moment_json(figure.at)}


def _as_csv(figures: Iterable[Figure]) -> str:
    text = io.StringIO()
    written = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    written.writeheader()
    written.writerows(map(_figure_json, figures))
    return text.getvalue()


def _tell(figures: list[Figure]) -> None:
    if not figures:
        say("nothing was counted yet: `karnay run` does it in time, `karnay stats POST --now` now")
        return
    names = list(dict.fromkeys(one.name for one in figures))
    made = table("#", "post", "account", "after", *names)
    for (number, post, account, age), sums in _added_up(figures).items():
        cells = (str(sums[name]) if name in sums else "" for name in names)
        made.add_row(str(number), post, account, _spoken(age), *cells)
    print_wide(made)


def _added_up(figures: list[Figure]) -> dict[tuple[int, str, str, timedelta], dict[str, int]]:
    """The figures of all parts of a delivery together, by delivery and age."""
    rows: dict[tuple[int, str, str, timedelta], dict[str, int]] = defaultdict(dict)
    for one in figures:
        row = rows[one.delivery, one.post, one.account, one.age]
        row[one.name] = row.get(one.name, 0) + one.value
    return rows


def _spoken(age: timedelta) -> str:
    """`45 min`, `1 h`, `3 days`: the greatest unit that it fills, rounded down."""
    units = (("day", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
    for unit, length in units:
        number = age // length
        if number:
            return f"{number} {unit}{'s' if unit == 'day' and number > 1 else ''}"
    return "0 min"
