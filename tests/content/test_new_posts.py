"""The name and the first text of a new post."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karnay.content import header
from karnay.content.new import quoted, skeleton, slug
from karnay.content.source import Source

if TYPE_CHECKING:
    from content.post_workspace import Workspace

DAY = date(2024, 12, 3)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Shandong Jianshu!", "shandong-jianshu"),
        ("Oʻzbekistonning gʻalabasi", "ozbekistonning-galabasi"),
        ("O'zbekiston g`alaba", "ozbekiston-galaba"),
        ("Ўзбекистон: жаҳон ҳамкорлиги", "ozbekiston-jahon-hamkorligi"),
        ("Хорошие новости: съезд ещё ждёт", "khoroshie-novosti-sezd-eshchyo-zhdyot"),
        ("Zażółć gęślą jaźń", "zazolc-gesla-jazn"),
        ("cafe\u0301", "cafe"),
        ("مرحبا", "post"),
        ("👩‍👩‍👧‍👦", "post"),
        ("", "post"),
    ],
)
def test_a_name_is_the_day_and_the_title_in_plain_letters(title: str, words: str) -> None:
    assert slug(title, DAY) == f"2024-12-03-{words}"


def test_a_long_title_is_cut_between_words() -> None:
    assert slug("announcement " * 10, DAY) == "2024-12-03" + "-announcement" * 5


@given(st.text(max_size=200))
def test_every_name_is_short_plain_and_dated(title: str) -> None:
    name = slug(title, DAY)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}(-[a-z0-9]+)+", name)
    assert len(name) <= 80


@pytest.mark.parametrize(
    "title",
    [
        "Open day",
        "A: b",
        "#1",
        "true",
        "2024",
        "'a",
        'say "hi"',
        "- x",
        "@all",
        "\u2028x",
        " a ",
        "\\",
    ],
)
def test_a_quoted_title_reads_back_as_it_was(title: str) -> None:
    assert header.parse(Source("", f"title: {quoted(title)}")).values == {"title": title}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_any_printable_title_reads_back(title: str) -> None:
    assert header.parse(Source("", f"title: {quoted(title)}")).values == {"title": title}


def test_a_skeleton_lacks_nothing_but_its_body(workspace: Workspace) -> None:
    workspace.file(
        "a/index.md", skeleton("Open day: 5 May", kind="event", timezone="Asia/Tashkent")
    )
    assert [problem.split(": ")[1] for problem in workspace.problems()] == ["body"]


def test_every_hint_of_a_skeleton_is_right_when_it_is_uncommented(workspace: Workspace) -> None:
    text = re.sub(r"^# ", "", skeleton("Open day", timezone="Asia/Tashkent"), flags=re.MULTILINE)
    workspace.file("a/index.md", text + "Come!")
    post = workspace.load()
    assert (post.warnings, post.publish_at, post.first.hashtags, post.first.link) == (
        (),
        "2030-01-15 10:00",
        ("OneWord", "Another"),
        "https://example.org",
    )


def test_a_skeleton_hints_at_what_it_does_not_set() -> None:
    hints = re.findall(r"^# (\w+)", skeleton("x", kind="event"), re.MULTILINE)
    assert hints == ["publish_at", "to", "languages", "link", "hashtags"]


def test_a_skeleton_with_a_body_is_a_post(workspace: Workspace) -> None:
    text = skeleton("Open day", kind="event", publish_at="2024-12-04 10:00")
    workspace.file("a/index.md", text + "Come!")
    post = workspace.load()
    assert (post.kind, post.publish_at, post.first.title) == (
        "event",
        "2024-12-04 10:00",
        "Open day",
    )
