"""VK: errors that come with success, pictures in three steps, a wall that is read newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import ValidationError

from karnay.errors import AccountError, RateLimited, Rejected, Transient
from karnay.platforms.base import Absent, CannotTell, Exchange, Receipt
from karnay.platforms.registry import platforms
from karnay.platforms.vk import PLATFORM, SAMPLE, Details
from karnay.testing.clock import START
from karnay.testing.lab import KEY, Lab
from karnay.testing.network import Sent, reply
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.media.asset import Asset
    from karnay.platforms.base import Sighting, Step

OWNER = -22822305
RECEIPT = Receipt("214")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


def last(lab: Lab, text: str, media: Sequence[Asset] = (), **options: Any) -> Step:
    plan = lab.plan(lab.variant(RichText(text), media=media, options=options))
    step = lab.publish(plan)[-1]
    lab.sent()
    return step


def fields(lab: Lab, text: str, media: Sequence[Asset] = (), **options: Any) -> dict[str, Any]:
    return dict(last(lab, text, media, **options).call.fields)


def form(sent: Sent) -> dict[str, str]:
    return dict(parse_qsl(sent.content.decode(), keep_blank_values=True))


def method(sent: Sent) -> str:
    return urlsplit(sent.url).path.rpartition("/")[2]


def answers(lab: Lab, **answers: Any) -> None:
    """The methods of `wall` answer so, by their names."""
    lab.network.exchanges = [
        Exchange("GET" if name == "get" else "POST", f"/method/wall.{name}", 200, answer)
        for name, answer in answers.items()
    ]


def refused(code: int, said: str = "no") -> dict[str, Any]:
    return {"error": {"error_code": code, "error_msg": said, "request_params": []}}


def wall(*posts: dict[str, Any]) -> dict[str, Any]:
    return {"response": {"count": len(posts), "items": list(posts)}}


def post(number: int = 214, text: str = "hello", **more: Any) -> dict[str, Any]:
    at = round(START.timestamp())
    return {"id": number, "owner_id": OWNER, "from_id": OWNER, "date": at, "text": text, **more}


def found(lab: Lab, *posts: dict[str, Any]) -> Sighting:
    step = last(lab, "hello")
    answers(lab, get=wall(*posts))
    return PLATFORM.find(step, lab.account, lab.wire, START)


def test_vk_is_found_by_its_module_alone() -> None:
    assert platforms()["vk"] is PLATFORM


def test_a_community_posts_in_its_own_name(lab: Lab) -> None:
    assert fields(lab, "hello") == {
        "owner_id": str(OWNER),
        "from_group": "1",
        "message": "hello",
        "guid": KEY.step("create-1"),
    }


def test_a_person_posts_on_their_own_wall(lab: Lab) -> None:
    table = Details.model_validate({"owner": 42, "token": "env:VK_TOKEN"})
    lab.account = replace(lab.account, details=table)
    told = fields(lab, "hello", lab.assets("pictures")[:1])
    assert told["owner_id"] == "42"
    assert "from_group" not in told
    assert "group_id" not in lab.plan()[0].call.fields


@pytest.mark.parametrize("owner", ["0", "-", "club1", "", "--1"])
def test_a_wall_is_named_by_a_number(owner: str) -> None:
    with pytest.raises(ValidationError):
        Details.model_validate({"owner": owner, "token": "env:VK_TOKEN"})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"signed": True}, {"signed": "1"}),
        ({"close_comments": True}, {"close_comments": "1"}),
        ({"mute_notifications": True}, {"mute_notifications": "1"}),
        ({"mark_as_ads": True}, {"mark_as_ads": "1"}),
        ({"copyright": "https://e.org"}, {"copyright": "https://e.org"}),
    ],
)
def test_an_option_is_a_field(lab: Lab, options: dict[str, Any], told: dict[str, str]) -> None:
    assert told.items() <= fields(lab, "x", **options).items()


def test_the_first_whole_address_is_attached(lab: Lab) -> None:
    told = fields(lab, "See kun.uz, https://e.org/a and https://e.org/b")
    assert told["attachments"] == "https://e.org/a"


def test_no_address_need_be_attached(lab: Lab) -> None:
    assert "attachments" not in fields(lab, "https://e.org", link_preview=False)


def test_pictures_are_attached_in_their_order(lab: Lab) -> None:
    told = fields(lab, "https://e.org", lab.assets("pictures"))
    assert told["attachments"] == (
        "photo-22822305_457239017,photo-22822305_457239018,photo-22822305_457239019"
    )


def test_a_picture_is_uploaded_where_vk_says_and_then_saved(lab: Lab) -> None:
    plan = lab.plan(lab.variant(RichText("x"), media=lab.assets("pictures")[:2]))
    server, upload, save, *_ = lab.publish(plan)
    names = ["server-1", "upload-1", "save-1", "upload-2", "save-2", "create-1"]
    assert [step.name for step in plan] == names
    assert server.call.fields == {"group_id": "22822305"}
    assert upload.call.url == "https://pu.vk.example/c1/upload.php?act=do_add&mid=1"
    assert save.call.fields == {
        "group_id": "22822305",
        "server": "626627",
        "photo": '[{"photo":"a1"}]',
        "hash": "5",
    }


def test_the_token_is_kept_from_the_upload_server(lab: Lab) -> None:
    lab.publish(lab.plan())
    uploads = [sent for sent in lab.sent() if sent.url.startswith("https://pu.vk.example")]
    token = SAMPLE.secrets["VK_TOKEN"]
    assert len(uploads) == 3
    assert not [sent for sent in uploads if token in f"{sent.url}{sent.headers}"]


@pytest.mark.parametrize(("append_alt", "told"), [(True, True), (False, False)])
def test_what_pictures_show_is_told_in_the_text_where_that_is_asked_for(
    lab: Lab, append_alt: bool, told: bool
) -> None:
    limits = PLATFORM.limits(lab.account, media=True, options={"append_alt": append_alt})
    assert limits.alt_in_text is told
    assert limits.media.alt == 0


def test_a_long_text_is_doubted() -> None:
    limits = PLATFORM.limits(Lab(PLATFORM).account)
    assert limits.warnings(RichText("a" * 2048)) == ()
    (doubt,) = limits.warnings(RichText("a" * 2049))
    assert "2,049" in doubt


def test_the_link_is_of_the_wall(lab: Lab) -> None:
    receipt = PLATFORM.perform(last(lab, "x"), lab.account, lab.wire)
    assert receipt == Receipt("214", "https://vk.com/wall-22822305_214")


@pytest.mark.parametrize(("code", "seconds"), [(6, 2), (9, 3600), (29, 3600)])
def test_the_wait_depends_on_what_there_was_too_much_of(lab: Lab, code: int, seconds: int) -> None:
    error = lab.failure(last(lab, "x"), reply(Exchange("", "", 200, refused(code))))
    assert isinstance(error, RateLimited)
    assert error.until == START + timedelta(seconds=seconds)


def test_an_error_of_theirs_may_be_repeated_where_nobody_sees_it(lab: Lab) -> None:
    (step, *_) = lab.plan()
    error = lab.failure(step, reply(Exchange("", "", 200, refused(10))))
    assert isinstance(error, Transient)


def test_an_error_tells_its_number(lab: Lab) -> None:
    error = lab.failure(last(lab, "x"), reply(Exchange("", "", 200, refused(222, "No links"))))
    assert str(error) == "No links (code 222)"


def test_an_error_counts_with_another_status_too(lab: Lab) -> None:
    error = lab.failure(last(lab, "x"), reply(Exchange("", "", 400, refused(5, "expired"))))
    assert isinstance(error, AccountError)


def test_our_post_is_found_below_a_pinned_one(lab: Lab) -> None:
    old = round((START - timedelta(days=90)).timestamp())
    assert found(lab, post(7, date=old, is_pinned=1), post()) == Receipt(
        "214", "https://vk.com/wall-22822305_214"
    )


@pytest.mark.parametrize(
    "other",
    [
        post(text="hallo"),
        post(from_id=42),
        post(date=round((START - timedelta(hours=1)).timestamp())),
    ],
)
def test_what_is_not_ours_is_not_taken_for_it(lab: Lab, other: dict[str, Any]) -> None:
    assert found(lab, other) == Absent()


def test_a_busy_wall_is_not_read_for_ever(lab: Lab) -> None:
    sighting = found(lab, *(post(number, "other") for number in range(400, 300, -1)))
    assert isinstance(sighting, CannotTell)
    assert len(lab.sent()) == 1


def test_an_edit_keeps_what_is_attached(lab: Lab) -> None:
    step = last(lab, "new", lab.assets("pictures")[:1], signed=True, mute_notifications=True)
    answers(lab, edit={"response": {"post_id": 214}})
    assert PLATFORM.edit(step, RECEIPT, lab.account, lab.wire) == RECEIPT
    (sent,) = lab.sent()
    assert form(sent) == {
        "owner_id": str(OWNER),
        "post_id": "214",
        "message": "new",
        "attachments": "photo-22822305_457239017",
        "signed": "1",
    }


def test_a_post_is_taken_down(lab: Lab) -> None:
    step = last(lab, "x")
    answers(lab, delete={"response": 1})
    PLATFORM.delete(step, RECEIPT, lab.account, lab.wire)
    assert [(method(sent), form(sent)) for sent in lab.sent()] == [
        ("wall.delete", {"owner_id": str(OWNER), "post_id": "214"})
    ]


@pytest.mark.parametrize(
    "posts",
    [(), (post(213),), tuple(post(number) for number in range(300, 200, -1) if number != 214)],
    ids=["an empty wall", "a short wall", "a long wall"],
)
def test_a_post_that_is_gone_already_is_no_error(
    lab: Lab, posts: tuple[dict[str, Any], ...]
) -> None:
    step = last(lab, "x")
    answers(lab, delete=refused(15, "Access denied"), get=wall(*posts))
    PLATFORM.delete(step, RECEIPT, lab.account, lab.wire)
    assert [method(sent) for sent in lab.sent()] == ["wall.delete", "wall.get"]


@pytest.mark.parametrize(
    "posts",
    [(post(),), (post(is_pinned=1),), tuple(post(number) for number in range(400, 300, -1))],
    ids=["still there", "pinned", "older than what is listed"],
)
def test_a_post_that_vk_lets_stand_is_told(lab: Lab, posts: tuple[dict[str, Any], ...]) -> None:
    step = last(lab, "x")
    answers(lab, delete=refused(100, "One of the parameters was invalid"), get=wall(*posts))
    with pytest.raises(Rejected, match="invalid"):
        PLATFORM.delete(step, RECEIPT, lab.account, lab.wire)


def test_a_post_is_counted(lab: Lab) -> None:
    counts = {"likes": {"count": 5}, "views": {"count": 90}, "comments": {"count": 0}}
    step = last(lab, "x")
    answers(lab, get=wall(post(215), post(**counts)))
    told = PLATFORM.metrics(step, RECEIPT, lab.account, lab.wire)
    assert told == {"likes": 5, "views": 90, "replies": 0}


def test_of_an_old_post_nothing_is_counted(lab: Lab) -> None:
    step = last(lab, "x")
    answers(lab, get=wall(post(215)))
    assert PLATFORM.metrics(step, RECEIPT, lab.account, lab.wire) == {}
