"""What looking promises: it changes nothing, and never takes a failure for an absence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from karnay.errors import PublishingError
from karnay.platforms.base import Absent, CannotTell, Identity, Receipt
from karnay.testing.clock import START
from karnay.testing.failures import AMBIGUOUS, BEFORE_SENDING
from karnay.testing.promises.failing import FIRST

if TYPE_CHECKING:
    from karnay.platforms.base import Sighting, Step
    from karnay.testing.lab import Lab

_FAILURES = {**BEFORE_SENDING, **AMBIGUOUS}


class Looking:
    """A look decides whether a post is sent again, so it must not guess."""

    def test_looking_changes_nothing(self, lab: Lab) -> None:
        """Every request of a look is a GET."""
        _look(lab, lab.ready(FIRST))
        assert {request.method for request in lab.sent()} <= {"GET"}

    def test_a_look_gives_a_clear_answer(self, lab: Lab) -> None:
        """Found, with an id; absent; or a reason why nobody can tell."""
        match _look(lab, lab.ready(FIRST)):
            case Receipt(id=number):
                assert number
            case CannotTell(why=why):
                assert why
            case other:
                assert other == Absent()

    @pytest.mark.parametrize("failure", _FAILURES)
    def test_a_failed_look_is_no_absence(self, lab: Lab, failure: str) -> None:
        """Else a post would be sent twice because its network was slow."""
        step = lab.ready(FIRST)
        lab.network.reaction = _FAILURES[failure]
        try:
            sighting = _look(lab, step)
        except PublishingError:
            return
        assert isinstance(sighting, CannotTell)

    def test_the_account_can_be_identified(self, lab: Lab) -> None:
        """A name for people, and facts that the store can keep."""
        identity = lab.platform.identify(lab.account, lab.wire)
        assert isinstance(identity, Identity)
        assert identity.name
        assert json.loads(json.dumps(dict(identity.facts))) == dict(identity.facts)

    @pytest.mark.parametrize("failure", _FAILURES)
    def test_a_failed_identification_is_one_of_our_errors(self, lab: Lab, failure: str) -> None:
        """`karnay accounts check` says what is wrong."""
        lab.network.reaction = _FAILURES[failure]
        with pytest.raises(PublishingError):
            lab.platform.identify(lab.account, lab.wire)


def _look(lab: Lab, step: Step) -> Sighting:
    return lab.platform.find(step, lab.account, lab.wire, START)
