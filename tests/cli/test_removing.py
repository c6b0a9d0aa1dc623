"""`karnay delete`: what was published is taken down, and never comes back by itself."""

from pathlib import Path

from karnay.cli.exits import Exit
from karnay.sandbox.server import Sandbox

LONG = "platforms:\n  {}: {{overflow: thread}}\n---\n" + "The institute opens its doors. " * 60


def test_what_was_published_is_taken_down(published: str, karnay, sandbox: Sandbox) -> None:
    result = karnay("delete", published, "--yes")
    assert result.exit_code == Exit.DONE, result.output
    assert sandbox.published() == []


def test_all_parts_of_a_thread_are_taken_down(
    on_sandbox: Path, karnay, told, sandbox: Sandbox
) -> None:
    post = on_sandbox / "posts" / "open-day.md"
    head, _, _ = post.read_text().rpartition("---\n")
    post.write_text(head + LONG.format("mastodon"), encoding="utf-8")
    [one] = told("publish", "open-day", "-a", "mastodon", "--yes")["deliveries"]
    assert len(one["links"]) > 2
    [gone] = told("delete", str(one["delivery"]), "--yes")["deliveries"]
    assert [part["link"] for part in gone["taken_down"]] == one["links"]
    assert sandbox.published() == []


def test_what_was_taken_down_stays_published_in_the_books(published: str, told) -> None:
    [one] = told("delete", published, "--yes")["deliveries"]
    assert (one["state"], bool(one["taken_down"][0]["at"])) == ("published", True)


def test_deleting_can_be_repeated(published: str, karnay) -> None:
    karnay("delete", published, "--yes")
    again = karnay("delete", published, "--yes")
    assert (again.exit_code, "taken down already" in again.stderr) == (Exit.DONE, True)


def test_what_somebody_took_down_by_hand_is_fine(published: str, karnay, sandbox: Sandbox) -> None:
    sandbox.world.ledger.take_down(sandbox.published()[0])
    assert karnay("delete", published, "--yes").exit_code == Exit.DONE


def test_nothing_is_published_again_after_a_deletion(
    published: str, karnay, sandbox: Sandbox
) -> None:
    karnay("delete", published, "--yes")
    karnay("run", "--once")
    assert karnay("queue", "retry", published).exit_code == Exit.DELIVERY_FAILED
    assert karnay("publish", "open-day", "-a", "telegram", "-a", "mastodon").exit_code != Exit.DONE
    assert sandbox.published() == []


def test_deleting_asks_first_and_needs_somebody_to_ask(
    published: str, karnay, sandbox: Sandbox
) -> None:
    result = karnay("delete", published)
    assert (result.exit_code, "--yes" in result.stderr) == (Exit.USAGE, True)
    assert len(sandbox.published()) == 1


def test_the_history_tells_who_took_it_down(published: str, karnay) -> None:
    karnay("delete", published, "--yes")
    assert "taken down: it is public no more" in karnay("history", published).stdout


def test_the_list_tells_what_was_taken_down(published: str, karnay) -> None:
    karnay("delete", published, "--yes")
    assert "taken down 20" in karnay("queue", "list", "--all").stdout


def test_what_waits_is_cancelled_and_not_deleted(workspace: Path, karnay, told) -> None:
    [one] = told("queue", "add", "open-day", "-a", "x")["deliveries"]
    result = karnay("delete", str(one["delivery"]), "--yes")
    assert (result.exit_code, "karnay queue cancel" in result.stderr) == (
        Exit.DELIVERY_FAILED,
        True,
    )


def test_a_delivery_that_is_not_there_cannot_be_deleted(workspace: Path, karnay) -> None:
    assert karnay("delete", "99", "--yes").exit_code == Exit.NOT_THERE


def test_a_network_that_is_not_reached_leaves_all_for_the_next_time(
    published: str, karnay, told, workspace: Path, sandbox: Sandbox
) -> None:
    toml = workspace / "karnay.toml"
    toml.write_text(toml.read_text().replace(f"{sandbox.url}/", "http://127.0.0.1:9/"))
    result = karnay("delete", published, "--yes")
    assert result.exit_code == Exit.RETRIED_LATER
    assert f"karnay delete {published}` tries again" in result.stderr
    assert told("queue", "show", published)["taken_down"] == []
