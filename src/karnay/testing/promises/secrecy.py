"""What secrecy promises: no secret in an error, a traceback, a representation or a log."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import httpx
import pytest

from karnay.testing.failures import AMBIGUOUS, BEFORE_SENDING, echo
from karnay.testing.promises.failing import FIRST

if TYPE_CHECKING:
    from karnay.testing.lab import Lab
    from karnay.testing.network import Reaction

LOGGERS = (
    "",
    "httpx",
    "httpcore.http11",
    "httpcore.connection",
    "tweepy.client",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "requests_oauthlib.oauth1_auth",
    "urllib3.connectionpool",
)
"""Turned up to DEBUG while secrets are looked for: the root, and what libraries log to."""

_FAILURES = {**BEFORE_SENDING, **AMBIGUOUS}


def _echoing(status: int) -> Reaction:
    def react(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"error": echo(request), "description": echo(request)})

    return react


class Secrecy:
    """Secrets go to the network that they are for, and nowhere else."""

    @pytest.mark.parametrize("failure", _FAILURES)
    def test_no_error_tells_a_secret(self, lab: Lab, failure: str) -> None:
        """Neither its words nor its traceback, though the network repeated all it was sent."""
        error = lab.failure(lab.ready(FIRST), _FAILURES[failure])
        assert not _leaks(lab, repr(error), *traceback.format_exception(error))

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
    def test_no_refusal_tells_a_secret(self, lab: Lab, status: int) -> None:
        """A network's own words may hold what we sent."""
        error = lab.failure(lab.ready(FIRST), _echoing(status))
        assert not _leaks(lab, repr(error), *traceback.format_exception(error))

    def test_nothing_shows_a_secret(self, lab: Lab) -> None:
        """Accounts, details, plans, receipts and identities may be printed."""
        steps = lab.publish(lab.plan())
        receipt = lab.platform.perform(steps[-1], lab.account, lab.wire)
        identity = lab.platform.identify(lab.account, lab.wire)
        shown = (lab.account, lab.account.details, steps, receipt, identity, lab.wire)
        assert not _leaks(lab, *map(repr, shown), *map(str, shown))

    def test_no_log_tells_a_secret_at_debug(
        self, lab: Lab, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whatever somebody turns up to see what goes wrong."""
        _turn_up(caplog)
        lab.publish(lab.plan())
        lab.platform.identify(lab.account, lab.wire)
        assert not _leaks(lab, caplog.text, *_records(caplog))

    @pytest.mark.parametrize("failure", _FAILURES)
    def test_no_log_of_a_failure_tells_a_secret(
        self, lab: Lab, failure: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The same when nothing works."""
        step = lab.ready(FIRST)
        _turn_up(caplog)
        lab.failure(step, _FAILURES[failure])
        assert not _leaks(lab, caplog.text, *_records(caplog))


def _turn_up(caplog: pytest.LogCaptureFixture) -> None:
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)


def _records(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [f"{record.getMessage()} {record.args!r}" for record in caplog.records]


def _leaks(lab: Lab, *texts: str) -> list[str]:
    return [text for text in texts for secret in lab.secrets if secret in text]
