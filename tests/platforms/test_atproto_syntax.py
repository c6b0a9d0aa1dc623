"""Handles and addresses are those of the AT Protocol.

Of its other syntaxes we write only one form (datetimes), or hand back what the server gave (DIDs
and `at:` addresses); languages are checked where an account's is configured.
"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from karnay.platforms.bluesky_records import Details
from karnay.secrets import SecretRef
from text.cases import Case, cases, in_groups


def handle(value: str) -> str:
    return Details(handle=value, password=SecretRef("env:BLUESKY_PASSWORD")).handle


@pytest.mark.parametrize("case", cases("atproto_interop", in_groups("handle_syntax_valid")))
def test_every_handle_is_taken(case: Case) -> None:
    assert handle(case["value"]) == case["value"].lower()


@pytest.mark.parametrize("case", cases("atproto_interop", in_groups("handle_syntax_invalid")))
def test_what_is_no_handle_is_refused(case: Case) -> None:
    with pytest.raises(ValidationError):
        handle(case["value"])
