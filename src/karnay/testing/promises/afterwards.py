"""What is promised after publishing: what is changed, taken down or counted is the very post."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from karnay.errors import PublishingError
from karnay.platforms.base import Counts, Deletes, Edits
from karnay.testing.failures import AMBIGUOUS, BEFORE_SENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.platforms.base import Receipt, Step
    from karnay.testing.lab import Lab

_FAILURES = {
    **BEFORE_SENDING,
    **{name: happens for name, happens in AMBIGUOUS.items() if not name.startswith("2")},
}
"""A success is one, whatever it says: many networks answer nothing to a taking down."""


class Afterwards:
    """A network that lets nothing be changed promises nothing here."""

    def test_what_is_taken_down_is_the_very_post(self, lab: Lab) -> None:
        """The network's id for it is in the request."""
        step, receipt = _published(lab)
        if isinstance(lab.platform, Deletes):
            with contextlib.suppress(PublishingError):  # the sample need not answer
                lab.platform.delete(step, receipt, lab.account, lab.wire)
            assert _names(lab, receipt)

    def test_what_is_changed_is_the_very_post(self, lab: Lab) -> None:
        """In its place: nothing is published a second time."""
        step, receipt = _published(lab)
        if isinstance(lab.platform, Edits):
            with contextlib.suppress(PublishingError):
                lab.platform.edit(step, receipt, lab.account, lab.wire)
            assert _names(lab, receipt)
            assert not [sent for sent in lab.network.sent if _publishes(lab, sent, step)]

    def test_counts_are_whole_numbers(self, lab: Lab) -> None:
        """They are kept, compared and added up."""
        step, receipt = _published(lab)
        if isinstance(lab.platform, Counts):
            counts: Mapping[str, int] = {}
            with contextlib.suppress(PublishingError):
                counts = lab.platform.metrics(step, receipt, lab.account, lab.wire)
            assert all(type(count) is int and count >= 0 for count in counts.values())

    @pytest.mark.parametrize("failure", _FAILURES)
    def test_what_fails_afterwards_is_one_of_our_errors(self, lab: Lab, failure: str) -> None:
        """Nobody is told that a post is gone, or changed, that may still stand as it was."""
        step, receipt = _published(lab)
        lab.network.reaction = _FAILURES[failure]
        for act in _acts(lab):
            with pytest.raises(PublishingError):
                act(step, receipt, lab.account, lab.wire)


def _published(lab: Lab) -> tuple[Step, Receipt]:
    step = lab.ready_text()
    receipt = lab.platform.perform(step, lab.account, lab.wire)
    lab.sent()
    return step, receipt


def _acts(lab: Lab) -> list[Callable[..., Any]]:
    platform = lab.platform
    deleting = [platform.delete] if isinstance(platform, Deletes) else []
    return [*deleting, *([platform.edit] if isinstance(platform, Edits) else [])]


def _names(lab: Lab, receipt: Receipt) -> bool:
    """Whether a request names the post: by its id, or by the last piece of it."""
    name = receipt.id.rpartition("/")[2].rpartition(":")[2]
    return any(
        name in unquote(sent.url) or name.encode() in sent.content for sent in lab.network.sent
    )


def _publishes(lab: Lab, sent: Any, step: Step) -> bool:
    """Whether a request is the one that made the post; writing it in its place again is not."""
    return step.effect.value == "once" and bool(sent.is_of(step.call, lab.shelf))
