"""Logging in to Facebook and Instagram: whose token is kept in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from benches import a_bench, answers
from karnay.errors import PublishingError
from karnay.platforms import facebook, instagram
from karnay.platforms.facebook_login import pages
from karnay.platforms.logins import Asked, OAuth, Tokens, login_of
from karnay.testing.clock import START
from karnay.testing.lab import Lab

PERSON = Tokens("EAAB-of-a-person", START)
PAGES = [
    {"id": "104857600000001", "name": "TICT", "access_token": "EAAB-of-tict"},
    {"id": "7", "name": "Another", "access_token": "EAAB-of-another"},
]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return a_bench(facebook.PLATFORM, monkeypatch)


def chosen_from(lab: Lab, *listed: dict[str, Any], status: int = 200) -> list[tuple[str, str]]:
    answers(lab, "GET", "/me/accounts", {"data": list(listed)}, status=status)
    choices = pages(PERSON, lab.account, lab.wire)
    return [(choice.details["page"], choice.tokens.access_token) for choice in choices]  # type: ignore[union-attr]


def test_the_page_that_karnay_toml_names_is_the_one(lab: Lab) -> None:
    assert chosen_from(lab, *PAGES) == [("104857600000001", "EAAB-of-tict")]


def test_where_it_is_not_among_them_a_person_chooses(lab: Lab) -> None:
    assert chosen_from(lab, PAGES[1]) == [("7", "EAAB-of-another")]


def test_the_person_is_asked_with_the_persons_token(lab: Lab) -> None:
    chosen_from(lab, *PAGES)
    assert lab.sent()[-1].headers["authorization"] == "Bearer EAAB-of-a-person"


def test_a_pages_token_does_not_end(lab: Lab) -> None:
    answers(lab, "GET", "/me/accounts", {"data": PAGES})
    [choice] = pages(PERSON, lab.account, lab.wire)
    assert choice.tokens
    assert choice.tokens.expires_at is None


def test_a_list_that_cannot_be_read_is_an_error(lab: Lab) -> None:
    with pytest.raises(PublishingError):
        chosen_from(lab, {"id": "7"})


def test_instagrams_token_is_renewed_long_before_its_sixty_days_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    login = login_of(instagram.PLATFORM, a_bench(instagram.PLATFORM, monkeypatch).account)
    assert isinstance(login, OAuth)
    assert login.refresh
    sixty = Tokens("t", START, expires_at=START + timedelta(days=60))
    assert login.refresh.due(sixty) == START + timedelta(days=40)


def test_through_facebook_the_pages_token_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    account = a_bench(instagram.PLATFORM, monkeypatch, through="facebook").account
    assert isinstance(login_of(instagram.PLATFORM, account), Asked)
