"""How a log-in is described: where its secrets are kept, when it is renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from karnay.accounts import Account
from karnay.platforms.logins import (
    Asked,
    OAuth,
    Question,
    Refresh,
    Tokens,
    by_get,
    by_refresh_token,
    for_code,
    kept_by_login,
    login_of,
    read_tokens,
)
from karnay.secrets import SecretRef
from karnay.testing.clock import START
from strictnet import STANDARD, Details, Strictnet

KEYS = ("consumer_key", "access_token")
BOT = Asked((Question("token", "bot token"),))
APP = Asked(tuple(Question(key, key) for key in KEYS))


@dataclass(frozen=True)
class Network:
    """A platform, as far as logging in goes."""

    login: Any = None


def an_account(**details: Any) -> Account:
    token = SecretRef("vault:x")
    return Account("x", "strictnet", "en", Details(api="https://x.example", token=token, **details))


@pytest.mark.parametrize(
    ("login", "kept"),
    [
        (None, {}),
        (BOT, {"token": "vault:x"}),
        (APP, {"consumer_key": "vault:x", "access_token": "vault:x/access_token"}),
        (STANDARD, {"token": "vault:x", "client_secret": "vault:x/client_secret"}),
    ],
)
def test_a_new_account_refers_to_what_its_log_in_will_give(
    login: Any, kept: dict[str, str]
) -> None:
    assert kept_by_login(Network(login), "x") == kept  # type: ignore[arg-type]


def test_a_platform_need_not_have_a_log_in() -> None:
    assert login_of(object(), an_account()) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("way", "kind"), [("oauth", OAuth), ("asked", Asked)])
def test_a_platform_may_have_several_ways(way: str, kind: type) -> None:
    login = login_of(Strictnet(), an_account(way=way))  # type: ignore[arg-type]
    assert isinstance(login, kind)


@pytest.mark.parametrize(
    ("lasts", "refresh_token", "due"),
    [
        (timedelta(hours=2), "r", timedelta(hours=1)),
        (timedelta(minutes=30), "r", timedelta(0)),  # at once, not before it was got
        (None, "r", None),
        (timedelta(hours=2), "", None),
    ],
)
def test_a_renewal_comes_ahead_of_the_end_if_it_can(
    lasts: timedelta | None, refresh_token: str, due: timedelta | None
) -> None:
    refresh = Refresh(by_refresh_token("https://x.example"), ahead=timedelta(hours=1))
    tokens = Tokens("a-token", START, refresh_token, START + lasts if lasts else None)
    assert refresh.due(tokens) == (None if due is None else START + due)


def test_a_token_that_is_too_young_is_not_renewed_yet() -> None:
    trade = by_get("https://x.example", "ig_refresh_token", access_token="{access_token}")
    refresh = Refresh(trade, timedelta(days=60), least_age=timedelta(hours=24))
    tokens = Tokens("a-token", START, expires_at=START + timedelta(days=60))
    assert refresh.due(tokens) == START + timedelta(hours=24)


def test_a_token_without_an_end_has_none() -> None:
    assert read_tokens({"access_token": "a-token"}, START).expires_at is None


@pytest.mark.parametrize("scope", ["read write", "read,write", " read  write "])
def test_scopes_are_separated_by_blanks_or_commas(scope: str) -> None:
    told = {"access_token": "a-token", "scope": scope}
    assert read_tokens(told, START).scopes == ("read", "write")


def test_scopes_that_the_network_did_not_name_are_not_missing() -> None:
    assert STANDARD.lacking(Tokens("a-token", START)) == []


def test_scopes_that_were_not_granted_are_missing() -> None:
    assert STANDARD.lacking(Tokens("a-token", START, scopes=("read",))) == ["write"]


def test_a_code_is_traded_with_what_the_standard_wants() -> None:
    wanted = {"grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"}
    assert set(for_code("https://x.example").parameters) == wanted


def test_vault_alone_means_the_accounts_own_name() -> None:
    context = {"account": "linkedin"}
    details = Details.model_validate({"api": "x", "token": "vault:"}, context=context)
    assert details.token.kept_as == "linkedin"
