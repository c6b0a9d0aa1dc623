"""Meta's Graph APIs: what their refusals mean, and how long to wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from karnay.errors import (
    AccountError,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.answers import Answer
from karnay.platforms.base import Effect
from karnay.platforms.graph import GraphErrors, done, moment, number

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def error(
    code: int, subcode: int = 0, *, status: int = 400, effect: Effect = Effect.ONCE, **more: Any
) -> PublishingError:
    headers = more.pop("headers", {})
    told = {"message": "Said.", "code": code, "error_subcode": subcode, **more}
    answer = Answer(status, headers, json.dumps({"error": told}).encode())
    return GraphErrors(faults={(24, 7): Transient}).error(answer, effect, NOW)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("subcode", [0, 458, 459, 460, 463, 464, 467, 492])
def test_a_dead_token_holds_the_account(status: int, subcode: int) -> None:
    assert type(error(190, subcode, status=status)) is AccountError


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80002, 80014, 368])
@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_throttle_is_known_by_its_code_whatever_its_status(code: int, status: int) -> None:
    assert type(error(code, status=status, is_transient=True)) is RateLimited


@pytest.mark.parametrize("code", [1, 2, 1363047, 1609010])
def test_what_may_have_been_done_is_not_called_a_no(code: int) -> None:
    assert type(error(code)) is OutcomeUnknown
    assert type(error(code, effect=Effect.SAFE)) is Transient


def test_what_the_network_calls_transient_may_have_been_done() -> None:
    assert type(error(77, is_transient=True)) is OutcomeUnknown
    assert type(error(77, is_transient=False)) is Rejected


@pytest.mark.parametrize("code", [4, 100, 190, 506])
def test_a_server_in_trouble_says_nothing_clearly(code: int) -> None:
    assert type(error(code, status=500)) is OutcomeUnknown


def test_a_long_subcode_means_more_than_its_code() -> None:
    assert type(error(100, 1404006)) is AccountError
    assert type(error(368, 1404102)) is Rejected


def test_a_short_subcode_means_nothing_without_its_code() -> None:
    assert type(error(100, 190)) is Rejected


def test_a_networks_own_pairs_go_first() -> None:
    assert type(error(24, 7)) is Transient
    assert type(error(24, 8)) is Rejected


def _usage(*minutes: object) -> dict[str, str]:
    uses = [{"type": "pages", "estimated_time_to_regain_access": one} for one in minutes]
    return {"x-business-use-case-usage": json.dumps({"1": uses})}


@pytest.mark.parametrize(
    ("code", "headers", "wait"),
    [
        (80001, _usage(19), timedelta(minutes=19)),
        (80001, _usage(0, 5, 3), timedelta(minutes=5)),
        (80001, _usage(0), timedelta(minutes=15)),
        (80001, _usage(10**9), timedelta(days=1)),
        (80001, _usage("soon"), timedelta(minutes=15)),
        (4, {"x-business-use-case-usage": "[1]"}, timedelta(minutes=15)),
        (4, {"x-business-use-case-usage": "not JSON"}, timedelta(minutes=15)),
        (4, {}, timedelta(minutes=15)),
        (368, _usage(19), timedelta(hours=3)),
    ],
)
def test_a_throttle_lasts_as_long_as_the_network_reckons(
    code: int, headers: dict[str, str], wait: timedelta
) -> None:
    limited = error(code, headers=headers)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + wait


def test_people_read_what_the_network_says_to_them() -> None:
    said = str(error(190, 460, error_user_msg="Log in again.", fbtrace_id="AbC"))
    assert said == "400 Said. Log in again. (code 190/460, trace AbC)"


@pytest.mark.parametrize("body", [{}, {"success": False}, {"success": "true"}])
def test_only_success_is_success(body: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError)):
        done(body)


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": 7}, {"id": ""}])
def test_only_an_id_is_an_id(body: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError)):
        number(body)


def test_moments_are_read_as_meta_writes_them() -> None:
    assert moment("2026-11-24T09:00:00+0500") == NOW
