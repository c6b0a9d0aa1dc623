"""Changing what is public, in its place: as many parts and the same files, other words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from karnay.delivery.states import State
from karnay.engine.asking import asked, its_account
from karnay.errors import NotPossible, PublishingError, Rejected
from karnay.platforms.base import Edits as CanEdit
from karnay.platforms.base import Effect, Key
from karnay.platforms.registry import platform
from karnay.store.journal import Journal
from karnay.store.takedowns import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.delivery.delivery import Delivery, Progress
    from karnay.platforms.base import Platform, Receipt, Step
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Part, Variant
    from karnay.store.database import Database
    from karnay.store.edits import Edits
    from karnay.store.takedowns import Takedowns

_INSTEAD = {
    State.SCHEDULED: "`karnay queue add {}` brings it up to date",
    State.PUBLISHING: "wait until it is out",
}
"""What to do where nothing is edited yet, by the delivery's state."""


@dataclass(frozen=True, slots=True)
class Change:
    """One part that is to say something else: where it is, how it was, how it shall be.

    `standing` has the newly planned step, filled, and the receipt of what is there.
    """

    standing: Standing
    before: Part
    after: Part


@dataclass(frozen=True, slots=True)
class Proposal:
    """What editing a delivery would change; nothing, where it says all of that already."""

    delivery: Delivery
    variant: Variant
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Editor:
    """Edits deliveries over one wire; `networks` gives the platform of a name."""

    database: Database
    edits: Edits
    takedowns: Takedowns
    accounts: Mapping[str, Account]
    clock: Clock
    wire: Wire
    networks: Callable[[str], Platform] = field(default=platform)

    def propose(self, delivery: Delivery, variant: Variant) -> Proposal:
        """What it takes to have the delivery say that; changes nothing.

        After an edit that did not end well, every part is changed anew. Raises NotPossible where
        it cannot be edited so: its state, its network, other files, another number of parts.
        """
        _require_published(delivery)
        account, network = its_account(delivery, self.accounts), self._network(delivery)
        progress = Journal(self.database, "").progress(delivery)
        if self.takedowns.of([delivery.id])[delivery.id]:
            raise NotPossible(f"delivery {delivery.id} was taken down")
        old = self.edits.wording(delivery)
        _require_same_files(delivery, old, variant)
        steps = network.plan(
            variant, account, Key.of(delivery.order.post, variant, delivery.order.moment)
        )
        _require_same_steps(delivery, progress, steps)
        changes = _changes(old, variant, progress, steps)
        unlike = old.options != variant.options or not self.edits.is_whole(delivery)
        wanted = (one for one in changes if unlike or one.before != one.after)
        return Proposal(delivery, variant, tuple(wanted))

    def edit(self, proposal: Proposal) -> dict[int, PublishingError]:
        """Make the changes in order; what went wrong, by the index of the part.

        A part that the network leaves as it is (Rejected) keeps none of the others; after any other
        failure, the rest is left for the next time: proposing it anew has all of it.
        """
        delivery, refusals = proposal.delivery, dict[int, PublishingError]()
        self.edits.begin(delivery, proposal.variant, self.clock.now())
        for change in proposal.changes:
            part = change.standing
            try:
                receipt = self._edited(delivery, part)
            except PublishingError as error:
                refusals[part.step.part or 0] = error
                self.edits.refuse(delivery, part, self.clock.now(), str(error))
                if not isinstance(error, Rejected):
                    break
            else:
                self.edits.keep(delivery, part, receipt)
        if not refusals:
            self.edits.end(delivery, proposal.variant, self.clock.now())
        return refusals

    def _edited(self, delivery: Delivery, part: Standing) -> Receipt:
        network, account = self.networks(delivery.platform), its_account(delivery, self.accounts)
        assert isinstance(network, CanEdit)  # noqa: S101 - `propose` found it so
        return asked(lambda: network.edit(part.step, part.receipt, account, self.wire), Effect.ONCE)

    def _network(self, delivery: Delivery) -> Platform:
        network = self.networks(delivery.platform)
        if not isinstance(network, CanEdit):
            said = f"{network.title} lets nothing be edited from outside"
            raise NotPossible(f"delivery {delivery.id}: {said}: `karnay delete` it, or leave it")
        return network


def _require_published(delivery: Delivery) -> None:
    if delivery.state is not State.PUBLISHED:
        instead = _INSTEAD.get(delivery.state, "only what is published can be edited")
        said = f"delivery {delivery.id} is {delivery.state}"
        raise NotPossible(f"{said}: {instead.format(delivery.order.post)}")


def _require_same_files(delivery: Delivery, old: Variant, new: Variant) -> None:
    if len(old.parts) != len(new.parts):
        said = f"it has {len(old.parts)} parts, and would have {len(new.parts)}"
    elif any(_files(a) != _files(b) for a, b in zip(old.parts, new.parts, strict=True)):
        said = "its files are others now"
    else:
        return
    raise NotPossible(f"delivery {delivery.id} cannot be edited so: {said}")


def _files(part: Part) -> tuple[list[str], str]:
    thumbnail = part.card and part.card.thumbnail
    return [asset.hash for asset in part.media], thumbnail.hash if thumbnail else ""


def _require_same_steps(delivery: Delivery, progress: Progress, steps: Sequence[Step]) -> None:
    """What is sent besides the parts, uploads or a comment, must be there already."""
    if [step.name for step in steps] != [step.name for step in progress.steps]:
        said = "it would take other requests than those that published it"
        raise NotPossible(f"delivery {delivery.id} cannot be edited so: {said}")


def _changes(old: Variant, new: Variant, progress: Progress, steps: Sequence[Step]) -> list[Change]:
    return [
        Change(
            Standing(step.filled(progress.receipts), progress.receipts[step.name]),
            old.parts[step.part],
            new.parts[step.part],
        )
        for step in steps
        if step.part is not None
    ]
