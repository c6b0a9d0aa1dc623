"""Instagram: containers, what becomes of them, and how they settle a lost answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from benches import a_bench, answers, performed, planned
from karnay.errors import NotReady, OutcomeUnknown, Rejected, Transient
from karnay.media.asset import Kind
from karnay.platforms.base import Absent, CannotTell, Effect, Receipt, Sighting, Step
from karnay.platforms.calls import Ref
from karnay.platforms.instagram import PLATFORM
from karnay.testing.clock import START
from karnay.testing.lab import Lab
from karnay.testing.network import reply
from karnay.text.richtext import RichText

USER, CONTAINER, POST = "17841400000000001", "17900000000000001", "17950000000000001"
LINK = "https://www.instagram.com/p/DRabcdefghi/"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return a_bench(PLATFORM, monkeypatch)


@pytest.fixture
def by_facebook(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return a_bench(PLATFORM, monkeypatch, through="facebook")


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def named(steps: list[Step], name: str) -> Any:
    return next(step.call for step in steps if step.name == name)


def test_a_picture_is_hosted_contained_awaited_and_published(lab: Lab) -> None:
    steps = planned(lab)
    assert names(steps) == ["host-1", "container-1", "await-1", "create-1", "link-1"]
    assert [step.effect for step in steps if step.part is not None] == [Effect.ONCE]
    assert named(steps, "create-1").body == {"creation_id": Ref("container-1")}


def test_instagram_is_given_the_public_address(lab: Lab) -> None:
    body = named(planned(lab, "Hello"), "container-1").body
    assert body["image_url"].startswith("https://media.example.org/")
    assert body["caption"] == "Hello"


def test_the_words_of_a_carousel_are_said_once(lab: Lab) -> None:
    steps = planned(lab, "Hello", "pictures")
    said = [step.name for step in steps if "caption" in step.call.fields]
    assert said == ["container-4"]
    children = [Ref(f"container-{n}") for n in (1, 2, 3)]
    assert named(steps, "container-4").body["children"] == children


def test_every_item_of_a_carousel_is_awaited_before_they_are_put_together(lab: Lab) -> None:
    order = names(planned(lab, "Hello", "pictures"))
    assert order[6:] == [
        *("await-1", "await-2", "await-3", "container-4", "await-4", "create-1", "link-1")
    ]


def test_a_single_video_is_a_reel(lab: Lab) -> None:
    body = named(planned(lab, "Hello", "film"), "container-1").body
    assert (body["media_type"], body["share_to_feed"]) == ("REELS", True)
    assert body["video_url"].endswith(".mp4")


def test_a_video_among_pictures_is_an_item(lab: Lab) -> None:
    [film], [picture, *_] = lab.assets("film"), lab.assets("pictures")
    steps = lab.plan(lab.variant(RichText("Hello"), media=[picture, film]))
    assert named(steps, "container-2").body["media_type"] == "VIDEO"
    assert "media_type" not in named(steps, "container-1").body


def test_through_facebook_a_video_goes_as_bytes(by_facebook: Lab) -> None:
    steps = planned(by_facebook, "Hello", "film")
    assert names(steps)[:3] == ["container-1", "upload-1", "await-1"]
    sent = performed(by_facebook, steps, "container-1")
    assert sent.call.url == f"https://graph.facebook.com/v25.0/{USER}/media"
    assert sent.call.body["upload_type"] == "resumable"


def test_the_bytes_of_a_video_go_to_its_container(by_facebook: Lab) -> None:
    answers(by_facebook, "POST", f"/{CONTAINER}", {"success": True})
    step = performed(by_facebook, planned(by_facebook, "Hello", "film"), "upload-1")
    sent = by_facebook.sent()[-1]
    assert step.call.url == f"https://rupload.facebook.com/ig-api-upload/v25.0/{CONTAINER}"
    assert sent.headers["offset"] == "0"
    assert sent.headers["file_size"] == str(len(sent.content))
    assert sent.headers["authorization"].startswith("OAuth IGAA")


def test_an_upload_that_failed_is_repeated(by_facebook: Lab) -> None:
    failed = {"debug_info": {"retriable": False, "type": "ProcessingFailedError", "message": "No"}}
    answers(by_facebook, "POST", f"/{CONTAINER}", failed)
    with pytest.raises(Transient, match="ProcessingFailedError"):
        performed(by_facebook, planned(by_facebook, "Hello", "film"), "upload-1")


@pytest.mark.parametrize(
    ("through", "fetched"),
    [("instagram", {Kind.IMAGE, Kind.VIDEO}), ("facebook", {Kind.IMAGE})],
)
def test_what_instagram_fetches_depends_on_the_log_in(
    through: str, fetched: set[Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = a_bench(PLATFORM, monkeypatch, through=through).account
    assert PLATFORM.limits(account).media.fetched == fetched


def test_a_post_without_a_file_is_none(lab: Lab) -> None:
    assert PLATFORM.limits(lab.account).media.least == 1
    with pytest.raises(ValueError, match="nothing without a picture"):
        lab.plan(lab.variant(RichText("Hello"), media=()))


def test_options_are_in_the_container(lab: Lab) -> None:
    options = {"collaborators": ["uzedu"], "share_to_feed": False}
    body = named(planned(lab, "Hello", "film", **options), "container-1").body
    assert (body["collaborators"], body["share_to_feed"]) == (["uzedu"], False)


def test_a_fourth_collaborator_is_refused() -> None:
    with pytest.raises(ValidationError):
        PLATFORM.options.model_validate({"collaborators": ["a", "b", "c", "d"]})


def becoming(lab: Lab, code: str, told: str = "") -> None:
    answers(lab, "GET", f"/{CONTAINER}", {"status_code": code, "status": told, "id": CONTAINER})


def test_what_is_still_being_made_is_asked_for_again(lab: Lab) -> None:
    becoming(lab, "IN_PROGRESS")
    with pytest.raises(NotReady) as raised:
        performed(lab, planned(lab), "await-1")
    assert raised.value.until == lab.clock.now() + timedelta(seconds=5)


@pytest.mark.parametrize("code", ["ERROR", "EXPIRED"])
def test_what_cannot_be_made_fails_in_instagrams_own_words(lab: Lab, code: str) -> None:
    becoming(lab, code, "Error: 2207026 the video format is not supported")
    with pytest.raises(Rejected, match="2207026"):
        performed(lab, planned(lab), "await-1")


def test_a_container_that_hides_for_a_while_is_not_given_up(lab: Lab) -> None:
    hidden = {"error": {"message": "Unsupported get request", "code": 100, "error_subcode": 33}}
    answers(lab, "GET", f"/{CONTAINER}", hidden, status=400)
    with pytest.raises(Transient):
        performed(lab, planned(lab), "await-1")


def test_a_file_that_could_not_be_fetched_is_tried_again(lab: Lab) -> None:
    answers(lab, "POST", "/media", _fault(9004, 2207052), status=400)
    with pytest.raises(Transient):
        performed(lab, planned(lab), "container-1")


def test_a_blocked_action_may_be_public_all_the_same(lab: Lab) -> None:
    answers(lab, "POST", "/media_publish", _fault(4, 2207051), status=403)
    with pytest.raises(OutcomeUnknown):
        performed(lab, planned(lab), "create-1")


def test_a_comment_whose_answer_could_not_be_made_may_be_there(lab: Lab) -> None:
    answers(lab, "POST", "/comments", _fault(20, 1772107), status=400)
    with pytest.raises(OutcomeUnknown):
        performed(lab, planned(lab, first_comment="More"), "comment-1")


def test_a_comment_asks_for_no_fields(lab: Lab) -> None:
    step = performed(lab, planned(lab, first_comment="More"), "comment-1")
    assert step.call.url.endswith(f"/{POST}/comments")
    assert step.call.body == {"message": "More"}


def _fault(code: int, subcode: int) -> dict[str, Any]:
    return {"error": {"message": "No.", "code": code, "error_subcode": subcode}}


def test_the_link_is_the_posts_own(lab: Lab) -> None:
    step = performed(lab, planned(lab), "link-1")
    assert PLATFORM.perform(step, lab.account, lab.wire) == Receipt(POST, LINK)


def test_an_address_that_is_kept_back_does_not_fail_a_post_that_is_public(lab: Lab) -> None:
    step = performed(lab, planned(lab), "link-1")
    answers(lab, "GET", f"/{POST}", _fault(100, 0), status=400)
    with pytest.raises(Transient):
        PLATFORM.perform(step, lab.account, lab.wire)


def listed(caption: str = "Hello", number: str = POST, seconds: int = 30) -> dict[str, Any]:
    made = (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    link = LINK if number == POST else f"https://www.instagram.com/p/{number}/"
    return {"id": number, "caption": caption, "timestamp": made, "permalink": link}


def looked(lab: Lab, code: str, *posts: dict[str, Any]) -> Sighting:
    step = performed(lab, planned(lab, "Hello"), "create-1")
    becoming(lab, code)
    answers(lab, "GET", "/media", {"data": list(posts)})
    return PLATFORM.find(step, lab.account, lab.wire, START)


@pytest.mark.parametrize("code", ["FINISHED", "ERROR", "EXPIRED"])
def test_a_container_that_was_not_published_is_no_post(lab: Lab, code: str) -> None:
    assert looked(lab, code, listed()) == Absent()


def test_a_published_container_is_the_post_with_its_words(lab: Lab) -> None:
    assert looked(lab, "PUBLISHED", listed("Other", "1"), listed()) == Receipt(POST, LINK)


def test_the_newest_post_is_not_taken_for_ours(lab: Lab) -> None:
    assert isinstance(looked(lab, "PUBLISHED", listed("Other", "1")), CannotTell)


def test_an_older_post_of_the_same_words_is_not_ours(lab: Lab) -> None:
    sighting = looked(lab, "PUBLISHED", listed(seconds=-86_400))
    assert isinstance(sighting, CannotTell)
    assert not sighting.for_good


def test_two_posts_of_the_same_words_are_for_a_person_to_judge(lab: Lab) -> None:
    sighting = looked(lab, "PUBLISHED", listed(), listed(number="1"))
    assert isinstance(sighting, CannotTell)
    assert sighting.for_good
    assert LINK in sighting.why


def test_what_is_still_being_made_can_not_be_told(lab: Lab) -> None:
    assert isinstance(looked(lab, "IN_PROGRESS"), CannotTell)


def test_what_tells_the_caption_is_never_sent(lab: Lab) -> None:
    step = performed(lab, planned(lab, "Hello"), "create-1")
    assert len(step.call.url.partition("#")[2]) == 32
    targets = []
    lab.network.reaction = lambda request: (
        targets.append(request.url.raw_path) or reply(lab.network.exchanges[2])(request)
    )
    PLATFORM.perform(step, lab.account, lab.wire)
    assert targets == [f"/v25.0/{USER}/media_publish".encode()]


def test_a_lost_comment_is_looked_for_under_its_post(lab: Lab) -> None:
    step = performed(lab, planned(lab, first_comment="More"), "comment-1")
    mine = {"id": "9", "text": "More", "timestamp": listed()["timestamp"], "username": "tict"}
    answers(lab, "GET", "/comments", {"data": [mine]})
    assert PLATFORM.find(step, lab.account, lab.wire, START) == Receipt("9")
    answers(lab, "GET", "/comments", {"data": [{**mine, "text": "Else"}]})
    assert PLATFORM.find(step, lab.account, lab.wire, START) == Absent()


def test_the_daily_quota_is_asked_for(lab: Lab) -> None:
    facts = PLATFORM.identify(lab.account, lab.wire).facts
    assert facts == {"username": "tict_uz", "posts_per_day": 50, "posts_today": 2}


def test_a_post_is_counted(lab: Lab) -> None:
    step = performed(lab, planned(lab), "create-1")
    answers(lab, "GET", f"/{POST}", {"like_count": 17, "comments_count": 2, "id": POST})
    reach = {"name": "reach", "values": [{"value": 940}]}
    answers(lab, "GET", "/insights", {"data": [reach]})
    counts = PLATFORM.metrics(step, Receipt(POST), lab.account, lab.wire)
    assert counts == {"likes": 17, "replies": 2, "reach": 940}
