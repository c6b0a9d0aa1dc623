"""init, new, accounts, doctor, sandbox accounts."""

from pathlib import Path

import pytest

from karnay.cli.exits import Exit
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.server import Sandbox


def test_init_makes_a_workspace_once(karnay, tmp_path: Path) -> None:
    assert karnay("init", str(tmp_path / "office")).exit_code == Exit.DONE
    assert {one.name for one in (tmp_path / "office").iterdir()} == {
        "karnay.toml", "posts", "templates", ".karnay", ".gitignore",
    }  # fmt: skip
    again = karnay("init", str(tmp_path / "office"))
    assert again.exit_code == Exit.DELIVERY_FAILED
    assert "already a workspace" in again.stderr


def test_init_with_a_wrong_zone_makes_nothing(karnay, tmp_path: Path) -> None:
    result = karnay("init", str(tmp_path / "office"), "--timezone", "Asia/Toshkent")
    assert result.exit_code == Exit.USAGE
    assert "Asia/Tashkent" in result.stderr
    assert not (tmp_path / "office").exists()


def test_a_sandbox_workspace_has_one_account_of_each_platform_in_english(
    karnay, told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    karnay("init", str(tmp_path), "--sandbox")
    monkeypatch.chdir(tmp_path)
    accounts = told("accounts", "list")["accounts"]
    assert [one["platform"] for one in accounts] == list(PLATFORMS)
    assert {one["language"] for one in accounts} == {"en"}


def test_new_begins_a_post_that_can_be_completed(workspace: Path, karnay) -> None:
    result = karnay("new", "Ректор делегацияни қабул қилди", "--kind", "visit")
    assert result.exit_code == Exit.DONE
    file = workspace / result.stdout.strip()
    file.write_text(file.read_text(encoding="utf-8") + "Matn.\n", encoding="utf-8")
    checked = karnay("check", file.parent.name)
    assert checked.exit_code == Exit.DONE, checked.stderr


def test_accounts_check_asks_every_network(on_sandbox: Path, karnay, told) -> None:
    checked = told("accounts", "check")["accounts"]
    assert {one["account"] for one in checked if one["is"]} == set(PLATFORMS)


def test_a_wrong_token_is_an_account_to_log_in_to(on_sandbox: Path, karnay) -> None:
    (on_sandbox / ".karnay" / "sandbox" / "telegram-token").write_text("1:wrong")
    result = karnay("accounts", "check", "telegram")
    assert result.exit_code == Exit.LOG_IN
    assert "Unauthorized" in result.stdout
    assert "1:wrong" not in result.output


def test_a_check_that_succeeds_resumes_a_paused_account(
    on_sandbox: Path, karnay, told, sandbox: Sandbox
) -> None:
    token = on_sandbox / ".karnay" / "sandbox" / "telegram-token"
    right = token.read_text()
    token.write_text("1:wrong")
    karnay("publish", "open-day", "--yes", "-a", "telegram")
    assert "telegram" in told("status")["paused"]
    token.write_text(right)
    assert karnay("accounts", "check", "telegram").exit_code == Exit.DONE
    assert told("status")["paused"] == {}
    karnay("run", "--once")
    assert len(sandbox.published("telegram")) == 1


def test_an_account_is_added_with_its_comments_kept(
    workspace: Path, karnay, told, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = workspace / "karnay.toml"
    toml.write_text("# our office\n" + toml.read_text(), encoding="utf-8")
    arguments = ["--set", "chat=@news", "--set", "token=env:TG"]
    result = karnay("accounts", "add", "telegram-ru", "--platform", "telegram", *arguments)
    assert result.exit_code == Exit.DONE, result.stderr
    assert toml.read_text().startswith("# our office\n")
    assert "telegram-ru" in [one["account"] for one in told("accounts", "list")["accounts"]]


def test_a_secret_itself_is_refused_and_the_file_left_as_it_was(workspace: Path, karnay) -> None:
    before = (workspace / "karnay.toml").read_text()
    arguments = ["--set", "chat=@news", "--set", "token=424242:AAHsecret"]
    result = karnay("accounts", "add", "news", "--platform", "telegram", *arguments)
    assert result.exit_code == Exit.BAD_CONFIGURATION
    assert "must be a reference" in result.stderr
    assert "AAHsecret" not in result.stderr
    assert (workspace / "karnay.toml").read_text() == before


def test_the_doctor_finds_a_sound_workspace_sound(workspace: Path, karnay) -> None:
    assert karnay("doctor").exit_code == Exit.DONE


def test_the_doctor_names_a_secret_that_is_missing(workspace: Path, told, karnay) -> None:
    (workspace / ".karnay" / "sandbox" / "telegram-token").unlink()
    findings = {one["what"]: one for one in told("doctor")["findings"]}
    assert not findings["account telegram"]["well"]
    assert karnay("doctor").exit_code == Exit.BAD_CONFIGURATION


def test_every_mistake_in_karnay_toml_is_told_at_once(workspace: Path, karnay) -> None:
    toml = workspace / "karnay.toml"
    wrong = toml.read_text().replace("Asia/Tashkent", "Asia/Tashkant")
    toml.write_text(wrong + 'colour = "red"\n[groups]\nall = ["telegarm"]\n', encoding="utf-8")
    result = karnay("status")
    assert result.exit_code == Exit.BAD_CONFIGURATION
    assert "karnay.toml:1:1: timezone:" in result.stderr
    assert 'Did you mean "telegram"?' in result.stderr
    assert f"accounts.{PLATFORMS[-1]}.colour" in result.stderr
