"""Facebook: what is planned for a Page, and how a lost post is looked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from benches import a_bench, answers, performed, planned
from karnay.errors import AccountError, OutcomeUnknown, Rejected
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt, Sighting
from karnay.platforms.calls import Ref
from karnay.platforms.facebook import PLATFORM
from karnay.testing.clock import START
from karnay.testing.lab import Lab
from karnay.text.richtext import RichText

PAGE = "104857600000001"
LINK = f"https://www.facebook.com/{PAGE}/posts/1"
PUBLISHED = "/published_posts"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return a_bench(PLATFORM, monkeypatch, app="42")


def a_post(message: str = "Hello", seconds: int = 30, **more: Any) -> dict[str, Any]:
    made = (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    told = {"id": f"{PAGE}_1", "message": message, "created_time": made, "permalink_url": LINK}
    return {**told, "application": {"id": "42", "name": "karnay"}, **more}


def found(lab: Lab, *posts: dict[str, Any], text: str = "Hello") -> Sighting:
    answers(lab, "GET", PUBLISHED, {"data": list(posts)})
    step = performed(lab, planned(lab, text), "create-1")
    return PLATFORM.find(step, lab.account, lab.wire, START)


def test_words_are_one_request(lab: Lab) -> None:
    [step] = planned(lab, "Hello")
    assert (step.name, step.effect, step.part) == ("create-1", Effect.ONCE, 0)
    assert step.call.url == f"https://graph.facebook.com/v25.0/{PAGE}/feed"
    assert step.call.body == {"message": "Hello"}


def test_a_link_in_the_words_is_shown_as_a_card(lab: Lab) -> None:
    [step] = planned(lab, "See https://a.example/x and https://b.example")
    assert step.call.body["link"] == "https://a.example/x"


def test_a_post_may_keep_its_link_a_mere_text(lab: Lab) -> None:
    [step] = planned(lab, "See https://a.example/x", link_preview=False)
    assert "link" not in step.call.body


def test_an_address_without_its_protocol_is_no_link_to_show(lab: Lab) -> None:
    [step] = planned(lab, "See a.example")
    assert "link" not in step.call.body


def test_pictures_are_put_out_of_sight_and_then_attached(lab: Lab) -> None:
    steps = planned(lab, "See https://a.example", "pictures")
    assert [step.name for step in steps] == ["photo-1", "photo-2", "photo-3", "create-1"]
    assert all(step.call.fields["published"] is False for step in steps[:3])
    photos = [{"media_fbid": Ref(f"photo-{n}")} for n in (1, 2, 3)]
    assert steps[-1].call.body == {"message": "See https://a.example", "attached_media": photos}


def test_a_decorative_picture_is_not_described(lab: Lab) -> None:
    [asset, *_] = lab.assets("pictures")
    variant = lab.variant(RichText("Hello"), media=[replace(asset, alt="")])
    [photo, _] = lab.plan(variant)
    assert "alt_text_custom" not in photo.call.fields


def test_a_video_goes_with_its_words(lab: Lab) -> None:
    [step] = planned(lab, "Hello", "film")
    assert step.call.url.endswith("/videos")
    assert step.call.fields["description"] == "Hello"


def test_a_first_comment_comes_after_the_post(lab: Lab) -> None:
    steps = planned(lab, "Hello", first_comment="More: https://a.example")
    comment = performed(lab, steps, "comment-1")
    assert comment.effect is Effect.ONCE
    assert comment.part is None
    assert comment.call.url.endswith(f"/{PAGE}_122100000000000001/comments")


def test_another_version_of_the_api_is_asked_where_karnay_toml_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [step] = planned(a_bench(PLATFORM, monkeypatch, version="v26.0"))
    assert "/v26.0/" in step.call.url


@pytest.mark.parametrize("told", [{"version": "26"}, {"page": "tict_uz"}, {"app": "karnay"}])
def test_what_is_no_id_or_version_is_refused(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError):
        a_bench(PLATFORM, monkeypatch, **told)


def test_a_lost_post_is_known_by_words_time_and_app(lab: Lab) -> None:
    assert found(lab, a_post("Another"), a_post()) == Receipt(f"{PAGE}_1", LINK)


def test_a_post_of_another_app_is_not_ours(lab: Lab) -> None:
    assert found(lab, a_post(application={"id": "43"})) == Absent()


def test_a_post_that_tells_no_app_may_be_ours(lab: Lab) -> None:
    assert isinstance(found(lab, a_post(application=None)), Receipt)


def test_a_page_without_the_post_has_it_not(lab: Lab) -> None:
    assert found(lab, a_post("Another")) == Absent()


def test_words_that_the_page_has_of_old_are_for_a_person_to_judge(lab: Lab) -> None:
    older = found(lab, a_post(seconds=-86_400))
    assert isinstance(older, CannotTell)
    assert older.for_good
    assert LINK in older.why


def test_a_post_that_mentions_a_page_cannot_be_compared(lab: Lab) -> None:
    text = "With @[1234567]"
    assert isinstance(found(lab, a_post("With Some Page"), text=text), CannotTell)


def test_a_lost_post_is_looked_for_on_further_pages(lab: Lab) -> None:
    following = {"cursors": {"after": "QVFI"}, "next": "https://graph.facebook.com/next"}
    first = {"data": [a_post("Another")], "paging": following}
    answers(lab, "GET", PUBLISHED, first, {"data": [a_post()]})
    step = performed(lab, planned(lab), "create-1")
    lab.sent()
    assert isinstance(PLATFORM.find(step, lab.account, lab.wire, START), Receipt)
    assert ["after=QVFI" in request.url for request in lab.sent()] == [False, True]


def test_a_video_that_is_not_seen_may_still_be_made(lab: Lab) -> None:
    step = performed(lab, planned(lab, "Hello", "film"), "create-1")
    assert isinstance(PLATFORM.find(step, lab.account, lab.wire, START), CannotTell)


def test_a_lost_comment_is_looked_for_under_its_post(lab: Lab) -> None:
    step = performed(lab, planned(lab, first_comment="More"), "comment-1")
    mine = a_post("More", id="9", **{"from": {"id": PAGE}})
    answers(lab, "GET", "/comments", {"data": [mine]})
    sighting = PLATFORM.find(step, lab.account, lab.wire, START)
    assert isinstance(sighting, Receipt)
    assert sighting.id == "9"


def test_the_newest_comments_are_looked_through_first(lab: Lab) -> None:
    step = performed(lab, planned(lab, first_comment="More"), "comment-1")
    lab.sent()
    PLATFORM.find(step, lab.account, lab.wire, START)
    assert "order=reverse_chronological" in lab.sent()[0].url


def test_words_that_facebook_calls_a_repetition_may_be_our_own(lab: Lab) -> None:
    repeated = {"error": {"message": "(#506) Duplicate status message", "code": 506}}
    answers(lab, "POST", "/feed", repeated, status=400)
    with pytest.raises(OutcomeUnknown):
        performed(lab, planned(lab), "create-1")


def test_somebody_elses_comment_is_not_ours(lab: Lab) -> None:
    step = performed(lab, planned(lab, first_comment="More"), "comment-1")
    answers(lab, "GET", "/comments", {"data": [a_post("More", **{"from": {"id": "7"}})]})
    assert PLATFORM.find(step, lab.account, lab.wire, START) == Absent()


def test_a_token_of_a_person_is_no_token_of_the_page(lab: Lab) -> None:
    answers(lab, "GET", "/me", {"id": "7", "name": "Dilnoza"})
    with pytest.raises(AccountError, match=r"of Dilnoza \(7\), not of the Page"):
        PLATFORM.identify(lab.account, lab.wire)


def _receipt(lab: Lab) -> tuple[Any, Receipt]:
    step = performed(lab, planned(lab), "create-1")
    lab.sent()
    return step, Receipt(f"{PAGE}_1", LINK)


def test_a_post_is_taken_down(lab: Lab) -> None:
    step, receipt = _receipt(lab)
    answers(lab, "DELETE", f"/{PAGE}_1", {"success": True})
    PLATFORM.delete(step, receipt, lab.account, lab.wire)
    assert [(one.method, one.url.rpartition("/")[2]) for one in lab.sent()] == [
        ("DELETE", f"{PAGE}_1")
    ]


def test_a_post_that_is_gone_is_taken_down_without_an_error(lab: Lab) -> None:
    step, receipt = _receipt(lab)
    gone = {"error": {"message": "does not exist", "code": 100, "error_subcode": 33}}
    answers(lab, "DELETE", f"/{PAGE}_1", gone, status=400)
    PLATFORM.delete(step, receipt, lab.account, lab.wire)


def test_a_post_that_must_stay_is_not_called_deleted(lab: Lab) -> None:
    step, receipt = _receipt(lab)
    answers(lab, "DELETE", f"/{PAGE}_1", {"error": {"message": "No", "code": 100}}, status=400)
    with pytest.raises(Rejected):
        PLATFORM.delete(step, receipt, lab.account, lab.wire)


def test_other_words_take_the_place_of_the_old(lab: Lab) -> None:
    _, receipt = _receipt(lab)
    [step] = planned(lab, "Corrected")
    answers(lab, "POST", f"/{PAGE}_1", {"success": True})
    assert PLATFORM.edit(step, receipt, lab.account, lab.wire) == receipt
    assert lab.sent()[0].json == {"message": "Corrected"}


COUNTED = {
    "id": "1",
    "shares": {"count": 3},
    "reactions": {"data": [], "summary": {"total_count": 17}},
    "comments": {"data": [], "summary": {"total_count": 2}},
}


def test_a_post_is_counted(lab: Lab) -> None:
    step, receipt = _receipt(lab)
    seen = {"name": "post_media_view", "values": [{"value": 940}]}
    answers(lab, "GET", f"/{PAGE}_1", COUNTED)
    answers(lab, "GET", "/insights", {"data": [seen]})
    counts = {"likes": 17, "replies": 2, "reposts": 3, "views": 940}
    assert PLATFORM.metrics(step, receipt, lab.account, lab.wire) == counts


def test_a_token_that_may_not_read_insights_counts_the_rest(lab: Lab) -> None:
    step, receipt = _receipt(lab)
    answers(lab, "GET", f"/{PAGE}_1", COUNTED)
    answers(lab, "GET", "/insights", {"error": {"message": "(#200)", "code": 200}}, status=403)
    counts = {"likes": 17, "replies": 2, "reposts": 3}
    assert PLATFORM.metrics(step, receipt, lab.account, lab.wire) == counts
