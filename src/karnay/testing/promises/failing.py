"""What failing promises: a clear no is the named error, and an unclear end is never called a no."""

from __future__ import annotations

from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from karnay.errors import (
    AccountError,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Effect, Exchange
from karnay.testing.failures import AMBIGUOUS, BEFORE_SENDING
from karnay.testing.network import reply, strings

if TYPE_CHECKING:
    from karnay.platforms.base import Refusal, Step
    from karnay.testing.lab import Lab
    from karnay.testing.network import Reaction

FIRST = "create-1"
_WAIT = timedelta(minutes=2)
_STRANGE = (300, 304, 402, 405, 406, 409, 410, 418, 421, 425, 451, 499, 501, 505, 511, 599)


class Failing:
    """One error for everything that can happen to a request, and always the right one."""

    def test_a_documented_refusal_is_its_named_error(self, lab: Lab, refusal: Refusal) -> None:
        """What the network's documents call a no is what karnay does next."""
        error = lab.failure(lab.ready_text(), reply(refusal))
        assert type(error) is refusal.error

    def test_a_refusal_is_in_the_networks_own_words(self, lab: Lab, refusal: Refusal) -> None:
        """Staff read what the network said, not what we made of it."""
        error = lab.failure(lab.ready_text(), reply(refusal))
        assert any(said in str(error) for said in strings(refusal.body) if said)

    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_too_many_requests_waits_as_long_as_told(self, lab: Lab, form: str) -> None:
        """`Retry-After`, in both of its forms (RFC 9110, section 10.2.3)."""
        until = lab.clock.now() + _WAIT
        told = {"seconds": "120", "date": format_datetime(until.astimezone(UTC), usegmt=True)}
        error = lab.failure(lab.ready_text(), _too_many(told[form]))
        assert isinstance(error, RateLimited)
        assert error.until == until

    @pytest.mark.parametrize("told", ["", "soon", "-5", "²", "0", "99999999999999999999"])
    def test_too_many_requests_waits_when_told_nothing_useful(self, lab: Lab, told: str) -> None:
        """Some wait, and never one that began in the past."""
        error = lab.failure(lab.ready_text(), _too_many(told))
        assert isinstance(error, RateLimited)
        assert error.until > lab.clock.now()

    @pytest.mark.parametrize("ambiguous", AMBIGUOUS)
    def test_an_unclear_end_is_never_called_a_no(
        self, lab: Lab, step_name: str, ambiguous: str
    ) -> None:
        """Unknown where repeating would be seen, else something to repeat."""
        step = lab.ready(step_name)
        assert isinstance(lab.failure(step, AMBIGUOUS[ambiguous]), _unclear(step))

    @pytest.mark.parametrize("failure", BEFORE_SENDING)
    def test_what_never_left_was_not_sent(self, lab: Lab, step_name: str, failure: str) -> None:
        """No harm done, and nobody has to look."""
        assert type(lab.failure(lab.ready(step_name), BEFORE_SENDING[failure])) is NotSent

    @pytest.mark.parametrize("failure", BEFORE_SENDING)
    def test_what_fails_before_the_log_in_was_not_sent(self, lab: Lab, failure: str) -> None:
        """The same without a session."""
        (step, *_rest) = lab.plan()
        assert type(lab.failure(step, BEFORE_SENDING[failure])) is NotSent

    @pytest.mark.parametrize("status", _STRANGE)
    def test_a_strange_status_ends_in_one_of_our_errors(
        self, lab: Lab, step_name: str, status: int
    ) -> None:
        """Whatever comes, the engine knows what to do."""
        step = lab.ready(step_name)
        error = lab.failure(step, reply(Exchange("", "", status, {"error": "odd"})))
        assert type(error) in {AccountError, Rejected, _unclear(step)}

    @pytest.mark.parametrize("failure", [*BEFORE_SENDING, *AMBIGUOUS])
    def test_a_failure_is_not_repeated_by_the_platform(
        self, lab: Lab, step_name: str, failure: str
    ) -> None:
        """Retrying is the engine's; a redirect is not followed."""
        step = lab.ready(step_name)
        lab.failure(step, {**BEFORE_SENDING, **AMBIGUOUS}[failure])
        assert len(lab.sent()) == 1

    def test_a_missing_secret_holds_the_account(
        self, lab: Lab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is sent, and the error says what is missing."""
        step = lab.ready(FIRST)
        lab.wire.sessions.put(lab.account.name, None)
        for name in lab.platform.sample.secrets:
            monkeypatch.delenv(name)
        with pytest.raises(AccountError, match="is not set"):
            lab.platform.perform(step, lab.account, lab.wire)
        assert not lab.sent()


def _too_many(told: str) -> Reaction:
    def react(_request: httpx.Request) -> httpx.Response:
        headers = [(b"Retry-After", told.encode("latin-1"))]
        return httpx.Response(429, headers=headers, json={"error": "Too many requests"})

    return react


def _unclear(step: Step) -> type[PublishingError]:
    return OutcomeUnknown if step.effect is Effect.ONCE else Transient
