"""check and preview."""

from pathlib import Path

import pytest

from karnay.cli.exits import Exit
from sandboxed import ACCOUNTS


def test_a_post_in_order_is_said_to_be(workspace: Path, karnay) -> None:
    result = karnay("check")
    assert (result.exit_code, result.stdout) == (Exit.DONE, "")
    assert "1 post is in order" in result.stderr


def test_every_problem_is_told_at_once_with_its_place(workspace: Path, karnay) -> None:
    post = workspace / "posts" / "open-day.md"
    text = post.read_text(encoding="utf-8")
    post.write_text(text.replace("title:", "tilte:").replace("10:00", "25:00"), encoding="utf-8")
    result = karnay("check")
    assert result.exit_code == Exit.INVALID_POST
    assert "posts/open-day.md:2:1: tilte:" in result.stderr
    assert 'Did you mean "title"?' in result.stderr


def test_a_time_that_is_none_is_found_by_check(workspace: Path, karnay) -> None:
    post = workspace / "posts" / "open-day.md"
    text = post.read_text(encoding="utf-8")
    post.write_text(text.replace("10:00", "25:00"), encoding="utf-8")
    result = karnay("check")
    assert result.exit_code == Exit.INVALID_POST
    assert "posts/open-day.md:4:13: publish_at:" in result.stderr


def test_a_preview_shows_every_accounts_words_and_counts(workspace: Path, karnay) -> None:
    result = karnay("preview", "open-day")
    assert result.exit_code == Exit.DONE
    assert "The institute opens its doors on Saturday." in result.stdout
    assert "/280 " in result.stdout
    assert "/300 " in result.stdout


def test_a_preview_in_json_has_the_documented_keys(workspace: Path, told) -> None:
    shown = told("preview", "open-day", "--requests")
    assert (shown["schema"], shown["post"]) == (1, "open-day")
    variants = {variant["account"]: variant for variant in shown["variants"]}
    assert set(variants) == set(ACCOUNTS)
    documented = {"account", "platform", "language", "template", "hash", "parts", "problems"}
    assert documented | {"requests"} <= set(variants["x"])
    assert {"text", "used", "limit"} <= set(variants["x"]["parts"][0])
    assert {"method", "url", "headers", "body"} == set(variants["x"]["requests"][0])


def test_a_preview_can_be_of_one_account(workspace: Path, told) -> None:
    shown = told("preview", "open-day", "--account", "x")
    assert [variant["account"] for variant in shown["variants"]] == ["x"]


def test_a_preview_shows_no_secret(workspace: Path, karnay) -> None:
    secrets = [file.read_text() for file in (workspace / ".karnay" / "sandbox").iterdir()]
    shown = karnay("preview", "open-day", "--requests", "--json").stdout
    assert not [secret for secret in secrets if secret in shown]


def test_a_preview_touches_no_database(workspace: Path, karnay) -> None:
    karnay("preview", "open-day")
    assert not (workspace / ".karnay" / "karnay.db").exists()


def test_too_long_a_text_is_refused_where_it_stands(workspace: Path, karnay, told) -> None:
    post = workspace / "posts" / "open-day.md"
    override = "platforms:\n  x: {text: '" + "word " * 80 + "', overflow: refuse}\n---\nThe"
    text = post.read_text(encoding="utf-8").replace("---\nThe", override)
    post.write_text(text, encoding="utf-8")
    shown = told("preview", "open-day", "--account", "x")
    [problem] = shown["variants"][0]["problems"]
    assert (problem["file"], problem["line"]) == ("posts/open-day.md", 8)
    assert karnay("preview", "open-day").exit_code == Exit.INVALID_POST


def test_an_unknown_post_is_guessed(workspace: Path, karnay) -> None:
    result = karnay("preview", "open-dya")
    assert result.exit_code == Exit.NOT_THERE
    assert 'Did you mean "open-day"?' in result.stderr


@pytest.mark.parametrize("name", ["open-day", "posts/open-day", "posts/open-day.md"])
def test_a_post_can_be_named_as_people_do(workspace: Path, karnay, name: str) -> None:
    assert karnay("preview", name).exit_code == Exit.DONE


def test_a_preview_tells_what_the_network_bills(workspace: Path, karnay, told) -> None:
    variants = {one["account"]: one for one in told("preview", "open-day")["variants"]}
    cost = variants["x"]["cost"]
    assert variants["mastodon"]["cost"] is None
    assert set(cost) == {"amount", "currency", "why"}
    assert f"$ {cost['amount']} USD: " in karnay("preview", "open-day").stdout
