"""Renewing log-ins: by one machine, never twice with the same token, whatever breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import provider as strict
from karnay.accounts import Account
from karnay.engine.refreshing import LEASE, RETRY, Refresher
from karnay.errors import StoreError
from karnay.platforms.logins import OAuth, Tokens
from karnay.secrets import SecretRef
from karnay.store.audit import DAEMON
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.store.renewals import Lease, Renewals
from karnay.store.sealing import Keys
from karnay.store.vault import Vault
from karnay.testing.clock import START, FixedClock
from provider import Provider
from strictnet import MANY_USES, STANDARD, Details

MANY = replace(STANDARD, refresh=MANY_USES)
MACHINES = ("one", "two", "three", "four")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with strict.running() as started:
        yield started


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START + timedelta(hours=2))


@pytest.fixture
def vault(database: Database, tmp_path: Path, provider: Provider) -> Vault:
    """It keeps a log-in to x that ends in half an hour."""
    made = Vault(lambda: database, Keys(SecretRef("file:vault.key", tmp_path)))
    provider.tokens()
    access, refresh = provider.issued[-2:]
    tokens = Tokens(access, START, refresh, START + timedelta(hours=2.5), ("read",))
    made.keep("x", tokens, renew_at=START + timedelta(hours=2))
    return made


Refreshing = Callable[..., Refresher]


@pytest.fixture
def refreshing(
    database: Database,
    vault: Vault,
    provider: Provider,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Refreshing:
    """A machine of that name, whose account logs in that way."""
    monkeypatch.setenv("APP_SECRET", strict.CLIENT_SECRET)
    details = Details(
        api=provider.url, token=SecretRef("vault:x"), client_secret=SecretRef("env:APP_SECRET")
    )
    account = Account("x", "strictnet", "en", details)

    def made(owner: str = "here", oauth: OAuth = STANDARD, **more: Any) -> Refresher:
        renewals = Renewals(database, vault, owner)
        return Refresher(
            renewals, {"x": account}, clock, login=lambda _: oauth, pause=lambda _: None, **more
        )

    return made


def paused(queue: Queue) -> str:
    state = queue.accounts().get("x")
    return state.paused if state else ""


def test_a_log_in_is_renewed_before_it_ends(
    refreshing: Refreshing, vault: Vault, provider: Provider, clock: FixedClock
) -> None:
    refreshing().run()
    assert vault.secret("x") in provider.access_tokens
    assert provider.refreshes == 1
    ends = clock.now() + timedelta(seconds=strict.LIFETIME)
    assert vault.endings()["x"].renew_at == ends - timedelta(minutes=30)


def test_one_that_is_not_due_is_left_alone(
    refreshing: Refreshing, provider: Provider, clock: FixedClock
) -> None:
    clock.move(-timedelta(minutes=1))
    refreshing().run()
    assert not provider.token_requests


def test_of_several_machines_one_renews(
    refreshing: Refreshing, vault: Vault, provider: Provider
) -> None:
    machines = [refreshing(name) for name in MACHINES]
    with ThreadPoolExecutor(len(machines)) as pool:
        list(pool.map(Refresher.run, machines))
    assert (provider.token_requests, provider.reused) == (1, False)
    assert vault.secret("x") in provider.access_tokens


def test_the_new_refresh_token_is_used_the_next_time(
    refreshing: Refreshing, provider: Provider, clock: FixedClock
) -> None:
    machine = refreshing()
    machine.run()
    clock.move(timedelta(seconds=strict.LIFETIME))
    machine.run()
    assert (provider.refreshes, provider.reused) == (2, False)


def test_a_refusal_pauses_the_account_and_says_what_to_do(
    refreshing: Refreshing, vault: Vault, queue: Queue, provider: Provider
) -> None:
    provider.refresh_tokens.clear()
    refreshing().run()
    assert paused(queue).startswith("log in again: `karnay accounts login x`")
    assert "invalid_grant" in paused(queue)
    assert queue.accounts()["x"].paused_by == DAEMON
    assert vault.endings()["x"].trouble == paused(queue)


def test_what_was_refused_is_not_asked_for_again(
    refreshing: Refreshing, provider: Provider, clock: FixedClock
) -> None:
    provider.refresh_tokens.clear()
    refreshing().run()
    clock.move(timedelta(days=1))
    refreshing().run()
    assert provider.token_requests == 1


def test_a_persons_pause_is_not_overwritten(
    refreshing: Refreshing, queue: Queue, provider: Provider
) -> None:
    queue.pause(["x"], "holiday", START)
    provider.refresh_tokens.clear()
    refreshing().run()
    assert paused(queue) == "holiday"


@pytest.mark.parametrize("fault", [strict.BUSY, strict.BROKEN, strict.DEAD, strict.HTML])
def test_trouble_is_retried(
    refreshing: Refreshing, queue: Queue, provider: Provider, clock: FixedClock, fault: Any
) -> None:
    provider.faults.append(fault)
    machine = refreshing(oauth=MANY)
    machine.run()
    assert not provider.refreshes
    clock.move(RETRY)
    machine.run()
    assert (provider.refreshes, paused(queue)) == (1, "")


def test_a_network_that_cannot_be_reached_spends_no_token(
    refreshing: Refreshing, queue: Queue, provider: Provider, clock: FixedClock
) -> None:
    machine = refreshing()
    there = machine.accounts["x"]
    nowhere = there.details.model_copy(update={"api": "http://127.0.0.1:9"})
    machine.accounts = {"x": replace(there, details=nowhere)}
    machine.run()
    clock.move(RETRY)
    machine.accounts = {"x": there}
    machine.run()
    assert (provider.refreshes, paused(queue)) == (1, "")


@pytest.mark.parametrize("fault", [strict.BROKEN, strict.DEAD, strict.HTML, strict.wrong_json()])
def test_a_single_use_token_is_not_sent_again_after_a_lost_answer(
    refreshing: Refreshing, queue: Queue, provider: Provider, clock: FixedClock, fault: Any
) -> None:
    provider.faults.append(fault)
    machine = refreshing()
    machine.run()
    clock.move(LEASE + timedelta(days=1))
    machine.run()
    assert (provider.token_requests, provider.reused) == (1, False)
    assert "log in again" in paused(queue)


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(("oauth", "requests"), [(STANDARD, 1), (MANY, 2)], ids=["single", "many"])
def test_after_a_crash_before_the_commit_only_what_may_be_sent_again_is(
    refreshing: Refreshing,
    queue: Queue,
    provider: Provider,
    clock: FixedClock,
    oauth: OAuth,
    requests: int,
) -> None:
    dying = refreshing("dying", oauth)
    dying.renewals = DyingRenewals(*_members(dying.renewals))
    with pytest.raises(Died):
        dying.run()
    clock.move(LEASE)
    refreshing("other", oauth).run()
    assert provider.token_requests == requests
    assert "log in again" in paused(queue)


class DyingRenewals(Renewals):
    """Of a process that dies when it has the answer, and has not written it."""

    def renewed(self, *_: Any) -> bool:
        raise Died


def _members(renewals: Renewals) -> tuple[Database, Vault, str]:
    return renewals.database, renewals.vault, renewals.owner


def test_nobody_else_renews_while_a_lease_holds(
    refreshing: Refreshing, provider: Provider, clock: FixedClock
) -> None:
    holder = refreshing("holder").renewals
    assert holder.lease("x", clock.now(), LEASE)
    clock.move(LEASE - timedelta(seconds=1))
    refreshing("other").run()
    assert not provider.token_requests


def test_a_request_does_not_leave_once_the_lease_is_anothers(
    refreshing: Refreshing, provider: Provider, clock: FixedClock
) -> None:
    slow = refreshing("slow").renewals
    lease = slow.lease("x", clock.now(), LEASE)
    clock.move(LEASE)
    refreshing("other").run()
    assert lease is not None
    assert not slow.sending(lease, clock.now())
    assert provider.token_requests == 1


class LosingRenewals(Renewals):
    """Of a machine that slept until its lease was another's."""

    def sending(self, *_: Any) -> bool:
        return False


def test_who_lost_the_lease_sends_nothing(
    refreshing: Refreshing, queue: Queue, provider: Provider
) -> None:
    machine = refreshing()
    machine.renewals = LosingRenewals(*_members(machine.renewals))
    machine.run()
    assert (provider.token_requests, paused(queue)) == (0, "")


def test_an_answer_that_comes_late_is_kept_while_nothing_newer_is_there(
    refreshing: Refreshing, vault: Vault, clock: FixedClock
) -> None:
    slow = refreshing("slow").renewals
    lease = slow.lease("x", clock.now(), timedelta(seconds=1))
    assert lease is not None
    assert slow.sending(lease, clock.now())
    clock.move(LEASE)
    refreshing("other").run()  # finds the note, sends nothing, asks a person
    assert slow.renewed(lease, Tokens("late-but-good", clock.now()), None)
    assert vault.secret("x") == "late-but-good"


def test_a_log_in_meanwhile_wins(
    refreshing: Refreshing, vault: Vault, provider: Provider, clock: FixedClock
) -> None:
    provider.after = lambda: vault.keep("x", Tokens("by-a-person", clock.now()))
    refreshing().run()
    assert vault.secret("x") == "by-a-person"


@dataclass(frozen=True)
class BusyRenewals(Renewals):
    """Of a database that is locked for a while."""

    refusals: list[str] = field(default_factory=lambda: ["the database is locked"] * 3)

    def renewed(self, lease: Lease, tokens: Tokens, renew_at: Any) -> bool:
        if self.refusals:
            raise StoreError(self.refusals.pop())
        return super().renewed(lease, tokens, renew_at)


def test_new_tokens_are_written_as_soon_as_the_database_can_be(
    refreshing: Refreshing, vault: Vault, provider: Provider
) -> None:
    machine = refreshing()
    machine.renewals = BusyRenewals(*_members(machine.renewals))
    machine.run()
    assert vault.secret("x") in provider.access_tokens
    assert provider.token_requests == 1


def test_without_its_key_a_machine_sends_nothing(
    refreshing: Refreshing, queue: Queue, provider: Provider, tmp_path: Path
) -> None:
    (tmp_path / "vault.key").unlink()
    refreshing().run()
    assert (provider.token_requests, paused(queue)) == (0, "")


def test_what_no_account_uses_is_not_renewed(refreshing: Refreshing, provider: Provider) -> None:
    machine = refreshing()
    machine.accounts = {}
    machine.run()
    assert not provider.token_requests


def test_a_stopped_machine_renews_nothing(refreshing: Refreshing, provider: Provider) -> None:
    machine = refreshing()
    machine.stop()
    machine.run()
    assert not provider.token_requests


def test_no_token_is_in_a_log(
    refreshing: Refreshing,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    refreshing().run()
    told = caplog.text + "".join(capsys.readouterr())
    assert "renewed" in told
    assert [value for value in provider.issued if value in told] == []
