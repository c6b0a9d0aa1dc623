"""The authorization code grant against a strict provider: what it refuses, what breaks."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

import provider as strict
from karnay.accounts import Account
from karnay.errors import AccountError, BadConfiguration, OutcomeUnknown, RateLimited, Transient
from karnay.platforms.authorizing import Authorizing
from karnay.platforms.logins import OAuth, Tokens, by_get
from karnay.platforms.wire import Wire
from karnay.secrets import MASK, SecretRef, redact
from karnay.testing.clock import START, FixedClock
from provider import Provider
from strictnet import MANY_USES, META, REGISTERED, STANDARD, Details

BACK = "http://127.0.0.1:8765/karnay"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with strict.running() as started:
        yield started


@pytest.fixture
def wire() -> Iterator[Wire]:
    with closing(Wire(FixedClock())) as made:
        yield made


@pytest.fixture
def account(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("APP_SECRET", strict.CLIENT_SECRET)
    details = Details(
        api=provider.url, token=SecretRef("vault:x"), client_secret=SecretRef("env:APP_SECRET")
    )
    return Account("x", "strictnet", "en", details)


def logged_in(provider: Provider, authorizing: Authorizing) -> Tokens:
    asked = authorizing.begin(BACK)
    return authorizing.finish(asked, provider.visit(asked.address))


@pytest.fixture
def authorizing(account: Account, wire: Wire) -> Authorizing:
    return Authorizing(STANDARD, account, wire)


def test_a_code_is_traded_for_tokens(provider: Provider, authorizing: Authorizing) -> None:
    tokens = logged_in(provider, authorizing)
    assert tokens.access_token in provider.access_tokens
    assert tokens.refresh_token in provider.refresh_tokens
    assert tokens.expires_at == START + timedelta(seconds=strict.LIFETIME)
    assert tokens.scopes == ("read", "write")


def test_a_code_is_good_for_one_use(provider: Provider, authorizing: Authorizing) -> None:
    asked = authorizing.begin(BACK)
    ended_on = provider.visit(asked.address)
    authorizing.finish(asked, ended_on)
    with pytest.raises(AccountError, match="invalid_grant"):
        authorizing.finish(asked, ended_on)


def test_the_verifier_of_another_log_in_is_refused(
    provider: Provider, authorizing: Authorizing
) -> None:
    asked, other = authorizing.begin(BACK), authorizing.begin(BACK)
    ended_on = provider.visit(asked.address).replace(asked.state, other.state)
    with pytest.raises(AccountError, match="invalid_grant"):
        authorizing.finish(other, ended_on)


@pytest.mark.parametrize(
    ("ended_on", "said"),
    [
        (f"{BACK}?code=abc&state=of-somebody-else", "another log-in"),
        (f"{BACK}?code=abc", "another log-in"),
        (f"{BACK}?error=access_denied&state=STATE", "access was not granted"),
        (f"{BACK}?error=server_error&state=STATE", "server_error"),
        (f"{BACK}?state=STATE", "no code"),
        ("http://evil.example/?code=abc&state=STATE", "not one of this log-in"),
        ("what is this", "not one of this log-in"),
        ("", "not one of this log-in"),
    ],
)
def test_an_address_that_grants_nothing_asks_for_no_token(
    provider: Provider, authorizing: Authorizing, ended_on: str, said: str
) -> None:
    asked = authorizing.begin(BACK)
    with pytest.raises(AccountError, match=said):
        authorizing.finish(asked, ended_on.replace("STATE", asked.state))
    assert not provider.token_requests


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (strict.HTML, Transient),
        (strict.NOTHING, Transient),
        (strict.DEAD, Transient),
        (strict.BROKEN, Transient),
        (strict.wrong_json(), Transient),
        ((200, "application/json", b'{"access_token": ""}'), Transient),
        ((200, "application/json", b'{"access_token": 7}'), Transient),
        ((200, "application/json", b'{"access_token": "a", "expires_in": "soon"}'), Transient),
        ((200, "application/json", b'{"access_token": "a", "expires_in": 1e300}'), Transient),
        ((200, "application/json", b"[]"), Transient),
        (strict.BUSY, RateLimited),
        ((400, "application/json", b'{"error": "invalid_grant"}'), AccountError),
        ((401, "application/json", b'{"error": "invalid_client"}'), AccountError),
        ((400, "application/json", b'{"error": {"is_transient": true}}'), Transient),
    ],
)
def test_an_answer_without_tokens_is_one_error(
    provider: Provider, authorizing: Authorizing, fault: strict.Answer, error: type[Exception]
) -> None:
    provider.faults.append(fault)
    with pytest.raises(error) as raised:
        logged_in(provider, authorizing)
    assert "tok-of-another-shape" not in str(raised.value)


def test_a_refresh_rotates_both_tokens(provider: Provider, authorizing: Authorizing) -> None:
    old = logged_in(provider, authorizing)
    new = authorizing.renewed(STANDARD.refresh, old)
    assert new.access_token != old.access_token
    assert new.refresh_token in provider.refresh_tokens


@pytest.mark.parametrize("fault", [strict.HTML, strict.DEAD, strict.BROKEN, strict.wrong_json()])
def test_a_lost_answer_to_a_single_use_refresh_is_unknown(
    provider: Provider, authorizing: Authorizing, fault: strict.Answer
) -> None:
    tokens = logged_in(provider, authorizing)
    provider.faults.append(fault)
    with pytest.raises(OutcomeUnknown):
        authorizing.renewed(STANDARD.refresh, tokens)


def test_a_lost_answer_to_another_refresh_is_repeatable(
    provider: Provider, authorizing: Authorizing
) -> None:
    tokens = logged_in(provider, authorizing)
    provider.faults.append(strict.DEAD)
    with pytest.raises(Transient):
        authorizing.renewed(MANY_USES, tokens)


def test_an_answer_without_a_refresh_token_keeps_the_old_one(
    provider: Provider, authorizing: Authorizing
) -> None:
    tokens = logged_in(provider, authorizing)
    provider.faults.append((200, "application/json", b'{"access_token": "fresh-one"}'))
    fresh = authorizing.renewed(MANY_USES, tokens)
    assert (fresh.access_token, fresh.refresh_token) == ("fresh-one", tokens.refresh_token)
    assert fresh.scopes == tokens.scopes


def test_a_short_lived_token_is_lengthened_at_once(
    provider: Provider, account: Account, wire: Wire
) -> None:
    tokens = logged_in(provider, Authorizing(META, account, wire))
    assert tokens.access_token.startswith("long-")
    assert tokens.expires_at == START + timedelta(days=60)
    assert META.refresh is not None
    assert META.refresh.due(tokens) == START + timedelta(days=35)


def test_a_client_is_registered_at_the_accounts_own_server(
    provider: Provider, account: Account, wire: Wire
) -> None:
    tokens = logged_in(provider, Authorizing(REGISTERED, account, wire))
    assert tokens.client is not None
    assert provider.clients[tokens.client.id] == tokens.client.secret


def test_an_account_without_a_client_is_told_which_key_is_missing(wire: Wire) -> None:
    details = Details(api="https://x.example", token=SecretRef("vault:x"), client_id="")
    authorizing = Authorizing(STANDARD, Account("x", "strictnet", "en", details), wire)
    with pytest.raises(BadConfiguration, match=r"accounts\.x\.client_id"):
        authorizing.begin(BACK)


@pytest.mark.parametrize("method", [STANDARD, META])
def test_no_secret_is_in_a_log_a_repr_or_a_traceback(
    provider: Provider,
    account: Account,
    wire: Wire,
    caplog: pytest.LogCaptureFixture,
    method: OAuth,
) -> None:
    caplog.set_level(logging.DEBUG)
    authorizing = Authorizing(method, account, wire)
    tokens = logged_in(provider, authorizing)
    asked: Any = authorizing.begin(BACK)
    provider.access_tokens.clear()
    provider.refresh_tokens.clear()
    with pytest.raises(AccountError) as raised:
        authorizing.renewed(method.refresh, tokens)
    told = "".join(traceback.format_exception(raised.value)) + caplog.text + repr((tokens, asked))
    hidden = [*provider.issued, strict.CLIENT_SECRET, asked.verifier]
    assert [value for value in hidden if value in told] == []


def test_new_tokens_are_masked_from_the_first_moment(
    provider: Provider, authorizing: Authorizing
) -> None:
    tokens = logged_in(provider, authorizing)
    assert redact(f"{tokens.access_token} {tokens.refresh_token}") == f"{MASK} {MASK}"


def test_a_refusal_that_repeats_the_token_does_not_tell_it(
    provider: Provider, authorizing: Authorizing
) -> None:
    tokens = logged_in(provider, authorizing)
    said = {"error": "invalid_grant", "error_description": f"spent: {tokens.refresh_token}"}
    provider.faults.append((400, "application/json", json.dumps(said).encode()))
    with pytest.raises(AccountError, match="spent: ") as raised:
        authorizing.renewed(STANDARD.refresh, tokens)
    assert tokens.refresh_token not in str(raised.value)


def test_a_token_stands_encoded_in_an_address(
    provider: Provider, account: Account, wire: Wire
) -> None:
    odd = "a b&c=d/é+{access_token}"
    provider.access_tokens.add(odd)
    lengthening = by_get("{api}/lengthen", "ex", access_token="{access_token}")
    refresh = type(MANY_USES)(lengthening, timedelta())
    fresh = Authorizing(META, account, wire).renewed(refresh, Tokens(odd, START))
    assert fresh.access_token.startswith("long-")
