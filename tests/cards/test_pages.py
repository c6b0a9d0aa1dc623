"""What a page says of itself, however it says it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.cards.pages import LONGEST_TITLE, Described, described

HERE = "https://example.uz/news/visit"


def said(html: str, type_: str = "text/html; charset=utf-8") -> Described:
    """What a page of this HTML says."""
    return described(html.encode(), type_, HERE)


def test_open_graph_comes_first() -> None:
    page = """<title>News - Example</title><meta name=description content="All about us">
        <meta name=twitter:title content="A visit!"><meta property=og:title content="A visit">
        <meta property=og:description content="Guests came">
        <meta property=og:image content=/a.png>"""
    assert said(page) == Described("A visit", "Guests came", "https://example.uz/a.png")


def test_twitters_words_come_second() -> None:
    page = """<title>News</title><meta name="twitter:title" content="A visit">
        <meta name="twitter:description" content="Guests">
        <meta name="twitter:image" content="b.png">"""
    assert said(page) == Described("A visit", "Guests", "https://example.uz/news/b.png")


def test_a_page_without_such_words_has_a_title_and_a_description() -> None:
    page = "<title>\n A\t visit </title><meta name=Description content='Guests &amp; friends'>"
    assert said(page) == Described("A visit", "Guests & friends", "")


def test_an_empty_word_is_none() -> None:
    page = '<meta property="og:title" content=" "><title>A visit</title>'
    assert said(page).title == "A visit"


@pytest.mark.parametrize(
    ("image", "whole"),
    [
        ("c.png", "https://example.uz/news/c.png"),
        ("//cdn.example/c.png", "https://cdn.example/c.png"),
        ("http://cdn.example/c.png", "http://cdn.example/c.png"),
        ("http://[", ""),
    ],
)
def test_a_pictures_address_is_made_whole(image: str, whole: str) -> None:
    assert said(f'<meta property="og:image" content="{image}">').image == whole


def test_a_base_is_heeded() -> None:
    page = '<base href="https://cdn.example/x/"><meta property="og:image" content="c.png">'
    assert said(page).image == "https://cdn.example/x/c.png"


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        ("<title>Ўзбекистон".encode(), "text/html"),
        ("<title>Ўзбекистон".encode(), ""),
        ("<title>Ўзбекистон".encode("utf-16"), "text/html"),
        ("<title>Ўзбекистон".encode("utf-8-sig"), "text/html; charset=windows-1251"),
        ("<title>Россия".encode("windows-1251"), "text/html; charset=Windows-1251"),
        ("<meta charset=koi8-r><title>Россия".encode("koi8-r"), "text/html"),
        (
            (
                '<META http-equiv="Content-Type" content="text/html; charset=windows-1251">'
                "<title>Россия"
            ).encode("windows-1251"),
            "text/html",
        ),
        ("<meta charset=utf-16><title>Россия".encode(), "text/html"),
        ("<meta charset=shift_jis><title>日本".encode("shift_jis"), "text/html"),
    ],
)
def test_any_encoding_is_read(content: bytes, type_: str) -> None:
    assert described(content, type_, HERE).title in ("Ўзбекистон", "Россия", "日本")


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "unicode_escape", "utf-7", "nonsense", "hex"]
)
def test_a_strange_encoding_is_taken_for_utf_8(label: str) -> None:
    assert described("<title>\\u0041 ў".encode(), f"text/html; charset={label}", HERE).title == (
        "\\u0041 ў"
    )


def test_latin_1_means_windows_1252_as_in_browsers() -> None:
    content = "<title>“Visit” – 5 €".encode("windows-1252")
    assert described(content, "text/html; charset=iso-8859-1", HERE).title == "“Visit” – 5 €"


def test_comments_and_scripts_say_nothing() -> None:
    page = """<!-- <title>No</title> --><script>'<title>No</title>'</script><title>Yes</title>"""
    assert said(page).title == "Yes"


def test_a_title_is_one_line_without_invisible_characters() -> None:
    assert said("<title>A\x1b[31m\u202e visit\r\n\x07 today").title == "A [31m visit today"


def test_joined_emoji_stay_joined() -> None:
    assert (
        said("<title>👨\u200d👩\u200d👧 می\u200cخواهم").title == "👨\u200d👩\u200d👧 می\u200cخواهم"
    )


def test_a_long_title_is_cut() -> None:
    title = said(f"<title>{'word ' * 200}").title
    assert (len(title) <= LONGEST_TITLE, title.endswith("…")) == (True, True)


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_page_raises(content: bytes, type_: str) -> None:
    found = described(b"<title>" + content, type_, HERE)
    assert len(found.title) <= LONGEST_TITLE


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<b>",
        "<title>",
        "<meta '",
        "<link rel=x",
        "<!--",
        "<script>",
        "<a title='",
        "<svg>",
    ],
)
def test_a_hostile_page_is_read_in_time(piece: str) -> None:
    content = (piece * (1_000_000 // len(piece))).encode()
    began = time.process_time()
    described(content, "text/html", HERE)
    assert time.process_time() - began < 2
