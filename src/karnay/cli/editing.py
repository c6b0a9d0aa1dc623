"""`karnay edit`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import click

from karnay.cli.confirming import confirm
from karnay.cli.exits import Exit, exit_of
from karnay.cli.output import as_json, newsroom, say, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.engine.editing import Change, Proposal
    from karnay.errors import PublishingError
    from karnay.newsroom import Newsroom


@click.command()
@click.argument("delivery", type=int)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@as_json
@click.pass_context
def edit(ctx: click.Context, delivery: int, yes: bool, json_: bool) -> None:
    """Have published DELIVERY say what its post says today, in its place.

    Its parts and files must be as many and the same as before. Repeat it where something was
    refused or no answer came.
    """
    room = newsroom()
    found = room.queue.get(delivery)
    with room.editor() as editor:
        proposal = editor.propose(found, room.reworded(found))
        refusals: Mapping[int, PublishingError] = {}
        if proposal.changes:
            _show(proposal)
            confirm(f"Edit {found.order.post} on {found.account}", yes=yes)
            refusals = editor.edit(proposal)
    _tell(proposal, refusals)
    if json_:
        write_json(_document(room, proposal, refusals))
    ctx.exit(max(map(exit_of, refusals.values()), default=Exit.DONE))


def _show(proposal: Proposal) -> None:
    for change in proposal.changes:
        where = change.standing.receipt.link or change.standing.step.name
        say(f"part {_number(change)}: {where}")
        for line in _difference(change):
            say(line)


def _difference(change: Change) -> Iterator[str]:
    """The lines that go and those that come; or that only what is around the text changes."""
    before, after = (part.text.text.splitlines() for part in (change.before, change.after))
    if before == after:
        yield "  the same words; their form, or what goes with them, is another"
        return
    for line in difflib.ndiff(before, after):
        if line.startswith(("- ", "+ ")):
            yield click.style(f"  {line}", fg="red" if line.startswith("-") else "green")


def _tell(proposal: Proposal, refusals: Mapping[int, PublishingError]) -> None:
    number = proposal.delivery.id
    for index, error in refusals.items():
        say(f"delivery {number}: part {index + 1} was not edited: {error}")
    if refusals:
        say(f"delivery {number}: `karnay edit {number}` tries again")
    elif not proposal.changes:
        say(f"delivery {number} says so already")
    else:
        say(f"delivery {number} was edited")


def _document(
    room: Newsroom, proposal: Proposal, refusals: Mapping[int, PublishingError]
) -> dict[str, Any]:
    from karnay.cli.deliveries import deliveries_json

    [shown] = deliveries_json(room, [proposal.delivery])
    changes = [_change_json(one, refusals) for one in proposal.changes]
    return {**shown, "changes": changes}


def _change_json(change: Change, refusals: Mapping[int, PublishingError]) -> dict[str, Any]:
    error = refusals.get(_number(change) - 1)
    return {
        "part": _number(change),
        "before": change.before.text.text,
        "after": change.after.text.text,
        "error": str(error) if error else "",
    }


def _number(change: Change) -> int:
    return (change.standing.step.part or 0) + 1
