"""From a post to a variant: language, words, fitting, and all that can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from karnay.content.post import Media, Post
from karnay.errors import Place
from karnay.media.asset import Asset, Prepared
from karnay.media.asset import Kind as File
from karnay.media.host import Folder, MediaHost
from karnay.media.limits import MEGABYTE, ImageLimits, MediaLimits
from karnay.rendering.render import render
from karnay.rendering.templates import Templates
from karnay.rendering.variant import Card, Rendering, variant_from_json
from karnay.text.richtext import Kind
from rendering.builders import (
    NETWORKS,
    a_post,
    a_wording,
    an_account,
    messages,
    rendered,
    room_for,
    save,
    texts,
)

LONG = "One sentence. " * 20


def says(text: str, language: str = "en", **override: Any) -> Any:
    """A wording whose text for X is given."""
    place = {"platforms.x.text": Place("posts/launch/index.md", 5, 12)}
    return a_wording(language, platforms={"x": {"text": text, **override}}, places=place)


def two_languages() -> Post:
    return a_post(a_wording("en", body="English"), a_wording("ru", body="По-русски"))


# language


def test_an_account_gets_its_own_language() -> None:
    rendering = rendered(post=two_languages(), account=an_account(language="ru"))
    assert (texts(rendering), rendering.problems) == (["По-русски"], ())


def test_a_fallback_is_used_with_a_warning() -> None:
    account = an_account(language="uz", fallbacks=("kk", "ru", "en"))
    rendering = rendered(post=two_languages(), account=account)
    [warning] = rendering.problems
    assert texts(rendering) == ["По-русски"]
    assert rendering.variant.language == "ru"
    assert rendering.sendable
    assert warning.message == 'x-uz gets the "ru" text: there is no posts/launch/index.uz.md'


def test_a_language_that_is_nowhere_is_a_problem_that_names_the_file_to_write() -> None:
    rendering = rendered(post=two_languages(), account=an_account(language="uz"))
    assert not rendering.sendable
    assert rendering.variant.parts == ()
    assert messages(rendering) == [
        'x-uz publishes in "uz", and the post is not written in it: write posts/launch/index.uz.md'
    ]


def test_a_post_of_one_file_is_told_the_folder_it_would_become() -> None:
    wording = a_wording(body="Text", places={"": Place("posts/launch.md", 1, 1)})
    [message] = messages(rendered(wording, account=an_account(language="uz")))
    assert message.endswith("write posts/launch/index.uz.md")


def test_a_similar_language_is_another_language() -> None:
    assert not rendered(account=an_account(language="en-GB")).sendable


# words


def test_the_posts_own_text_wins_over_every_template(tmp_path: Path) -> None:
    save(tmp_path, "x/default.md.j2", "template")
    rendering = rendered(says("own **text**"), templates=Templates(tmp_path))
    assert texts(rendering) == ["own text"]
    assert rendering.variant.template == "posts/launch/index.md: platforms.x.text"


def test_the_posts_own_text_is_a_template_too() -> None:
    wording = says('{% extends "base.j2" %}')
    [problem] = rendered(wording).problems
    assert (
        str(problem)
        == 'posts/launch/index.md:5:12: platforms.x.text: there is no template "base.j2".'
    )


def test_a_text_for_another_platform_changes_nothing() -> None:
    rendering = rendered(says("own"), account=an_account("mastodon"))
    assert "own" not in texts(rendering)


@pytest.mark.parametrize(
    "text", ["", " \n ", "{{ body }}", "---\n\n---", "{% if false %}x{% endif %}"]
)
def test_a_text_that_comes_to_nothing_is_a_problem(text: str) -> None:
    [problem] = rendered(says(text)).problems
    assert problem.message.startswith("there is nothing to publish")
    assert problem.place == Place("posts/launch/index.md", 5, 12)


def test_an_empty_post_is_a_problem_at_its_body() -> None:
    [problem] = rendered(a_wording()).problems
    assert (problem.path, problem.place.line) == ("body", 9)


def test_templates_see_the_account_without_its_secrets() -> None:
    text = "{{ account.name }} {{ account.platform }} {{ account.language }} {{ account.details }}"
    assert messages(rendered(says(text))) == ["`account.details` is not set in karnay.toml."]


def test_templates_see_media_with_their_descriptions() -> None:
    media = (Media(Path("/w/posts/launch/a.jpg"), "A bridge"),)
    post = a_post(
        a_wording(media=media, platforms={"x": {"text": "{{ media[0].file }}: {{ media[0].alt }}"}})
    )
    assert texts(rendered(post=post)) == ["a.jpg: A bridge"]


# fitting


def test_what_fits_is_left_alone() -> None:
    rendering = rendered(says("{{ title | flex }}"), limits=room_for(10))
    assert rendering.notes == ()


def test_too_long_a_text_is_shortened_where_it_may_be(tmp_path: Path) -> None:
    save(tmp_path, "x/default.md.j2", "{{ body | flex }}\n\nhttps://a.example #Tag")
    rendering = rendered(a_wording(body=LONG), limits=room_for(100), templates=Templates(tmp_path))
    [text] = texts(rendering)
    assert rendering.sendable
    assert len(text) <= 100
    assert text.startswith("One sentence. One sentence.")
    assert text.endswith("\n\nhttps://a.example #Tag")
    assert rendering.notes[0].startswith("shortened: ")


def test_what_is_fixed_and_too_long_is_a_problem() -> None:
    [problem] = rendered(says("x" * 50), limits=room_for(40)).problems
    assert problem.message.startswith("x-en: the text is 10 characters over the limit (50 of 40); ")
    assert (problem.path, problem.place.line) == ("platforms.x.text", 5)


def test_a_text_is_refused_with_what_is_over_and_the_remedy() -> None:
    wording = a_wording(body="x" * 1_234, platforms={"x": {"overflow": "refuse"}})
    [problem] = rendered(wording, limits=room_for(280)).problems
    assert problem.message == (
        "x-en: the text is 954 characters over the limit (1,234 of 280); "
        "write less, or `overflow: shorten` or `overflow: thread`"
    )
    assert str(problem).startswith("posts/launch/index.md:9:1: body: ")


def test_the_excess_is_told_in_the_networks_own_unit() -> None:
    account = an_account("bluesky", overflow="refuse")
    wording = a_wording(body="👨‍👩‍👧‍👦" * 301)
    [message] = messages(rendered(wording, limits=NETWORKS["bluesky"], account=account))
    assert "1 graphemes over the limit (301 of 300)" in message


def test_a_long_text_becomes_a_thread_where_that_is_wanted() -> None:
    rendering = rendered(
        a_wording(body=LONG, platforms={"x": {"overflow": "thread"}}), limits=room_for(100)
    )
    assert rendering.sendable
    assert all(len(text) <= 100 for text in texts(rendering))
    assert " ".join(texts(rendering)) == LONG.strip()
    assert rendering.notes == (f"split into {len(texts(rendering))} parts",)


def test_the_parts_of_a_thread_are_numbered_on_request() -> None:
    override = {"overflow": "thread", "numbered": True}
    rendering = rendered(a_wording(body=LONG, platforms={"x": override}), limits=room_for(150))
    assert texts(rendering)[0].endswith(f"1/{len(texts(rendering))}")


@pytest.mark.parametrize(
    ("override", "account", "expected"),
    [
        ({"overflow": "refuse"}, "thread", 1),
        ({}, "thread", 3),
        ({}, "", 1),
        ({"overflow": "thread"}, "refuse", 3),
    ],
)
def test_the_posts_word_on_overflow_counts_before_the_accounts(
    override: dict[str, str], account: str, expected: int
) -> None:
    rendering = rendered(
        a_wording(body="Ten chars. " * 5, platforms={"x": override}),
        account=an_account(overflow=account),
        limits=room_for(22),
    )
    assert len(rendering.variant.parts) == expected


def test_an_unknown_word_on_overflow_is_told() -> None:
    [message] = messages(rendered(account=an_account(overflow="threads")))
    assert message.endswith('Did you mean "thread"?')


@pytest.mark.parametrize("overflow", ["shorten", "thread", "refuse"])
def test_a_line_of_dashes_begins_a_part_whatever_the_overflow(overflow: str) -> None:
    rendering = rendered(says("one\n\n---\n\ntwo", overflow=overflow))
    assert texts(rendering) == ["one", "two"]


def test_each_part_is_made_to_fit_by_itself() -> None:
    text = "{{ 'first part is long' | flex }}\n\n---\n\nsecond"
    rendering = rendered(says(text), limits=room_for(12))
    assert len(texts(rendering)[0]) <= 12
    assert texts(rendering)[1] == "second"


def test_a_long_part_of_several_is_split_within_the_threads_length() -> None:
    text = "one two three\n\n---\n\nfour"
    rendering = rendered(says(text, overflow="thread"), limits=room_for(9, parts=3))
    assert texts(rendering) == ["one two", "three", "four"]


def test_more_parts_than_the_network_takes_are_a_problem() -> None:
    [message] = messages(rendered(says("a\n\n---\n\nb"), limits=room_for(99, parts=1)))
    assert message == (
        "x-en: the text has 2 parts (`---` begins one), and the network takes a single part"
    )


def test_a_thread_that_would_be_too_long_is_a_problem() -> None:
    wording = a_wording(body=LONG, platforms={"x": {"overflow": "thread"}})
    [message] = messages(rendered(wording, limits=room_for(30, parts=3)))
    assert "it does not go into 3 parts" in message


def test_a_thread_where_there_are_none_is_a_problem() -> None:
    wording = a_wording(body=LONG, platforms={"x": {"overflow": "thread"}})
    [message] = messages(rendered(wording, limits=room_for(30, parts=1)))
    assert "there are no threads here" in message


def test_the_working_marks_are_gone_from_what_is_sent() -> None:
    [part] = rendered(says("{{ 'a' | flex }}\n\n- item")).variant.parts
    assert not {span.kind for span in part.text.spans} & {Kind.FLEX, Kind.ITEM}


# what goes along


def test_the_platforms_own_options_go_along() -> None:
    override = {"silent": True, "overflow": "thread", "numbered": True}
    rendering = rendered(a_wording(body="Text", platforms={"x": override}))
    assert rendering.variant.options == {"silent": True}


ASSET = Asset(File.IMAGE, "a.jpg", "0f" * 32, "image/jpeg", 1000, 40, 30, alt="A bridge")
PHOTOGRAPHS = MediaLimits(most=4, images=ImageLimits(("image/jpeg",), 5 * MEGABYTE))


@dataclass(frozen=True)
class Darkroom:
    """Makes everything the same."""

    prepared: Prepared

    def ready(self, *_: object, **__: object) -> Prepared:
        return self.prepared


def with_a_picture(prepared: Prepared, limits: MediaLimits = PHOTOGRAPHS, **more: Any) -> Rendering:
    media = (Media(Path("a.jpg"), "A bridge", place=Place("index.md", 7, 3)),)
    wording = a_wording(media=media, platforms={"x": {"text": "a\n\n---\n\nb"}})
    room = replace(room_for(99), media=limits)
    return rendered(wording, limits=room, darkroom=Darkroom(prepared), **more)


def test_media_go_with_the_first_part() -> None:
    rendering = with_a_picture(Prepared(ASSET))
    assert [part.media for part in rendering.variant.parts] == [(ASSET,), ()]


def test_what_was_done_to_a_file_is_noted() -> None:
    assert with_a_picture(Prepared(ASSET, ("turned upright",))).notes == ("a.jpg: turned upright",)


def test_a_file_that_cannot_be_sent_is_a_problem_at_its_place() -> None:
    rendering = with_a_picture(Prepared(None, problems=("it is cut off",)))
    [problem] = rendering.problems
    assert str(problem) == "index.md:7:3: media: x-en: a.jpg: it is cut off"
    assert not rendering.sendable


FETCHING = replace(PHOTOGRAPHS, fetched=frozenset({File.IMAGE}))


def test_a_file_that_the_network_cannot_fetch_is_a_problem_at_its_place() -> None:
    [problem] = with_a_picture(Prepared(ASSET), FETCHING).problems
    assert str(problem).startswith("index.md:7:3: media: x-en: a.jpg: x fetches such a file")
    assert "[media_host]" in problem.message


def test_a_file_that_the_network_takes_as_it_is_needs_no_address() -> None:
    films_only = replace(PHOTOGRAPHS, fetched=frozenset({File.VIDEO}))
    assert with_a_picture(Prepared(ASSET), films_only).sendable


def test_a_file_with_a_public_address_can_be_fetched() -> None:
    folder = Folder(path=Path("public"), url="https://news.example.uz")
    hosted = an_account(media_host=MediaHost(folder, b"key"))
    assert with_a_picture(Prepared(ASSET), FETCHING, account=hosted).sendable


def test_a_card_is_made_of_link_title_and_summary() -> None:
    wording = a_wording(title="T", summary="S", body="B", link="https://a.example")
    [part] = rendered(wording, limits=room_for(99, card=True)).variant.parts
    assert part.card == Card("https://a.example", "T", "S")


@pytest.mark.parametrize(("link", "card"), [("", True), ("https://a.example", False)])
def test_there_is_no_card_without_a_link_or_where_there_are_none(link: str, card: bool) -> None:
    [part] = rendered(a_wording(body="B", link=link), limits=room_for(99, card=card)).variant.parts
    assert part.card is None


# promises


def test_the_same_input_gives_the_same_variant() -> None:
    post = a_post(a_wording(title="T", body=LONG, hashtags=("A",), link="https://a.example"))
    first, second = (
        render(post, an_account(), NETWORKS["x"], templates=Templates()).variant for _ in "ab"
    )
    assert (first, first.hash) == (second, second.hash)


def test_a_variant_survives_json() -> None:
    wording = a_wording(title="T", body="**b** [l](https://a.example)", link="https://a.example")
    variant = rendered(wording, limits=NETWORKS["bluesky"]).variant
    assert variant_from_json(variant.as_json()) == variant


def test_the_same_words_from_another_template_have_the_same_hash(tmp_path: Path) -> None:
    save(tmp_path, "x/default.md.j2", "{{ body }}")
    own = rendered(a_wording(body="Same"), templates=Templates(tmp_path)).variant
    packaged = rendered(a_wording(body="Same")).variant
    assert own.template != packaged.template
    assert own.hash == packaged.hash


def test_a_kind_without_a_template_is_doubted_and_guessed() -> None:
    post = a_post(a_wording(body="Text"), kind="vist")
    [doubt] = rendered(post=post).problems
    assert doubt.warning
    assert 'Did you mean "visit"?' in doubt.message
