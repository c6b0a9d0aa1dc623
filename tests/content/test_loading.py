"""Files to a Post: what each language says, and what it takes over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from karnay.content.post import Late

if TYPE_CHECKING:
    from content.post_workspace import Workspace

FULL = """\
title: Yangi bosqich
summary: Memorandum imzolandi.
kind: visit
publish_at: 2024-12-04 10:00
timezone: Asia/Tashkent
languages: [uz, ru]
to: [telegram-uz, "@international"]
link: https://example.uz/news
hashtags: [TDTU, "#Oʻzbek"]
media:
  - {file: signing.jpg, alt: Imzolash, focus: [0.5, 0.35]}
expires_at: 2024-12-10 00:00
late: skip
max_late: 2h30m
draft: true
data: {date: 2024-12-03, guests: Mehmonlar}
platforms:
  telegram: {silent: true, text: "{{ title }}"}"""


@pytest.fixture
def full(workspace: Workspace) -> Workspace:
    workspace.post(FULL)
    workspace.file("a/signing.jpg", b"jpeg")
    workspace.post(
        "title: Новый этап\nsummary: Подписан.\nalt: {signing.jpg: Подписание}\n"
        "data: {guests: Гости}\nplatforms: {telegram: {silent: false}}",
        "Здравствуйте.",
        "a/index.ru.md",
    )
    return workspace


def test_every_key_of_the_first_file_is_read(full: Workspace) -> None:
    post = full.load()
    assert (post.slug, post.kind, post.publish_at, post.expires_at, post.timezone) == (
        "a",
        "visit",
        "2024-12-04 10:00",
        "2024-12-10 00:00",
        "Asia/Tashkent",
    )
    assert (post.late, post.max_late, post.draft) == (Late.SKIP, timedelta(minutes=150), True)
    assert post.to == ("telegram-uz", "@international")
    assert post.first.hashtags == ("TDTU", "Oʻzbek")


def test_the_first_listed_language_is_that_of_index_md(full: Workspace) -> None:
    assert full.load().languages == ("uz", "ru")


def test_a_language_says_what_differs_and_takes_over_the_rest(full: Workspace) -> None:
    russian = full.load().wordings["ru"]
    assert (russian.title, russian.body) == ("Новый этап", "Здравствуйте.")
    assert russian.link == "https://example.uz/news"
    assert russian.hashtags == ("TDTU", "Oʻzbek")
    assert russian.data == {"date": "2024-12-03", "guests": "Гости"}


def test_a_language_overrides_single_options_of_a_platform(full: Workspace) -> None:
    assert full.load().wordings["ru"].platforms == {
        "telegram": {"silent": False, "text": "{{ title }}"}
    }


def test_media_are_found_and_described_in_each_language(full: Workspace) -> None:
    first, russian = full.load().wordings.values()
    assert first.media[0].file == (full.root / "posts/a/signing.jpg").resolve()
    assert (first.media[0].alt, russian.media[0].alt) == ("Imzolash", "Подписание")
    assert first.media[0].focus == (0.5, 0.35)


@pytest.mark.parametrize(
    ("language", "path", "place"),
    [
        ("uz", "title", "posts/a/index.md:2:8"),
        ("uz", "body", "posts/a/index.md:21:1"),
        ("uz", "platforms.telegram.text", "posts/a/index.md:19:34"),
        ("ru", "title", "posts/a/index.ru.md:2:8"),
        ("ru", "platforms.telegram.text", "posts/a/index.md:19:34"),
        ("ru", "platforms.x.text", "posts/a/index.ru.md:1:1"),
    ],
)
def test_a_wording_knows_where_each_key_stands(
    full: Workspace, language: str, path: str, place: str
) -> None:
    assert str(full.load().wordings[language].place(path)) == place


def test_a_post_that_says_nothing_special_has_the_defaults(workspace: Workspace) -> None:
    workspace.post("title: x")
    post = workspace.load()
    assert (post.kind, post.to, post.late, post.max_late) == (
        "default",
        (),
        Late.HOLD,
        timedelta(hours=1),
    )


def test_a_key_left_empty_counts_as_absent(workspace: Workspace) -> None:
    workspace.post("title:\nkind:\nto:\nplatforms:\n  x:\n")
    assert workspace.load().kind == "default"


def test_without_languages_the_files_decide_in_the_order_of_the_workspace(
    workspace: Workspace,
) -> None:
    workspace.post("kind: visit")
    workspace.post("title: e", name="a/index.en.md")
    workspace.post("title: r", name="a/index.ru.md")
    assert workspace.load().languages == ("uz", "ru", "en")


def test_a_single_file_is_a_post_in_one_language(workspace: Workspace) -> None:
    workspace.post("languages: [ru]", name="notice.md")
    post = workspace.load("notice")
    assert (post.slug, post.languages) == ("notice", ("ru",))


def test_a_decorative_picture_needs_no_words_in_any_language(workspace: Workspace) -> None:
    workspace.file("a/line.png", b"png")
    workspace.post('media: [{file: line.png, alt: ""}]')
    workspace.post("title: r", name="a/index.ru.md")
    assert workspace.load().wordings["ru"].media[0].alt == ""


def test_an_empty_body_is_right_where_every_override_has_its_text(workspace: Workspace) -> None:
    workspace.post("platforms: {x: {text: Hi}, telegram: {text: Hello}}", " \n\u2003\n")
    assert workspace.load().first.body == ""


def test_words_of_the_first_language_in_another_are_a_warning(workspace: Workspace) -> None:
    workspace.post(
        "title: Sarlavha\n"
        "data: {date: 2024-12-03, page: https://example.uz, topics: [bir], who: {host: Rektor}}"
    )
    workspace.post("data: {who: {guest: Гость}}", name="a/index.ru.md")
    assert [str(warning) for warning in workspace.load().warnings] == [
        'posts/a/index.ru.md:1:1: title: has no words in "ru": index.md\'s are used',
        'posts/a/index.ru.md:2:7: data.topics: has no words in "ru": index.md\'s are used',
        'posts/a/index.ru.md:2:13: data.who.host: has no words in "ru": index.md\'s are used',
    ]


def test_data_of_a_language_is_laid_over_the_first_ones(workspace: Workspace) -> None:
    workspace.post("data: {who: {host: A, guest: B}, n: 1}")
    workspace.post("data: {who: {host: А}}", name="a/index.ru.md")
    assert workspace.load().wordings["ru"].data == {"who": {"host": "А", "guest": "B"}, "n": 1}
