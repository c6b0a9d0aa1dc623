"""What sending promises: exactly the planned requests, in their order, within a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karnay.platforms.base import Receipt
from karnay.testing.lab import waited_for
from karnay.testing.texts import NASTY
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.testing.lab import Lab


class Sending:
    """What was previewed is what is sent."""

    def test_what_is_sent_is_what_was_planned(self, lab: Lab) -> None:
        """Once logged in, every step is one request: the planned one, to the byte."""
        lab.publish(lab.plan())
        lab.sent()
        steps, sent = lab.publish(lab.plan()), lab.sent()
        assert [
            request.is_of(step.call, lab.shelf) for request, step in zip(sent, steps, strict=True)
        ] == [True for _step in steps]

    def test_logging_in_comes_before_and_changes_nothing_of_it(self, lab: Lab) -> None:
        """The first time, too, the planned requests are sent in their order."""
        steps, sent = lab.publish(lab.plan()), lab.sent()
        planned = [
            request
            for request in sent
            if any(request.is_of(step.call, lab.shelf) for step in steps)
        ]
        assert all(
            request.is_of(step.call, lab.shelf)
            for request, step in zip(planned, steps, strict=True)
        )

    def test_nothing_is_left_to_fill_in(self, lab: Lab) -> None:
        """Every reference is replaced by what its step received."""
        assert not any(waited_for(step) for step in lab.publish(lab.plan()))

    def test_a_receipt_says_what_and_where(self, lab: Lab) -> None:
        """The network's id for the thing, and a link for people; a step of its own may ask for it.

        The first link of a delivery is the one that people are shown.
        """
        receipt = lab.platform.perform(lab.ready("create-1"), lab.account, lab.wire)
        assert isinstance(receipt, Receipt)
        assert receipt.id
        assert next(_links(lab)).startswith(("https://", "http://"))

    @pytest.mark.parametrize("nasty", NASTY)
    def test_a_text_arrives_as_it_was_written(self, lab: Lab, nasty: str) -> None:
        """Unchanged in the body that the network reads, as UTF-8."""
        lab.publish(lab.plan(lab.variant(RichText(NASTY[nasty]))))
        words = (word for request in lab.sent() for word in request.words)
        assert NASTY[nasty] in set(map(lab.platform.sample.reads, words))

    def test_every_request_has_all_its_timeouts(self, lab: Lab) -> None:
        """A network that says nothing must not hold a worker for ever."""
        lab.publish(lab.plan())
        lab.platform.identify(lab.account, lab.wire)
        assert all(
            request.timeout.get(kind)
            for request in lab.sent()
            for kind in ("connect", "read", "write", "pool")
        )


def _links(lab: Lab) -> Iterator[str]:
    """Those of the receipts, in order."""
    performed = (
        lab.platform.perform(step, lab.account, lab.wire) for step in lab.publish(lab.plan())
    )
    return (receipt.link for receipt in performed if receipt.link)
