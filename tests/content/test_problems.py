"""What is wrong with a post: every message exactly, all of them at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from content.post_workspace import Workspace

AT = "posts/a/index.md"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("titel: x", f'{AT}:2:1: titel: unknown key "titel". Did you mean "title"?'),
        ("title: 2024", f"{AT}:2:8: title: must be text, not a number: put it in quotes"),
        ("title: [a]", f"{AT}:2:8: title: must be text, not a list"),
        (
            "to: [mastadon]",
            f'{AT}:2:6: to[0]: account "mastadon" is not configured. Did you mean "mastodon"?',
        ),
        (
            'to: ["@internationl"]',
            (
                f'{AT}:2:6: to[0]: group "@internationl" is not configured. '
                'Did you mean "@international"?'
            ),
        ),
        (
            "to: [international]",
            (
                f'{AT}:2:6: to[0]: account "international" is not configured. '
                'Did you mean "@international"?'
            ),
        ),
        ("to: mastodon", f"{AT}:2:5: to: must be a list, as in [one, two]"),
        (
            "languages: [uz, rus]",
            (
                f'{AT}:2:17: languages[1]: "rus" is not a language. '
                'Did you mean "ru"? Known: uz, ru, en'
            ),
        ),
        ("languages: [uz, uz]", f'{AT}:2:17: languages[1]: "uz" is listed twice: keep one'),
        (
            "languages: [uz, ru]",
            f'{AT}:2:17: languages[1]: there is no text in "ru": create posts/a/index.ru.md',
        ),
        (
            "timezone: Asia/Toshkent",
            (
                f'{AT}:2:11: timezone: unknown time zone "Asia/Toshkent". '
                'Did you mean "Asia/Tashkent"?'
            ),
        ),
        (
            "timezone: ../../etc",
            f'{AT}:2:11: timezone: unknown time zone "../../etc". Write it as Asia/Tashkent.',
        ),
        (
            "late: hodl",
            f'{AT}:2:7: late: "hodl" is not one of publish, hold, skip. Did you mean "hold"?',
        ),
        (
            "max_late: 90",
            f'{AT}:2:11: max_late: "90" has no unit: write it as 10 min, 1 hour or 2h30m',
        ),
        (
            "max_late: [1 h]",
            f"{AT}:2:11: max_late: must be a duration: write it as 10 min, 1 hour or 2h30m",
        ),
        ("draft: yes", f"{AT}:2:8: draft: must be true or false"),
        (
            "link: example.uz",
            f'{AT}:2:7: link: "example.uz" must begin with https:// and hold no blanks',
        ),
        (
            "kind: ../x",
            f'{AT}:2:7: kind: "../x" must be a word of small letters, digits, - and _',
        ),
        (
            "hashtags: [open day]",
            f'{AT}:2:12: hashtags[0]: "open day" must be one word, without blanks',
        ),
        (
            "publish_at: 2024",
            f"{AT}:2:13: publish_at: must be text, not a number: put it in quotes",
        ),
        ("data: x", f"{AT}:2:7: data: must be a group of `key: value` lines"),
        ("media: [{alt: x}]", f"{AT}:2:9: media[0]: `file:` is missing here"),
        (
            "media: [a.jpg]",
            (
                f"{AT}:2:9: media[0]: must be a group of `key: value` lines, "
                "as in {file: photo.jpg, alt: What it shows}"
            ),
        ),
        (
            "media: a.jpg",
            f"{AT}:2:8: media: must be a list, as in [{{file: photo.jpg, alt: What it shows}}]",
        ),
        (
            "hashtags:\n  - #TICT",
            (
                f"{AT}:3:4: hashtags[0]: must be text, not nothing: "
                "a text that begins with # needs quotes"
            ),
        ),
        (
            "platforms: {telegrm: {}}",
            f'{AT}:2:13: platforms.telegrm: unknown platform "telegrm". Did you mean "telegram"?',
        ),
        (
            "platforms: {x: {overflow: threads}}",
            (
                f'{AT}:2:27: platforms.x.overflow: "threads" is not one of thread, shorten, '
                'refuse. Did you mean "thread"?'
            ),
        ),
        (
            "platforms: {x: {slient: true}}",
            f'{AT}:2:17: platforms.x.slient: unknown key "slient". Did you mean "silent"?',
        ),
        (
            "platforms: {x: {link_preview: big}}",
            f'{AT}:2:31: platforms.x.link_preview: "big" is not one of large, small.',
        ),
        (
            "platforms: {x: {topic: main}}",
            f"{AT}:2:24: platforms.x.topic: must be a whole number",
        ),
        ("platforms: {x: Hi}", f"{AT}:2:16: platforms.x: must be a group of `key: value` lines"),
        (
            "title: a\ntitle: b",
            f'{AT}:3:1: title: "title" is written twice, first in line 2: keep one',
        ),
    ],
)
def test_a_wrong_key_or_value_says_what_where_and_what_to_do(
    workspace: Workspace, header: str, message: str
) -> None:
    workspace.post(header)
    assert workspace.problems() == [message]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "hashtags: #TICT",
            f"{AT}:2:1: hashtags: is empty: `#` begins a comment in YAML; write [TICT]",
        ),
        (
            "hashtags: #Toshkent #Очиқ",
            f"{AT}:2:1: hashtags: is empty: `#` begins a comment in YAML; write [Toshkent, Очиқ]",
        ),
        (
            "title: #1 of all",
            f"{AT}:2:1: title: is empty: `#` begins a comment in YAML; put the value in quotes",
        ),
        ("link:", f"{AT}:2:1: link: is empty"),
        ("link:  # to come", f"{AT}:2:1: link: is empty"),
        ("platforms: {x: {text: , silent: true}}", f"{AT}:2:17: platforms.x.text: is empty"),
    ],
)
def test_a_key_without_a_value_is_a_warning(
    workspace: Workspace, header: str, message: str
) -> None:
    workspace.post(header)
    assert [(str(problem), problem.warning) for problem in workspace.load().warnings] == [
        (message, True)
    ]


@pytest.mark.parametrize("header", ["link: ~", 'title: ""', "data: {venue: }", "hashtags: []"])
def test_an_empty_value_that_is_meant_is_no_problem(workspace: Workspace, header: str) -> None:
    workspace.post(header)
    assert workspace.load().warnings == ()


@pytest.mark.parametrize("body", ["", " \n\t\n", "\u2003\n\u00a0"])
def test_an_empty_body_is_a_problem(workspace: Workspace, body: str) -> None:
    workspace.post("title: x", body)
    assert [problem.partition(": ")[2] for problem in workspace.problems()] == [
        "body: the body is empty: write the announcement below the header"
    ]


def test_one_override_without_text_does_not_excuse_an_empty_body(workspace: Workspace) -> None:
    workspace.post("platforms: {x: {text: Hi}, telegram: {silent: true}}", "")
    assert len(workspace.problems()) == 1


def test_an_empty_body_in_another_language_is_a_problem_too(workspace: Workspace) -> None:
    workspace.post("kind: visit")
    workspace.post("title: x", "", "a/index.ru.md")
    assert workspace.problems() == [
        "posts/a/index.ru.md:4:1: body: the body is empty: write the announcement below the header"
    ]


def test_all_problems_of_all_files_are_told_at_once(workspace: Workspace) -> None:
    workspace.post("titel: x\nto: [nobody, 5]\nmedia: [{file: no.jpg, focus: [0, 2]}]", "")
    workspace.file("a/index.ru.md", b"no header")
    workspace.post("to: [mastodon]", name="a/index.en.md")
    assert [problem.split(": ")[0] for problem in workspace.problems()] == [
        "posts/a/index.en.md:2:1",
        "posts/a/index.md:2:1",
        "posts/a/index.md:3:6",
        "posts/a/index.md:3:14",
        "posts/a/index.md:4:9",
        "posts/a/index.md:4:16",
        "posts/a/index.md:4:35",
        "posts/a/index.md:6:1",
        "posts/a/index.ru.md:1:1",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("to: [mastodon]", ":2:1: to: belongs in index.md, once for all languages"),
        ("titel: x", ':2:1: titel: unknown key "titel". Did you mean "title"?'),
        ("alt: {b.jpg: x}", ':2:14: alt.b.jpg: "b.jpg" is not in the media of index.md.'),
    ],
)
def test_a_translation_holds_only_what_is_language(
    workspace: Workspace, header: str, message: str
) -> None:
    workspace.post("kind: visit")
    workspace.post(header, name="a/index.ru.md")
    assert workspace.problems() == ["posts/a/index.ru.md" + message]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", '"en" is not in `languages:` of index.md: add it there, or delete this file'),
        ("uz", '"uz" is the language of index.md: keep one of the two files'),
        (
            "rus",
            '"rus" is not a language. Did you mean "ru"? Known: uz, ru, en',
        ),
    ],
)
def test_a_file_for_an_unlisted_language_is_a_problem(
    workspace: Workspace, language: str, message: str
) -> None:
    workspace.post("languages: [uz]")
    workspace.post("link: https://example.uz", name=f"a/index.{language}.md")
    assert workspace.problems() == [f"posts/a/index.{language}.md: {message}"]


def test_a_single_file_in_several_languages_must_become_a_folder(workspace: Workspace) -> None:
    workspace.post("languages: [uz, ru]", name="notice.md")
    assert workspace.problems("notice") == [
        (
            'posts/notice.md:2:17: languages[1]: there is no text in "ru": '
            "move this file to posts/notice/index.md and create posts/notice/index.ru.md"
        )
    ]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("singing.jpg", '"singing.jpg" does not exist. Did you mean "signing.jpg"?'),
        ("../../../x.jpg", '"../../../x.jpg" is outside the workspace: copy it beside the post'),
        ("/etc/hostname", '"/etc/hostname" is outside the workspace: copy it beside the post'),
        ("outside.jpg", '"outside.jpg" is outside the workspace: copy it beside the post'),
        ("round.jpg", '"round.jpg" cannot be read: '),
        ("void.jpg", '"void.jpg" is empty'),
        (".", '"." is not a file'),
        ("x" * 300, f'"{"x" * 300}" cannot be read: File name too long'),
    ],
)
def test_a_picture_must_be_a_file_inside_the_workspace(
    workspace: Workspace, file: str, message: str
) -> None:
    workspace.file("a/signing.jpg", b"jpeg")
    workspace.file("a/void.jpg", b"")
    (workspace.root / "posts/a/outside.jpg").symlink_to("/etc/hostname")
    (workspace.root / "posts/a/round.jpg").symlink_to("round.jpg")
    workspace.post(f'media: [{{file: "{file}", alt: x}}]')
    assert len(workspace.problems()) == 1
    assert workspace.problems()[0].startswith(f"{AT}:2:16: media[0].file: {message}")


def test_a_picture_without_words_is_a_problem(workspace: Workspace) -> None:
    workspace.file("a/b.jpg", b"jpeg")
    workspace.post("media: [{file: b.jpg}]")
    assert workspace.problems() == [
        (
            f'{AT}:2:9: media[0]: "b.jpg" has no `alt`: '
            'describe what it shows, or write `alt: ""` if it is mere decoration'
        )
    ]


def test_a_picture_must_be_described_in_every_language(workspace: Workspace) -> None:
    workspace.file("a/b.jpg", b"jpeg")
    workspace.post("media: [{file: b.jpg, alt: Rasm}]")
    workspace.post("link: https://example.uz", name="a/index.ru.md")
    assert workspace.problems() == [
        'posts/a/index.ru.md:1:1: alt: "b.jpg" is not described in ru: add `alt: {b.jpg: ...}`'
    ]


def test_a_folder_without_its_first_file_says_so(workspace: Workspace) -> None:
    workspace.post("title: x", name="a/index.ru.md")
    assert workspace.problems() == [
        (
            "posts/a/index.md: does not exist: "
            "it holds the first language, and all that is not language"
        )
    ]


def test_a_post_is_a_file_or_a_folder_not_both(workspace: Workspace) -> None:
    workspace.post("title: x")
    workspace.post("title: x", name="a.md")
    assert workspace.problems("a.md") == [
        'posts/a.md: there is a folder "a", too: keep one of the two'
    ]


@pytest.mark.parametrize("slug", ["open day", "-x", "a" * 101, "a@b", "caf\udce9"])
def test_a_name_that_cannot_be_typed_or_stored_is_refused(workspace: Workspace, slug: str) -> None:
    workspace.file(f"{slug}.md", b"---\n---\nx")
    assert workspace.problems(slug)[0].endswith(
        "a post's name is up to 100 letters, digits, - and _, without blanks: rename it"
    )


def test_a_file_that_cannot_be_read_is_a_problem(workspace: Workspace) -> None:
    post = workspace.post("title: x")
    post.unlink()
    os.mkfifo(post)  # reading it would wait for ever, root or not
    assert workspace.problems() == [f"{AT}: cannot be read: it is not a file"]


def test_a_post_may_speak_languages_that_no_account_does(workspace: Workspace) -> None:
    workspace.post("languages: [uz, kk, zh-Hans]")
    for language in ("kk", "zh-Hans"):
        workspace.post("title: x", name=f"a/index.{language}.md")
    assert workspace.load().languages == ("uz", "kk", "zh-Hans")
