"""queue, publish, status, history, resolve, pause, resume."""

from collections.abc import Callable
from pathlib import Path

import pytest

from karnay.cli.exits import Exit
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.server import Sandbox


def test_a_queued_post_is_due_at_its_own_time(workspace: Path, told) -> None:
    queued = told("queue", "add", "open-day")["deliveries"]
    assert {one["due_at"] for one in queued} == {"2030-03-16T05:00:00+00:00"}
    assert {one["state"] for one in queued} == {"scheduled"}


@pytest.mark.parametrize(
    "at", ["2031-01-02 09:00", "2 января 2031 в 9:00", "2031-yil 2-yanvar 9:00"]
)
def test_a_time_in_peoples_words_is_echoed_with_its_zone(workspace: Path, karnay, at: str) -> None:
    result = karnay("queue", "add", "open-day", "--at", at)
    assert result.exit_code == Exit.DONE, result.stderr
    assert f'"{at}" is Thu 2 Jan 2031 09:00 Asia/Tashkent' in result.stderr


@pytest.mark.parametrize("at", ["yesterday 9:00", "25:00", "soon", "2020-01-01 10:00"])
def test_a_time_that_cannot_be_meant_is_refused(workspace: Path, karnay, at: str) -> None:
    result = karnay("queue", "add", "open-day", "--at", at)
    assert result.exit_code == Exit.USAGE
    assert "--at" in result.stderr


def test_a_post_whose_time_is_past_says_what_to_do(workspace: Path, karnay) -> None:
    post = workspace / "posts" / "open-day.md"
    post.write_text(post.read_text().replace("2030-", "2020-"), encoding="utf-8")
    result = karnay("queue", "add", "open-day")
    assert result.exit_code == Exit.INVALID_POST
    assert "posts/open-day.md:4:13: publish_at:" in result.stderr
    assert "--at" in result.stderr


def test_next_needs_slots_and_takes_the_next_free_one(workspace: Path, karnay, told) -> None:
    assert karnay("queue", "add", "open-day", "-a", "x", "--next").exit_code != Exit.DONE
    toml = workspace / "karnay.toml"
    slotted = toml.read_text().replace("[accounts.x]", '[accounts.x]\nslots = ["daily 09:00"]')
    toml.write_text(slotted, encoding="utf-8")
    [queued] = told("queue", "add", "open-day", "-a", "x", "--next")["deliveries"]
    assert queued["due_at"].endswith("T04:00:00+00:00")


def test_moving_and_cancelling(workspace: Path, karnay, told) -> None:
    [one] = told("queue", "add", "open-day", "-a", "x")["deliveries"]
    number = str(one["delivery"])
    [moved] = told("queue", "move", number, "--at", "2031-01-02 09:00")["deliveries"]
    assert moved["due_at"] == "2031-01-02T04:00:00+00:00"
    [cancelled] = told("queue", "cancel", number)["deliveries"]
    assert cancelled["state"] == "cancelled"
    assert karnay("queue", "cancel", number).exit_code == Exit.DELIVERY_FAILED


def test_an_edit_after_queueing_is_pointed_out(workspace: Path, karnay) -> None:
    karnay("queue", "add", "open-day", "-a", "x")
    post = workspace / "posts" / "open-day.md"
    post.write_text(post.read_text().replace("Come and see", "Come and visit"), encoding="utf-8")
    result = karnay("queue", "list")
    assert "open-day was edited since it was queued" in result.stderr


def test_show_has_the_very_text(workspace: Path, told) -> None:
    [one] = told("queue", "add", "open-day", "-a", "telegram")["deliveries"]
    shown = told("queue", "show", str(one["delivery"]))
    assert "opens its doors on Saturday" in shown["variant"]["parts"][0]["text"]


def test_publish_asks_first_and_needs_somebody_to_ask(workspace: Path, karnay) -> None:
    result = karnay("publish", "open-day")
    assert result.exit_code == Exit.USAGE
    assert "--yes" in result.stderr


def test_publish_sends_now_and_shows_the_links(on_sandbox: Path, karnay, sandbox: Sandbox) -> None:
    result = karnay("publish", "open-day", "--yes")
    assert result.exit_code == Exit.DONE, result.output
    assert {one.platform for one in sandbox.published()} == set(PLATFORMS)
    assert f"{sandbox.url}/x/tict_demo/status/" in result.stdout


def test_what_is_published_is_not_published_twice(
    on_sandbox: Path, karnay, sandbox: Sandbox
) -> None:
    karnay("publish", "open-day", "--yes", "-a", "telegram")
    again = karnay("publish", "open-day", "--yes", "-a", "telegram")
    assert again.exit_code == Exit.DELIVERY_FAILED
    assert "is published: it cannot be queued again" in again.stderr
    assert len(sandbox.published("telegram")) == 1
    assert karnay("publish", "open-day", "--yes", "-a", "telegram", "--again").exit_code == 0
    assert len(sandbox.published("telegram")) == 2


def test_a_refused_post_is_told_with_the_networks_words(
    on_sandbox: Path, karnay, sandbox: Sandbox
) -> None:
    sandbox.fault("telegram", "refuse")
    result = karnay("publish", "open-day", "--yes", "-a", "telegram")
    assert result.exit_code == Exit.DELIVERY_FAILED
    assert "Bad Request" in result.stdout


def test_a_lost_answer_is_looked_for_and_found(on_sandbox: Path, karnay, sandbox: Sandbox) -> None:
    sandbox.fault("mastodon", "drop")
    result = karnay("publish", "open-day", "--yes", "-a", "mastodon")
    assert result.exit_code == Exit.DONE, result.output
    assert len(sandbox.published("mastodon")) == 1


def test_a_lost_answer_that_cannot_be_looked_for_asks_a_person(
    on_sandbox: Path, karnay, told, sandbox: Sandbox
) -> None:
    file = on_sandbox / "karnay.toml"
    account = "[accounts.telegram]\n"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(account, f"{account}look_back = false\n"), encoding="utf-8")
    sandbox.fault("telegram", "drop")
    assert karnay("publish", "open-day", "--yes", "-a", "telegram").exit_code == 1
    [asked] = told("status")["needs_a_person"]
    assert asked["state"] == "unknown"
    [seen] = sandbox.published("telegram")
    number = str(asked["delivery"])
    assert karnay("resolve", number, "--published", seen.link).exit_code == Exit.DONE
    assert told("history", number)["state"] == "published"
    assert len(sandbox.published("telegram")) == 1


def test_a_network_that_is_down_is_tried_later(workspace: Path, karnay, told) -> None:
    result = karnay("publish", "open-day", "--yes", "-a", "telegram")
    assert result.exit_code == Exit.RETRIED_LATER
    [waiting] = told("queue", "list")["deliveries"]
    assert waiting["tries"] == 1


def test_history_tells_every_attempt(on_sandbox: Path, karnay, told) -> None:
    karnay("publish", "open-day", "--yes", "-a", "x")
    told_ = told("history", "1")
    assert [one["outcome"] for one in told_["attempts"]] == ["ok"]
    assert [entry["action"] for entry in told_["trail"]] == ["queued", "finished"]
    assert "create-1: ok" in karnay("history", "1").stdout


def test_run_once_publishes_what_is_due_and_ends(
    on_sandbox: Path, karnay, sandbox: Sandbox
) -> None:
    karnay("queue", "add", "open-day", "--now")
    assert karnay("run", "--once").exit_code == Exit.DONE
    assert len(sandbox.published()) == len(PLATFORMS)


def test_a_paused_account_publishes_nothing(
    on_sandbox: Path, karnay, told, sandbox: Sandbox
) -> None:
    karnay("pause", "telegram", "--reason", "elections")
    karnay("queue", "add", "open-day", "--now")
    karnay("run", "--once")
    assert {one.platform for one in sandbox.published()} == {*PLATFORMS} - {"telegram"}
    assert told("status")["paused"] == {"telegram": "elections"}
    karnay("resume", "telegram")
    karnay("run", "--once")
    assert len(sandbox.published("telegram")) == 1


@pytest.mark.parametrize("arguments", [["queue", "list"], ["status"], ["accounts", "list"]])
def test_an_empty_workspace_is_no_error(workspace: Path, karnay, arguments: list[str]) -> None:
    assert karnay(*arguments).exit_code == Exit.DONE


def test_a_cancelled_delivery_that_is_retried_waits_for_its_time(workspace: Path, told) -> None:
    [one] = told("queue", "add", "open-day", "-a", "x")["deliveries"]
    told("queue", "cancel", str(one["delivery"]))
    [back] = told("queue", "retry", str(one["delivery"]))["deliveries"]
    assert (back["state"], back["due_at"]) == ("scheduled", one["due_at"])


def test_several_are_cancelled_or_none(workspace: Path, karnay, told) -> None:
    [one] = told("queue", "add", "open-day", "-a", "x")["deliveries"]
    assert karnay("queue", "cancel", str(one["delivery"]), "99").exit_code == Exit.NOT_THERE
    assert told("queue", "show", str(one["delivery"]))["state"] == "scheduled"


def test_queued_again_without_a_time_it_keeps_the_one_it_has(workspace: Path, told) -> None:
    post = workspace / "posts" / "open-day.md"
    post.write_text(post.read_text().replace("publish_at: 2030-03-16 10:00\n", ""), "utf-8")
    [one] = told("queue", "add", "open-day", "-a", "x", "--at", "2031-01-02 09:00")["deliveries"]
    post.write_text(post.read_text().replace("Come and see", "Come and visit"), "utf-8")
    [again] = told("queue", "add", "open-day", "-a", "x")["deliveries"]
    assert (again["delivery"], again["due_at"]) == (one["delivery"], one["due_at"])
    assert again["hash"] != one["hash"]


def test_what_is_published_already_is_left_out_when_the_post_is_queued_again(
    on_sandbox: Path, karnay, told
) -> None:
    karnay("publish", "open-day", "--yes", "-a", "x")
    queued = told("queue", "add", "open-day")["deliveries"]
    assert {one["account"] for one in queued} == {*PLATFORMS} - {"x"}


def test_a_duplicate_is_never_reported_with_another_deliverys_link(
    on_sandbox: Path, karnay, told, sandbox: Sandbox
) -> None:
    karnay("publish", "open-day", "--yes", "-a", "x")
    again = karnay("publish", "open-day", "--yes", "-a", "x", "--again")
    assert again.exit_code == Exit.DELIVERY_FAILED
    [asked] = told("status")["needs_a_person"]
    assert "the same text is there already, as delivery 1" in asked["error"]
    assert len(sandbox.published("x")) == 1


def test_publish_in_json_is_one_document_and_nothing_else(on_sandbox: Path, told) -> None:
    assert told("publish", "open-day", "--yes", "-a", "telegram")["deliveries"]


def test_nobody_to_publish_to_is_an_error(workspace: Path, karnay) -> None:
    (workspace / "karnay.toml").write_text('timezone = "Asia/Tashkent"\n', encoding="utf-8")
    result = karnay("publish", "open-day", "--yes")
    assert result.exit_code == Exit.DELIVERY_FAILED
    assert "there is no account to publish to" in result.stderr


@pytest.mark.parametrize("link", ["", "notalink"])
def test_a_person_who_saw_it_must_say_where(workspace: Path, karnay, link: str) -> None:
    assert karnay("resolve", "1", "--published", link).exit_code == Exit.USAGE


def test_a_preview_names_the_address_behind_words(workspace: Path, karnay) -> None:
    shown = karnay("preview", "open-day", "-a", "telegram").stdout
    assert "→ https://example.uz/en/open-day" in shown


@pytest.fixture
def published_twice(on_sandbox: Path, karnay) -> Callable[[str], None]:
    """Publish a post to Telegram, and once more, with that line in the account's table."""

    def publish(line: str) -> None:
        file = on_sandbox / "karnay.toml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("budget = []", line, 1), encoding="utf-8")
        karnay("queue", "add", "open-day", "-a", "telegram", "--now")
        karnay("run", "--once")
        karnay("queue", "add", "open-day", "-a", "telegram", "--now", "--again")
        karnay("run", "--once")

    return publish


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('budget = ["1 per 10 min"]', "budget: 1 of 1 in 10 min used; goes on at "),
        ('budget = []\nleast_gap = "10 min"', "its least gap; goes on at "),
    ],
)
def test_status_says_what_an_account_waits_for(
    published_twice, karnay, told, line: str, reason: str
) -> None:
    published_twice(line)
    assert told("status")["waiting"]["telegram"].startswith(reason)
    assert f"account telegram waits: {reason}" in karnay("status").output


def test_history_says_what_a_delivery_waited_for(published_twice, told) -> None:
    published_twice('budget = ["1 per 10 min"]')
    _, waits = told("history", "2")["trail"]
    assert waits["action"] == "waits"
    assert waits["detail"].startswith("budget: 1 of 1 in 10 min used; goes on at ")
