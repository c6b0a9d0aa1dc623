"""WordPress: a title and HTML, pictures with descriptions, an address that no other post has."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from karnay.errors import AccountError, PublishingError, Rejected
from karnay.platforms.base import Absent, CannotTell, Exchange, Receipt
from karnay.platforms.registry import platforms
from karnay.platforms.wordpress import PLATFORM, SAMPLE, Details, Options
from karnay.testing.clock import START
from karnay.testing.lab import KEY, OTHER_KEY, Lab
from karnay.testing.network import reply
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.media.asset import Asset
    from karnay.platforms.base import Key, Sighting, Step

API = "https://news.example/wp-json/wp/v2"
HEADED = RichText("A visit\n\nThey came.", (Span(0, 7, Kind.BOLD),))
POST = {"id": 57, "link": "https://news.example/visit/"}


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


def steps(
    lab: Lab, text: str | RichText, media: Sequence[Asset] = (), key: Key = KEY, **options: Any
) -> list[Step]:
    rich = RichText(text) if isinstance(text, str) else text
    return lab.plan(lab.variant(rich, media=media, options=options), key)


def body(lab: Lab, text: str | RichText, media: Sequence[Asset] = (), **options: Any) -> Any:
    planned = steps(lab, text, media, **options)
    step = lab.publish(planned)[-1]
    lab.sent()
    return step.call.body


def answering(lab: Lab, status: int, said: Any) -> Lab:
    lab.network.reaction = reply(Exchange("", "", status, said))
    return lab


def found(lab: Lab, *posts: Any) -> Sighting:
    step = steps(lab, "They came.")[-1]
    told = [{**POST, "slug": step.call.body["slug"], **post} for post in posts]
    others = (one for one in SAMPLE.network if (one.method, one.path) != ("GET", "/wp/v2/posts"))
    lab.network.exchanges = (Exchange("GET", "/wp/v2/posts", 200, told), *others)
    return PLATFORM.find(step, lab.account, lab.wire, START)


def test_wordpress_is_found_by_its_module_alone() -> None:
    assert platforms()["wordpress"] is PLATFORM


def test_a_heading_is_the_title(lab: Lab) -> None:
    told = body(lab, HEADED)
    assert (told["title"], told["content"]) == ("A visit", "They came.")


def test_a_title_that_is_given_leaves_the_text_alone(lab: Lab) -> None:
    told = body(lab, HEADED, title="News")
    assert told["title"] == "News"
    assert told["content"] == "<strong>A visit</strong>\n\nThey came."


@pytest.mark.parametrize(
    "text",
    [
        RichText("They came."),
        RichText("All bold", (Span(0, 8, Kind.BOLD),)),
        RichText("Only a part\n\nis bold", (Span(0, 4, Kind.BOLD),)),
    ],
)
def test_what_is_no_heading_is_no_title(lab: Lab, text: RichText) -> None:
    assert "title" not in body(lab, text)


def test_a_bare_address_is_made_a_link(lab: Lab) -> None:
    told = body(lab, lab.as_sent(RichText("See https://e.org/a?b=c&d")))
    assert told["content"] == (
        'See <a href="https://e.org/a?b=c&amp;d">https://e.org/a?b=c&amp;d</a>'
    )


def test_no_shortcode_begins_in_a_text(lab: Lab) -> None:
    assert body(lab, "[gallery ids=1]")["content"] == "&#91;gallery ids=1]"


def test_no_shortcode_begins_in_a_description(lab: Lab) -> None:
    (asset, *_) = lab.assets("pictures")
    told = body(lab, "x", [replace(asset, alt="[gallery]")], featured=False)
    assert 'alt="&#91;gallery]"' in told["content"]


def test_the_address_is_words_and_what_no_other_post_has(lab: Lab) -> None:
    slug = body(lab, HEADED, title="Café & Приём: the big visit")["slug"]
    words, _, own = slug.rpartition("-")
    assert words == "cafe-the-big-visit"
    assert own == KEY.step("slug")[:10]


def test_two_deliveries_have_two_addresses(lab: Lab) -> None:
    one, other = (steps(lab, "x", key=key)[-1].call.body["slug"] for key in (KEY, OTHER_KEY))
    assert one != other


def test_an_address_without_latin_letters_is_the_key_alone(lab: Lab) -> None:
    assert body(lab, "Қабул")["slug"] == KEY.step("slug")[:10]


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"status": "draft"}, {"status": "draft"}),
        ({"categories": [3, 4]}, {"categories": [3, 4]}),
        ({"tags": [5]}, {"tags": [5]}),
        ({"excerpt": "In short"}, {"excerpt": "In short"}),
    ],
)
def test_an_option_is_a_field(lab: Lab, options: dict[str, Any], fields: dict[str, Any]) -> None:
    assert fields.items() <= body(lab, "x", **options).items()


def test_options_not_asked_for_are_left_out(lab: Lab) -> None:
    assert set(body(lab, "x")) == {"content", "slug", "status"}


@pytest.mark.parametrize("wrong", [{"status": "future"}, {"slug": "A b"}, {"tags": ["news"]}])
def test_what_wordpress_does_not_take_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_a_password_never_goes_over_plain_http() -> None:
    own = {"user": "press", "password": "env:WORDPRESS_PASSWORD"}
    with pytest.raises(ValidationError, match="must begin with https"):
        Details.model_validate({**own, "site": "http://news.example"})
    assert Details.model_validate({**own, "site": "http://127.0.0.1:8025"})


def test_the_login_is_user_and_password(lab: Lab) -> None:
    PLATFORM.identify(lab.account, lab.wire)
    login = b64encode(b"press:abcd EFGH 1234 ijkl MNOP 6789").decode()
    assert {sent.headers["authorization"] for sent in lab.sent()} == {f"Basic {login}"}


def test_the_login_in_base64_is_a_secret_too(lab: Lab) -> None:
    login = b64encode(b"press:abcd EFGH 1234 ijkl MNOP 6789").decode()
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 400, {"message": login})))
    assert login not in str(error)


def test_the_first_picture_is_the_featured_one_and_the_others_follow_the_text(lab: Lab) -> None:
    told = body(lab, "They came.", lab.assets("pictures")[:2])
    assert told["featured_media"] == 31
    picture = "https://news.example/wp-content/uploads/2026/11/image.jpg"
    figure = f'<figure><img src="{picture}" alt="Делегация у входа" /></figure>'
    assert told["content"] == f"They came.\n\n{figure}"


def test_no_picture_need_be_featured(lab: Lab) -> None:
    told = body(lab, "They came.", lab.assets("pictures"), featured=False)
    assert "featured_media" not in told
    assert told["content"].count("<img ") == 3
    assert 'alt="A &quot;third&quot; &lt;picture&gt; &amp; more"' in told["content"]


@pytest.mark.parametrize(
    ("kind", "shown"), [("film", "<video controls src="), ("document", '<a href="https://news.')]
)
def test_other_files_stand_in_the_text(lab: Lab, kind: str, shown: str) -> None:
    told = body(lab, "They came.", lab.assets(kind))
    assert shown in told["content"]
    assert "featured_media" not in told


def test_a_picture_is_described_where_it_is_kept(lab: Lab) -> None:
    (asset, *_) = lab.assets("pictures")
    upload, alt, _ = lab.publish(steps(lab, "x", [asset]))
    assert upload.call.headers["Content-Disposition"] == 'attachment; filename="image-0.jpeg"'
    assert (alt.call.url, alt.call.body) == (f"{API}/media/31", {"alt_text": asset.alt})


def test_our_post_is_found_by_its_address(lab: Lab) -> None:
    assert isinstance(found(lab, {}), Receipt)


def test_no_post_at_our_address_is_an_absence(lab: Lab) -> None:
    assert found(lab) == Absent()
    who, listing = (sent.url for sent in lab.sent())
    assert who == f"{API}/users/me?context=edit"
    assert "&status=any&" in listing


def test_a_site_that_lists_what_it_was_not_asked_for_tells_nothing(lab: Lab) -> None:
    assert isinstance(found(lab, {"slug": "hello-world"}), CannotTell)


def test_a_site_that_does_not_know_us_tells_nothing(lab: Lab) -> None:
    step = steps(lab, "x")[-1]
    answering(lab, 401, {"code": "rest_not_logged_in", "message": "You are not logged in."})
    with pytest.raises(PublishingError):
        PLATFORM.find(step, lab.account, lab.wire, START)


def test_an_edit_leaves_address_and_status(lab: Lab) -> None:
    step = steps(lab, HEADED, status="draft", tags=[5])[-1]
    answering(lab, 200, {**POST, "slug": "visit"})
    receipt = PLATFORM.edit(step, Receipt("57"), lab.account, lab.wire)
    (sent,) = lab.sent()
    assert (sent.method, sent.url) == ("POST", f"{API}/posts/57")
    assert sent.json == {"title": "A visit", "content": "They came.", "tags": [5]}
    assert receipt.link == POST["link"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, POST),
        (404, {"code": "rest_post_invalid_id", "message": "Invalid post ID."}),
        (410, {"code": "rest_already_trashed", "message": "Already in the trash."}),
    ],
)
def test_a_post_is_moved_to_the_trash_or_gone_already(lab: Lab, status: int, said: Any) -> None:
    step = steps(lab, "x")[-1]
    PLATFORM.delete(step, Receipt("57"), answering(lab, status, said).account, lab.wire)
    (sent,) = lab.sent()
    assert (sent.method, sent.url) == ("DELETE", f"{API}/posts/57")


def test_a_deletion_that_is_not_allowed_is_told(lab: Lab) -> None:
    step = steps(lab, "x")[-1]
    answering(lab, 403, {"code": "rest_cannot_delete", "message": "Sorry."})
    with pytest.raises(AccountError, match="rest_cannot_delete"):
        PLATFORM.delete(step, Receipt("57"), lab.account, lab.wire)


def test_an_upload_that_is_too_large_publishes_nothing(lab: Lab) -> None:
    step = steps(lab, "x", lab.assets("pictures"))[0]
    error = lab.failure(step, reply(Exchange("", "", 413, {"message": "Too large"})))
    assert isinstance(error, Rejected)


def test_a_user_who_may_not_publish_is_told_so(lab: Lab) -> None:
    answering(lab, 200, {"id": 8, "name": "Guest", "capabilities": {"read": True}})
    with pytest.raises(AccountError, match="Guest may not publish"):
        PLATFORM.identify(lab.account, lab.wire)
