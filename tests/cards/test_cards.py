"""Cards of pages as strangers serve them: poorer where they must be, never an exception."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from karnay.cards.cards import LIFETIME, RETRY, Cards, PageCard
from karnay.cards.fetching import Fetcher
from karnay.cards.reach import Reach
from karnay.media.darkroom import Darkroom
from karnay.media.limits import ImageLimits, MediaLimits
from karnay.testing.clock import FixedClock
from media_files import encoded, photograph, picture
from strangers import OUTSIDE, Site, served

PAGE = b"""<meta property="og:title" content="A visit"><meta property="og:image" content="/a.jpg">
    <meta property="og:description" content="Guests came">"""


def silent(_: BaseHTTPRequestHandler) -> None:
    """No answer for longer than anybody waits."""
    time.sleep(3)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """An answer of one letter at a time, without end."""
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1000:
        handler.wfile.write(bytes([letter]))
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A gigabyte, and it begins like a page."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>A visit</title>")
    for _ in range(1024):
        handler.wfile.write(b"x" * (1 << 20))


def test_a_page_has_a_card_with_its_picture(cards: Cards, site: Site) -> None:
    site.pages |= {"/": served(PAGE), "/a.jpg": served(photograph(), "image/jpeg")}
    card = cards.card(site.url())
    assert (card.title, card.description, card.problem) == ("A visit", "Guests came", "")
    assert cards.cabinet.path(card.image).read_bytes() == photograph()


def test_the_picture_of_a_card_is_made_ready_like_any_other(cards: Cards, site: Site) -> None:
    site.pages |= {"/": served(PAGE), "/a.jpg": served(photograph(), "text/plain")}
    file = cards.cabinet.path(cards.card(site.url()).image)
    small = MediaLimits(images=ImageLimits(("image/jpeg",), 1_000_000, max_side=30))
    made = Darkroom(cards.cabinet).ready(file, small)
    assert made.asset is not None
    assert made.asset.width == 30


def test_redirects_are_followed(cards: Cards, site: Site) -> None:
    site.pages["/"] = served(b"", status=301, Location="/b/")
    site.pages["/b/"] = served(b"", status=302, Location=site.url("/c/d"))
    site.pages["/c/d"] = served(b'<title>Here<meta property="og:image" content="e.png">')
    site.pages["/c/e.png"] = served(encoded(picture(), "PNG"))
    assert cards.card(site.url()).problem == ""


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://127.0.0.1/admin", "leads into a private network"),
        ("http://localhost/", "leads into a private network"),
        ("http://[::1]/", "leads into a private network"),
        ("http://[::ffff:127.0.0.1]/", "leads into a private network"),
        ("http://169.254.169.254/latest/meta-data/", "leads into a private network"),
        ("file:///etc/passwd", "is no web address"),
        ("gopher://127.0.0.1/", "is no web address"),
        ("http://user:secret@127.0.0.2/", "holds a user's name"),
        ("http://127.0.0.2:22/", "is on port 22"),
        ("/", "points from address to address without end"),
    ],
)
def test_a_redirect_leads_nowhere_else(location: str, says: str, cards: Cards, site: Site) -> None:
    ours = replace(site.reach, ports=site.reach.ports | {80})
    site.pages["/"] = served(b"", status=302, Location=location)
    card = replace(cards, fetcher=Fetcher(ours)).card(site.url())
    assert says in card.problem
    assert card == PageCard(site.url(), problem=card.problem)


def test_a_name_that_leads_into_the_house_is_not_followed(cards: Cards, site: Site) -> None:
    inside = replace(site.reach, lookup=lambda *_: ["127.0.0.1", "192.168.0.1"])
    card = replace(cards, fetcher=Fetcher(inside)).card(site.url(host="intranet.example"))
    assert "leads into a private network" in card.problem
    assert site.asked == []


def test_a_name_that_changes_its_mind_leads_nowhere_else(cards: Cards, site: Site) -> None:
    answers = iter([[OUTSIDE], ["127.0.0.1"]])
    reach = replace(site.reach, lookup=lambda *_: next(answers))
    site.pages["/"] = served(b"<title>A visit")
    card = replace(cards, fetcher=Fetcher(reach)).card(site.url(host="rebinding.example"))
    assert (card.title, next(answers)) == ("A visit", ["127.0.0.1"])


def test_a_host_in_cyrillic_letters_is_looked_up_as_name_servers_know_it(
    cards: Cards, site: Site
) -> None:
    hosts: list[str] = []
    reach = replace(site.reach, lookup=lambda host, _: hosts.append(host) or [OUTSIDE])
    site.pages["/%D1%8F"] = served(b"<title>A visit")
    card = replace(cards, fetcher=Fetcher(reach)).card(site.url("/я", host="пример.example"))
    assert (card.title, hosts) == ("A visit", ["xn--e1afmkfd.example"])


@pytest.mark.parametrize("serve", [silent, dripping])
def test_a_page_that_takes_too_long_is_not_waited_for(
    serve: object, cards: Cards, site: Site
) -> None:
    site.pages["/"] = serve  # type: ignore[assignment]
    began = time.monotonic()
    card = replace(cards, seconds=0.3).card(site.url())
    assert "does not answer" in card.problem
    assert time.monotonic() - began < 2


def test_of_a_gigabyte_the_beginning_is_read(cards: Cards, site: Site) -> None:
    site.pages["/"] = endless
    assert cards.card(site.url()) == PageCard(site.url(), "A visit")


def test_a_page_that_unpacks_into_gigabytes_is_read_at_its_beginning(
    cards: Cards, site: Site
) -> None:
    bomb = gzip.compress(b"<title>A visit</title>" + bytes(100_000_000), 1)
    site.pages["/"] = served(bomb, Content_Encoding="gzip")
    assert cards.card(site.url()).title == "A visit"


def test_a_packing_that_nobody_asked_for_is_a_problem(cards: Cards, site: Site) -> None:
    site.pages["/"] = served(PAGE, Content_Encoding="br")
    assert 'answers packed as "br", unasked' in cards.card(site.url()).problem


@pytest.mark.parametrize(
    ("content", "type_", "status", "says"),
    [
        (b"%PDF-1.7", "application/pdf", 200, "is no page, but application/pdf"),
        (b"Not here", "text/html", 404, "answers 404"),
        (b"", "text/html", 503, "answers 503"),
    ],
)
def test_what_is_no_page_is_said(
    content: bytes, type_: str, status: int, says: str, cards: Cards, site: Site
) -> None:
    site.pages["/"] = served(content, type_, status)
    assert cards.card(site.url()) == PageCard(site.url(), problem=f"{site.url()} {says}")


def test_bad_html_is_read_as_far_as_it_goes(cards: Cards, site: Site) -> None:
    site.pages["/"] = served(b"</p><<title>A <b>visit</title><meta property=og:image content=")
    assert cards.card(site.url()) == PageCard(site.url(), "A <b>visit")


def test_an_answer_that_is_no_http_is_said(cards: Cards, site: Site) -> None:
    site.pages["/"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n") and None
    assert "answers nonsense" in cards.card(site.url()).problem


def test_a_host_that_refuses_is_said(cards: Cards) -> None:
    closed = Reach(permits=lambda _: True, ports=frozenset({1}))
    card = replace(cards, fetcher=Fetcher(closed)).card(f"http://{OUTSIDE}:1/")
    assert card.problem == f"http://{OUTSIDE}:1/ cannot be reached"


@pytest.mark.parametrize(
    "address", ["", "news", "mailto:a@b.c", "http://", "https://a\x1b/", "h\x1bttp:"]
)
def test_what_is_no_web_address_is_said(address: str, cards: Cards) -> None:
    assert cards.card(address).problem.endswith("is no web address")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html>no picture</html>", "is no picture that karnay knows"),
        (b"", "is no picture that karnay knows"),
        (photograph() + bytes(5_000_000), "has more than 5 MB"),
    ],
)
def test_a_bad_picture_leaves_the_card_its_words(
    content: bytes, says: str, cards: Cards, site: Site
) -> None:
    site.pages |= {"/": served(PAGE), "/a.jpg": served(content, "image/jpeg")}
    card = cards.card(site.url())
    assert (card.title, card.image) == ("A visit", "")
    assert card.problem == f"the picture {site.url('/a.jpg')} of {site.url()} {says}"


def test_a_picture_inside_the_house_is_not_fetched(cards: Cards, site: Site) -> None:
    inside = PAGE.replace(b"/a.jpg", b"http://127.0.0.1/a.jpg")
    reach = replace(site.reach, ports=site.reach.ports | {80})
    site.pages["/"] = served(inside)
    card = replace(cards, fetcher=Fetcher(reach)).card(site.url())
    assert "leads into a private network" in card.problem


def test_a_card_is_kept_for_a_day(cards: Cards, site: Site, clock: FixedClock) -> None:
    site.pages["/"] = served(b"<title>A visit")
    cards.card(site.url())
    clock.move(LIFETIME - timedelta(seconds=1))
    assert cards.card(site.url()).title == "A visit"
    clock.move(timedelta(seconds=1))
    cards.card(site.url())
    assert site.asked == ["/", "/"]


def test_a_failure_is_tried_again_soon(cards: Cards, site: Site, clock: FixedClock) -> None:
    assert cards.card(site.url()).problem == cards.card(site.url()).problem != ""
    clock.move(RETRY)
    site.pages["/"] = served(b"<title>A visit")
    assert cards.card(site.url()).title == "A visit"
    assert site.asked == ["/", "/"]


def test_an_old_card_is_better_than_none(cards: Cards, site: Site, clock: FixedClock) -> None:
    site.pages["/"] = served(b"<title>A visit")
    cards.card(site.url())
    clock.move(LIFETIME)
    del site.pages["/"]
    assert cards.card(site.url()) == PageCard(site.url(), "A visit")


def test_a_card_whose_picture_is_gone_is_fetched_anew(cards: Cards, site: Site) -> None:
    site.pages |= {"/": served(PAGE), "/a.jpg": served(photograph(), "image/jpeg")}
    cards.cabinet.path(cards.card(site.url()).image).unlink()
    assert cards.cabinet.holds(cards.card(site.url()).image)


@pytest.mark.parametrize("broken", ["", "[]", '{"card": {}, "until": "x"}', '{"card": {"x": 1}}'])
def test_a_broken_note_is_fetched_anew(broken: str, cards: Cards, site: Site) -> None:
    site.pages["/"] = served(b"<title>A visit")
    cards.card(site.url())
    (note,) = (cards.cabinet.folder / "cards").iterdir()
    note.write_text(broken, "utf-8")
    assert cards.card(site.url()).title == "A visit"


def test_a_cabinet_that_cannot_be_written_costs_only_the_picture(
    cards: Cards, site: Site, tmp_path: Path
) -> None:
    site.pages |= {"/": served(PAGE), "/a.jpg": served(photograph(), "image/jpeg")}
    (tmp_path / "media").write_text("not a folder")
    card = cards.card(site.url())
    assert (card.title, card.image) == ("A visit", "")
    assert "cannot be kept" in card.problem


def test_what_is_remembered_of_a_page_is_told_however_old_it_is(
    cards: Cards, site: Site, clock: FixedClock
) -> None:
    site.pages["/"] = served(b"<title>A visit")
    cards.card(site.url())
    clock.move(LIFETIME)
    assert cards.remembered().page(site.url()).title == "A visit"
    assert site.asked == ["/"]


def test_of_a_page_that_nobody_read_nothing_is_remembered(cards: Cards, site: Site) -> None:
    site.pages["/"] = served(b"<title>A visit")
    assert cards.remembered().page(site.url()).title == ""
    assert site.asked == []
