"""`karnay delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from karnay.cli.confirming import confirm
from karnay.cli.exits import Exit, exit_of
from karnay.cli.output import as_json, newsroom, say
from karnay.errors import NotPossible

if TYPE_CHECKING:
    from karnay.delivery.delivery import Delivery
    from karnay.engine.removing import Removal, Remover
    from karnay.newsroom import Newsroom


@click.command()
@click.argument("deliveries", type=int, nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@as_json
@click.pass_context
def delete(ctx: click.Context, deliveries: tuple[int, ...], yes: bool, json_: bool) -> None:
    """Take down what is public of DELIVERIES, the last part first; it is not posted again.

    Repeat it where something was refused or no answer came: what is gone already is fine.
    """
    from karnay.cli.deliveries import tell

    room = newsroom()
    wanted = [room.queue.get(one) for one in dict.fromkeys(deliveries)]
    with room.remover() as remover:
        told = {one.id: _refused(remover, one) for one in wanted}
        possible = [one for one in wanted if not told[one.id]]
        if possible:
            confirm(_question(room, possible), yes=yes)
        removals = [remover.take_down(one) for one in possible]
    tell(room, wanted, json_=json_)
    for said in filter(None, told.values()):
        say(said)
    for removal in removals:
        _tell(removal)
    codes = [_exit(removal) for removal in removals]
    ctx.exit(max(codes, default=Exit.DONE) or max(map(_code, told.values())))


def _refused(remover: Remover, delivery: Delivery) -> str:
    """Why it cannot be taken down from here, and what to do instead; empty: it can."""
    try:
        remover.require(delivery)
    except NotPossible as error:
        return str(error)
    return ""


def _question(room: Newsroom, deliveries: list[Delivery]) -> str:
    links = room.queue.links([one.id for one in deliveries])
    named = [" ".join([f"{one.order.post} on {one.account}", *links[one.id]]) for one in deliveries]
    return f"Take down for good: {', '.join(named)}"


def _tell(removal: Removal) -> None:
    number = removal.delivery.id
    for part, error in removal.refusals:
        say(f"delivery {number}: {part.receipt.link or part.step.name} stands: {error}")
    if removal.standing:
        say(f"delivery {number}: `karnay delete {number}` tries again")
    elif not removal.gone:
        say(f"delivery {number} was taken down already")


def _exit(removal: Removal) -> Exit:
    return max((exit_of(error) for _, error in removal.refusals), default=Exit.DONE)


def _code(said: str) -> Exit:
    return Exit.DELIVERY_FAILED if said else Exit.DONE
