"""Logging in, as a person does it: with a browser, by pasting, by answering."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import provider as strict
from daemons import until
from karnay.clock import SystemClock
from karnay.engine.daemon import Tempos
from karnay.errors import AccountError
from karnay.newsroom import Newsroom
from karnay.platforms.logins import Tokens
from karnay.platforms.registry import platforms
from karnay.store.audit import DAEMON
from karnay.store.queue import Queue
from provider import Provider

TESTS = Path(__file__).parent.parent
VISIT = "import sys, httpx; print(httpx.get(sys.argv[1], follow_redirects=True).text)"
TOML = """\
timezone = "UTC"

[accounts.net]  # the office's
platform = "strictnet"
api = "{url}"
way = "{way}"
token = "{token}"
client_secret = "env:APP_SECRET"
"""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("APP_SECRET", strict.CLIENT_SECRET)
    with strict.running() as started:
        yield started


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which a package is installed that offers the network."""
    folder = tmp_path / "packages"
    information = folder / "strictnet-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: strictnet\nVersion: 1\n")
    points = "[karnay.platforms]\nstrictnet = strictnet:PLATFORM\n"
    (information / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(folder))
    platforms.cache_clear()
    yield folder
    platforms.cache_clear()


Office = Callable[..., Path]


@pytest.fixture
def office(tmp_path: Path, provider: Provider, packages: Path, monkeypatch) -> Office:
    """A workspace with an account that logs in that way."""
    folder = tmp_path / "office"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def made(way: str = "oauth", reference: str = "vault:net") -> Path:
        text = TOML.format(url=provider.url, way=way, token=reference)
        (folder / "karnay.toml").write_text(text)
        return folder

    return made


LoggingIn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def logging_in(packages: Path, tmp_path: Path) -> Iterator[LoggingIn]:
    """A `karnay accounts login net` whose browser goes where it is sent."""
    visit = tmp_path / "visit.py"
    visit.write_text(VISIT)
    paths = os.pathsep.join([str(packages), str(TESTS), *sys.path])
    environment = {"BROWSER": f"{sys.executable} {visit} %s", "PYTHONPATH": paths}
    begun: list[subprocess.Popen[str]] = []

    def begin(folder: Path, *options: str, **more: Any) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "karnay",
                "-C",
                str(folder),
                "accounts",
                "login",
                "net",
                *options,
            ],
            env={**os.environ, **environment},
            text=True,
            **{**pipes, **more},
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def address_in(process: subprocess.Popen[str]) -> str:
    """The address that it asks the person to open."""
    return next(line.strip() for line in process.stderr if line.startswith("http"))


def read_to(terminal: int, words: bytes) -> bytes:
    """All that a terminal shows, up to these words at least."""
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 1024)
    return shown


def log_in(room: Newsroom, provider: Provider) -> None:
    with room.log_in("net") as begun:
        asked = begun.begin("http://127.0.0.1:1/karnay")
        begun.finish(asked, provider.visit(asked.address))
        room.admit(begun)


def test_a_browser_goes_to_the_network_and_comes_back(
    office: Office, provider: Provider, logging_in: LoggingIn, karnay: Any
) -> None:
    folder = office()
    process = logging_in(folder)
    shown, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "logged in to net as The Office" in said
    assert "Close this window" in shown
    assert karnay("accounts", "check", "net").exit_code == 0
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    everything = written + shown.encode() + said.encode()
    assert [one for one in provider.issued if one.encode() in everything] == []


def test_an_address_is_pasted_where_there_is_no_browser(
    office: Office, provider: Provider, logging_in: LoggingIn
) -> None:
    process = logging_in(office(), "--paste")
    ended_on = provider.visit(address_in(process))
    _, said = process.communicate(ended_on + "\n", timeout=30)
    assert (process.returncode, "logged in" in said) == (0, True)


def test_who_says_no_is_not_logged_in(
    office: Office, provider: Provider, logging_in: LoggingIn, karnay: Any
) -> None:
    provider.denies = True
    process = logging_in(office())
    _, said = process.communicate(timeout=30)
    assert (process.returncode, "access was not granted" in said) == (77, True)
    assert karnay("accounts", "check", "net").exit_code == 77


def test_a_network_that_sends_nobody_back_here_wants_an_address_of_ours(
    office: Office, provider: Provider, logging_in: LoggingIn, karnay: Any
) -> None:
    folder = office("elsewhere")
    refused = karnay("accounts", "login", "net")
    assert (refused.exit_code, "--redirect" in refused.stderr) == (2, True)
    process = logging_in(folder, "--redirect", "https://office.example/karnay")
    ended_on = provider.visit(address_in(process))
    assert ended_on.startswith("https://office.example/karnay?")
    _, said = process.communicate(ended_on + "\n", timeout=30)
    assert process.returncode == 0, said


def test_the_place_that_is_chosen_is_written_down(
    office: Office, provider: Provider, logging_in: LoggingIn
) -> None:
    folder = office("pages")
    process = logging_in(folder)
    _, said = process.communicate("2\n", timeout=30)
    assert "logged in to net as The Office 8" in said
    text = (folder / "karnay.toml").read_text()
    assert 'page = "8"' in text
    assert "# the office's" in text


def test_a_token_is_read_from_a_pipe(office: Office, provider: Provider, karnay: Any) -> None:
    office("asked")
    provider.access_tokens.add("token-of-the-bot")
    done = karnay("accounts", "login", "net", input="token-of-the-bot\n")
    assert (done.exit_code, "from the bot's father" in done.stderr) == (0, True)
    assert karnay("accounts", "check").exit_code == 0


@pytest.mark.parametrize(("said", "code"), [("token-of-nobody\n", 77), ("\n", 1), ("", 1)])
def test_what_the_network_does_not_know_is_not_kept(
    office: Office, karnay: Any, said: str, code: int
) -> None:
    folder = office("asked")
    refused = karnay("accounts", "login", "net", input=said)
    assert refused.exit_code == code
    assert "token-of-nobody" not in refused.output
    assert Newsroom(folder).endings() == {}


def test_a_token_is_not_echoed(office: Office, provider: Provider, logging_in: LoggingIn) -> None:
    provider.access_tokens.add("token-of-the-bot")
    ours, theirs = pty.openpty()
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    process = logging_in(office("asked"), start_new_session=True, **ends)
    os.close(theirs)
    shown = read_to(ours, b"bot token")
    os.write(ours, b"token-of-the-bot\n")
    shown += read_to(ours, b"logged in to net")
    assert process.wait(30) == 0
    os.close(ours)
    assert b"token-of-the-bot" not in shown


def test_a_log_in_needs_a_place_in_the_vault(office: Office, karnay: Any) -> None:
    office(reference="env:NET_TOKEN")
    refused = karnay("accounts", "login", "net")
    assert (refused.exit_code, 'token = "vault:net"' in refused.stderr) == (78, True)


def test_an_account_that_is_not_there_is_told(office: Office, karnay: Any) -> None:
    office()
    assert karnay("accounts", "login", "nett").exit_code == 66


def test_a_log_in_resumes_what_waited_for_one(office: Office, provider: Provider) -> None:
    room = Newsroom(office())
    Queue(room.database, DAEMON).pause(["net"], "401", SystemClock().now())
    log_in(room, provider)
    assert room.account_states()["net"].paused == ""


def test_a_client_that_was_registered_for_it_is_kept(office: Office, provider: Provider) -> None:
    room = Newsroom(office("registered"))
    log_in(room, provider)
    kept = room.vault.tokens("net").client
    assert kept is not None
    assert provider.clients[kept.id] == kept.secret


def test_its_end_is_foretold_everywhere(
    office: Office, provider: Provider, karnay: Any, told: Any
) -> None:
    log_in(Newsroom(office("pages")), provider)
    [row] = told("accounts", "list")["accounts"]
    assert row["log_in_says"].startswith("the log-in ends in 119 minutes")
    assert row["log_in_ends_at"]
    assert "karnay accounts login net" in karnay("accounts", "list").stdout.replace("\n", "")
    assert told("status")["log_ins"] == {"net": row["log_in_says"]}
    assert row["log_in_says"] in karnay("status").stderr


def test_permissions_that_were_not_given_are_told(
    office: Office, provider: Provider, karnay: Any, told: Any
) -> None:
    log_in(Newsroom(office("pages")), provider)
    [checked] = told("accounts", "check")["accounts"]
    assert checked["lacks"] == ["publish"]
    assert "lacks publish" in karnay("accounts", "check").stdout


def test_a_log_in_that_is_renewed_is_not_worried_about(
    office: Office, provider: Provider, told: Any
) -> None:
    log_in(Newsroom(office()), provider)
    assert told("status")["log_ins"] == {}
    [row] = told("accounts", "list")["accounts"]
    assert row["log_in_ends_at"]


def about_to_end(room: Newsroom, provider: Provider) -> Tokens:
    """A log-in that has to be renewed now."""
    provider.tokens()
    access, refresh = provider.issued[-2:]
    now = room.clock.now()
    tokens = Tokens(access, now - timedelta(hours=2), refresh, now + timedelta(minutes=20))
    room.vault.keep("net", tokens, renew_at=now)
    return tokens


def test_a_daemon_renews_it_while_it_runs(office: Office, provider: Provider) -> None:
    room = Newsroom(office())
    daemon = room.daemon(tempos=Tempos(refresh_every=timedelta(seconds=0.1)))
    daemon.start()
    old = about_to_end(room, provider)
    try:
        assert until(lambda: provider.refreshes)
    finally:
        daemon.stop()
    assert room.vault.tokens("net").refresh_token != old.refresh_token
    assert provider.refreshes == 1


def test_a_daemon_renews_before_it_publishes_anything(office: Office, provider: Provider) -> None:
    room = Newsroom(office())
    about_to_end(room, provider)
    daemon = room.daemon()
    daemon.start()
    renewed = provider.refreshes
    daemon.stop()
    assert renewed == 1


def test_publishing_once_renews_it_as_well(office: Office, provider: Provider) -> None:
    room = Newsroom(office())
    about_to_end(room, provider)
    room.daemon().run_once()
    assert provider.refreshes == 1


def test_a_token_that_was_revoked_is_told_by_the_network(
    office: Office, provider: Provider
) -> None:
    room = Newsroom(office())
    log_in(room, provider)
    provider.access_tokens.clear()
    with pytest.raises(AccountError, match="invalid_token"):
        room.ask("net")


def test_the_configuration_shows_no_secret(office: Office, provider: Provider, karnay: Any) -> None:
    room = Newsroom(office())
    log_in(room, provider)
    details = room.accounts["net"].details
    shown = repr(details) + details.model_dump_json() + karnay("doctor").output
    assert "vault:net" in shown
    assert repr(room.configuration.vault_key) in repr(room.configuration)
    assert [one for one in provider.issued if one in shown] == []
