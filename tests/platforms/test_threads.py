"""Threads: containers, chains of replies, and how a lost answer is settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from benches import a_bench, answers, performed, planned
from karnay.errors import AccountError, NotReady, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.media.asset import Kind
from karnay.platforms.base import (
    Absent,
    CannotTell,
    Effect,
    Exchange,
    Receipt,
    Sighting,
    Step,
)
from karnay.platforms.calls import Ref
from karnay.platforms.logins import OAuth, Tokens, login_of
from karnay.platforms.threads import PLATFORM
from karnay.testing.clock import START
from karnay.testing.lab import Lab
from karnay.testing.network import reply
from karnay.text.richtext import RichText

USER, CONTAINER, POST = "25100000000000001", "17900000000000001", "18050000000000001"
LINK = "https://www.threads.com/@tict_uz/post/DRabcdefghi"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return a_bench(PLATFORM, monkeypatch)


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def named(steps: list[Step], name: str) -> Any:
    return next(step.call for step in steps if step.name == name)


def a_thread(lab: Lab, *texts: str, **options: Any) -> list[Step]:
    return lab.plan(lab.variant(*map(RichText, texts), options=options))


def test_words_are_contained_awaited_and_published(lab: Lab) -> None:
    steps = planned(lab, "Hello")
    assert names(steps) == ["container-1", "await-1", "create-1", "link-1"]
    assert named(steps, "container-1").body == {"media_type": "TEXT", "text": "Hello"}
    assert named(steps, "create-1").body == {"creation_id": Ref("container-1")}


def test_words_are_never_published_without_a_container_to_ask_afterwards(lab: Lab) -> None:
    visible = [step for step in planned(lab) if step.effect is not Effect.SAFE]
    assert names(visible) == ["create-1"]
    assert not [step for step in planned(lab) if "auto_publish_text" in step.call.fields]


def test_a_picture_is_fetched_by_threads_and_described(lab: Lab) -> None:
    [picture, *_] = lab.assets("pictures")
    steps = lab.plan(lab.variant(RichText("Hello"), media=[picture]))
    assert names(steps) == ["host-1", "container-1", "await-1", "create-1", "link-1"]
    body = named(steps, "container-1").body
    assert body["image_url"].startswith("https://media.example.org/")
    told = (body["media_type"], body["alt_text"], body["text"])
    assert told == ("IMAGE", picture.alt, "Hello")


def test_a_video_is_described_too(lab: Lab) -> None:
    [film] = lab.assets("film")
    body = named(planned(lab, "Hello", "film"), "container-1").body
    assert (body["media_type"], body["alt_text"]) == ("VIDEO", film.alt)
    assert body["video_url"].endswith(".mp4")


def test_the_items_of_a_carousel_are_ready_before_they_are_put_together(lab: Lab) -> None:
    steps = planned(lab, "Hello", "pictures")
    assert names(steps)[3:] == [
        *("item-1", "item-2", "item-3", "await-item-1", "await-item-2", "await-item-3"),
        *("container-1", "await-1", "create-1", "link-1"),
    ]
    children = [Ref(f"item-{n}") for n in (1, 2, 3)]
    body = {"media_type": "CAROUSEL", "children": children, "text": "Hello"}
    assert named(steps, "container-1").body == body


def test_an_item_has_a_description_and_no_words(lab: Lab) -> None:
    body = named(planned(lab, "Hello", "pictures"), "item-2").body
    assert (body["is_carousel_item"], "text" in body) == (True, False)
    assert body["alt_text"] == lab.assets("pictures")[1].alt


def test_files_without_words_are_a_post(lab: Lab) -> None:
    assert "text" not in named(planned(lab, "", "film"), "container-1").body


def test_each_part_answers_the_one_before(lab: Lab) -> None:
    steps = a_thread(lab, "One", "Two", "Three")
    parents = [step.call.fields.get("reply_to_id") for step in steps if "text" in step.call.fields]
    assert parents == [None, Ref("create-1"), Ref("create-2")]


def test_a_thread_is_whole_before_its_links_are_asked_for(lab: Lab) -> None:
    assert names(a_thread(lab, "One", "Two"))[-4:] == ["await-2", "create-2", "link-1", "link-2"]


def test_options_are_of_the_first_part(lab: Lab) -> None:
    told = {"link_attachment": "https://a.uz", "reply_control": "followers_only"}
    steps = a_thread(lab, "One", "Two", topic="Open day", **told)
    own = {"topic_tag": "Open day", **told}
    assert named(steps, "container-1").body == {"media_type": "TEXT", "text": "One", **own}
    assert not own.keys() & named(steps, "container-2").body.keys()


@pytest.mark.parametrize(
    "options",
    [
        {"topic": "a" * 51},
        {"topic": "a.b"},
        {"topic": "a&b"},
        {"link_attachment": "a.uz"},
        {"reply_control": "nobody"},
    ],
)
def test_an_option_that_threads_would_refuse_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PLATFORM.options.model_validate(options)


def test_a_link_is_attached_to_words_alone(lab: Lab) -> None:
    attached = {"link_attachment": "https://a.uz"}
    steps = planned(lab, "Hello", "film", **attached)
    assert "link_attachment" not in named(steps, "container-1").body
    limits = PLATFORM.limits(lab.account, media=True, options=attached)
    assert "the attached link is left out" in limits.warnings(RichText("Hello"))[0]


def test_an_attached_link_is_one_of_the_five(lab: Lab) -> None:
    five = RichText(" ".join(f"https://a{n}.uz" for n in range(5)))
    attached = {"link_attachment": "https://a.uz"}
    assert PLATFORM.limits(lab.account).fits(five)
    assert not PLATFORM.limits(lab.account, options=attached).fits(five)
    assert PLATFORM.limits(lab.account, options=attached, media=True).fits(five)


def test_threads_fetches_all_files_itself(lab: Lab) -> None:
    assert PLATFORM.limits(lab.account).media.fetched == {Kind.IMAGE, Kind.VIDEO}


def becoming(lab: Lab, code: str, told: str = "") -> None:
    answers(lab, "GET", f"/{CONTAINER}", {"status": code, "error_message": told, "id": CONTAINER})


def test_what_is_still_being_made_is_asked_for_again(lab: Lab) -> None:
    becoming(lab, "IN_PROGRESS")
    with pytest.raises(NotReady) as raised:
        performed(lab, planned(lab), "await-1")
    assert raised.value.until == lab.clock.now() + timedelta(seconds=3)


@pytest.mark.parametrize("code", ["ERROR", "EXPIRED"])
def test_what_cannot_be_made_fails_in_threads_own_words(lab: Lab, code: str) -> None:
    becoming(lab, code, "INVALID_FRAME_RATE")
    with pytest.raises(Rejected, match=f"{code} INVALID_FRAME_RATE"):
        performed(lab, planned(lab), "await-1")


def _fault(code: int, subcode: int = 0, said: str = "No.") -> dict[str, Any]:
    return {"error": {"message": said, "code": code, "error_subcode": subcode}}


@pytest.mark.parametrize("step", ["container-2", "create-1", "create-2"])
def test_what_threads_does_not_see_yet_is_tried_again(lab: Lab, step: str) -> None:
    steps = a_thread(lab, "One", "Two")
    ready = performed(lab, steps, step)
    error = lab.failure(ready, reply(_answer(_fault(24, 4279009))))
    assert type(error) is Transient


@pytest.mark.parametrize("step", ["await-1", "link-1"])
def test_what_hides_for_a_while_is_asked_for_again(lab: Lab, step: str) -> None:
    ready = performed(lab, planned(lab), step)
    assert type(lab.failure(ready, reply(_answer(_fault(100, 33))))) is Transient


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (_fault(100, 4279071), Rejected),
        (_fault(100, 0, "THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected),
        (_fault(100, 2207052), Transient),
        (_fault(24, 4279013), AccountError),
        (_fault(190, 463), AccountError),
        (_fault(9, 2207042), RateLimited),
    ],
)
def test_a_container_that_is_refused(
    lab: Lab, body: dict[str, Any], error: type[Exception]
) -> None:
    ready = performed(lab, planned(lab), "container-1")
    assert type(lab.failure(ready, reply(_answer(body)))) is error


def test_a_blocked_action_may_be_public_all_the_same(lab: Lab) -> None:
    ready = performed(lab, planned(lab), "create-1")
    assert type(lab.failure(ready, reply(_answer(_fault(4, 2207051))))) is OutcomeUnknown


def _answer(body: dict[str, Any]) -> Any:
    return Exchange("", "", 400, body)


def test_the_link_is_the_posts_own(lab: Lab) -> None:
    step = performed(lab, planned(lab), "link-1")
    assert PLATFORM.perform(step, lab.account, lab.wire) == Receipt(POST, LINK)


def test_a_link_that_is_refused_does_not_undo_the_post(lab: Lab) -> None:
    step = performed(lab, planned(lab), "link-1")
    assert type(lab.failure(step, reply(_answer(_fault(100))))) is Transient


def listed(text: str = "Hello", number: str = POST, seconds: int = 30, **more: Any) -> Any:
    made = (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    link = LINK if number == POST else f"https://www.threads.com/@tict_uz/post/{number}"
    return {"id": number, "text": text, "timestamp": made, "permalink": link, **more}


def looked(lab: Lab, code: str, *posts: Any, text: str = "Hello") -> Sighting:
    step = performed(lab, planned(lab, text), "create-1")
    becoming(lab, code)
    answers(lab, "GET", "/threads", {"data": list(posts)})
    return PLATFORM.find(step, lab.account, lab.wire, START)


@pytest.mark.parametrize("code", ["FINISHED", "ERROR", "EXPIRED"])
def test_a_container_that_was_not_published_is_no_post(lab: Lab, code: str) -> None:
    assert looked(lab, code, listed()) == Absent()


def test_what_is_still_being_made_cannot_be_told(lab: Lab) -> None:
    assert isinstance(looked(lab, "IN_PROGRESS"), CannotTell)


def test_a_published_container_is_the_post_with_its_words(lab: Lab) -> None:
    assert looked(lab, "PUBLISHED", listed("Other", "1"), listed()) == Receipt(POST, LINK)


def test_a_hashtag_that_became_the_topic_is_known_again(lab: Lab) -> None:
    sighting = looked(lab, "PUBLISHED", listed("TICT opens"), text="#TICT  opens")
    assert sighting == Receipt(POST, LINK)


@pytest.mark.parametrize("other", [listed("Other", "1"), listed(seconds=-86_400)])
def test_another_post_is_not_taken_for_ours(lab: Lab, other: Any) -> None:
    sighting = looked(lab, "PUBLISHED", other)
    assert isinstance(sighting, CannotTell)
    assert not sighting.for_good


def test_two_posts_of_the_same_words_are_for_a_person_to_judge(lab: Lab) -> None:
    sighting = looked(lab, "PUBLISHED", listed(), listed(number="1"))
    assert isinstance(sighting, CannotTell)
    assert sighting.for_good
    assert LINK in sighting.why


def test_a_reply_is_looked_for_among_replies_to_the_part_before(lab: Lab) -> None:
    step = performed(lab, a_thread(lab, "One", "Two"), "create-2")
    becoming(lab, "PUBLISHED")
    elsewhere = listed("Two", "1", replied_to={"id": "7"})
    answers(lab, "GET", "/replies", {"data": [elsewhere, listed("Two", replied_to={"id": POST})]})
    assert PLATFORM.find(step, lab.account, lab.wire, START) == Receipt(POST, LINK)


def test_what_tells_the_post_again_is_never_sent(lab: Lab) -> None:
    step = performed(lab, a_thread(lab, "One", "Two"), "create-2")
    assert step.call.url.partition("#")[2].endswith(f"/{POST}")
    targets = []
    lab.network.reaction = lambda request: (
        targets.append(request.url.raw_path) or reply(lab.network.exchanges[2])(request)
    )
    PLATFORM.perform(step, lab.account, lab.wire)
    assert targets == [f"/v1.0/{USER}/threads_publish".encode()]


def test_the_daily_quotas_are_asked_for(lab: Lab) -> None:
    assert PLATFORM.identify(lab.account, lab.wire).facts == {
        "username": "tict_uz",
        "posts_per_day": 250,
        "posts_today": 4,
        "replies_per_day": 1_000,
        "replies_today": 1,
    }


def test_a_profile_may_be_whoever_the_token_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = a_bench(PLATFORM, monkeypatch, user="me")
    assert named(planned(lab), "container-1").url == "https://graph.threads.net/v1.0/me/threads"


def test_a_post_is_taken_down(lab: Lab) -> None:
    step = performed(lab, planned(lab), "create-1")
    answers(lab, "DELETE", f"/{POST}", {"success": True, "deleted_id": POST})
    lab.sent()
    PLATFORM.delete(step, Receipt(POST), lab.account, lab.wire)
    assert [(sent.method, sent.url.rpartition("/")[2]) for sent in lab.sent()] == [("DELETE", POST)]


def test_a_post_is_counted(lab: Lab) -> None:
    step = performed(lab, planned(lab), "create-1")
    counted = [{"name": name, "values": [{"value": n}]} for n, name in enumerate(["views", "new"])]
    answers(lab, "GET", "/insights", {"data": counted})
    assert PLATFORM.metrics(step, Receipt(POST), lab.account, lab.wire) == {"views": 0}


def test_a_token_is_renewed_when_it_is_a_day_old_at_least(lab: Lab) -> None:
    login = login_of(PLATFORM, lab.account)
    assert isinstance(login, OAuth)
    assert login.refresh is not None
    short = Tokens("secret-token-of-an-hour", START, expires_at=START + timedelta(hours=1))
    long = Tokens("secret-token-of-60-days", START, expires_at=START + timedelta(days=60))
    assert login.refresh.due(short) == START + timedelta(hours=24)
    assert login.refresh.due(long) == START + timedelta(days=40)
