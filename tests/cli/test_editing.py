"""`karnay edit`: what is public says what its post says today, in its place."""

from pathlib import Path

from karnay.cli.exits import Exit
from karnay.sandbox.server import Sandbox


def rewrite(workspace: Path, before: str, after: str) -> None:
    post = workspace / "posts" / "open-day.md"
    post.write_text(post.read_text().replace(before, after), encoding="utf-8")


def test_what_is_public_says_what_the_post_says_today(
    published: str, workspace: Path, karnay, sandbox: Sandbox
) -> None:
    [before] = sandbox.published()
    rewrite(workspace, "Open day", "Open week")
    result = karnay("edit", published, "--yes")
    assert result.exit_code == Exit.DONE, result.output
    [now] = sandbox.published()
    assert (now.id, "Open week" in now.text) == (before.id, True)


def test_it_shows_what_goes_and_what_comes(published: str, workspace: Path, karnay) -> None:
    rewrite(workspace, "Open day", "Open week")
    said = karnay("edit", published, "--yes").stderr.splitlines()
    assert any(line.startswith("  - ") and "Open day" in line for line in said)
    assert any(line.startswith("  + ") and "Open week" in line for line in said)


def test_editing_asks_first_and_needs_somebody_to_ask(
    published: str, workspace: Path, karnay, sandbox: Sandbox
) -> None:
    rewrite(workspace, "Open day", "Open week")
    result = karnay("edit", published)
    assert (result.exit_code, "--yes" in result.stderr) == (Exit.USAGE, True)
    assert "Open day" in sandbox.published()[0].text


def test_a_post_that_was_not_changed_needs_no_answer(published: str, karnay) -> None:
    result = karnay("edit", published)
    assert (result.exit_code, "says so already" in result.stderr) == (Exit.DONE, True)


def test_what_it_says_since_is_shown_and_told(
    published: str, workspace: Path, karnay, told
) -> None:
    rewrite(workspace, "Open day", "Open week")
    changes = told("edit", published, "--yes")["changes"]
    assert [(one["part"], one["error"], "Open week" in one["after"]) for one in changes] == [
        (1, "", True)
    ]
    assert "Open week" in told("queue", "show", published)["variant"]["parts"][0]["text"]
    assert "edited: it says what its post says today" in karnay("history", published).stdout


def test_a_post_that_is_wrong_today_is_not_edited_in(
    published: str, workspace: Path, karnay, sandbox: Sandbox
) -> None:
    rewrite(workspace, "summary:", "sumary:")
    assert karnay("edit", published, "--yes").exit_code == Exit.INVALID_POST
    assert "Open day" in sandbox.published()[0].text


def test_a_network_that_lets_nothing_be_edited_says_so(
    on_sandbox: Path, workspace: Path, karnay, told
) -> None:
    [one] = told("publish", "open-day", "-a", "x", "--yes")["deliveries"]
    rewrite(workspace, "Come and see", "Come and visit")
    result = karnay("edit", str(one["delivery"]), "--yes")
    assert result.exit_code == Exit.DELIVERY_FAILED
    assert "X lets nothing be edited" in result.stderr


def test_an_edited_delivery_can_be_taken_down(
    published: str, workspace: Path, karnay, sandbox: Sandbox
) -> None:
    rewrite(workspace, "Open day", "Open week")
    karnay("edit", published, "--yes")
    assert karnay("delete", published, "--yes").exit_code == Exit.DONE
    assert sandbox.published() == []
