"""A second bot in the channel: what it hears is proof, what it does not hear is none."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from karnay.accounts import Account
from karnay.errors import OutcomeUnknown, RateLimited, Transient
from karnay.platforms.base import Absent, CannotTell, Receipt
from karnay.platforms.telegram import PLATFORM, SAMPLE, Details
from karnay.platforms.wire import Wire
from karnay.sandbox.telegram.api import TOKEN, WITNESS_TOKEN
from karnay.testing.clock import START, FixedClock
from karnay.testing.lab import Lab
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.sandbox.server import Sandbox

PRIVATE = -1001234567890
NOW = int(START.timestamp())
HEARD = Receipt("4", "https://t.me/c/1234567890/4", {"chat": str(PRIVATE)})
SECRET = "110201544:AAH-the-witness-of-the-test"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WITNESS", SECRET)
    lab = Lab(PLATFORM)
    lab.account = an_account(PRIVATE)
    return lab


def an_account(chat: object, **details: str) -> Account:
    table = {"token": "env:TELEGRAM_TOKEN", "witness_token": "env:WITNESS", **details}
    return Account("sample", "telegram", "en", Details.model_validate({"chat": chat, **table}))


def a_post(number: int = 4, text: str = "Open day", **changes: Any) -> dict[str, Any]:
    chat = {"id": PRIVATE, "title": "Staff", "type": "channel"}
    return {"message_id": number, "date": NOW + 1, "chat": chat, "text": text, **changes}


def hears(lab: Lab, *batches: list[dict[str, Any]]) -> None:
    """One answer after the other, the last for ever."""
    left = [
        [{"update_id": 70 + place, "channel_post": post} for place, post in enumerate(batch)]
        for batch in batches
    ]

    def react(_request: httpx.Request) -> httpx.Response:
        updates = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(200, json={"ok": True, "result": updates})

    lab.network.reaction = react


def look(lab: Lab, *texts: str) -> object:
    *before, last = lab.plan(lab.variant(*(RichText(text) for text in texts or ("Open day",))))
    filled = last.filled({step.name: Receipt("2") for step in before})
    return PLATFORM.find(filled, lab.account, lab.wire, START)


def queries(lab: Lab) -> list[dict[str, str]]:
    return [dict(httpx.URL(sent.url).params) for sent in lab.sent()]


def test_what_is_heard_was_published(lab: Lab) -> None:
    hears(lab, [a_post(3, "Other"), a_post()])
    assert look(lab) == HEARD


def test_a_part_is_known_by_what_it_replies_to(lab: Lab) -> None:
    hears(
        lab,
        [
            a_post(3, "two", reply_to_message={"message_id": 1}),
            a_post(4, "two", reply_to_message={"message_id": 2}),
        ],
    )
    assert look(lab, "one", "two") == HEARD


@pytest.mark.parametrize(
    "post",
    [
        a_post(text="Something else"),
        a_post(date=NOW - 3600),
        a_post(chat={"id": -1009999999999, "type": "channel"}),
        {name: value for name, value in a_post().items() if name != "text"},
    ],
    ids=["text", "time", "channel", "photo"],
)
def test_silence_proves_nothing(lab: Lab, post: dict[str, Any]) -> None:
    hears(lab, [post])
    sighting = look(lab)
    assert isinstance(sighting, CannotTell)
    assert not sighting.for_good
    assert "proves nothing" in sighting.why


def test_only_channel_posts_are_asked_for_and_nothing_is_confirmed(lab: Lab) -> None:
    hears(lab, [a_post()])
    look(lab)
    (query,) = queries(lab)
    assert json.loads(query["allowed_updates"]) == ["channel_post"]
    assert "offset" not in query


def test_a_full_answer_of_old_updates_is_confirmed_to_hear_the_rest(lab: Lab) -> None:
    old = [a_post(number, date=NOW - 7200) for number in range(100)]
    hears(lab, old, [a_post()])
    assert look(lab) == HEARD
    assert [query.get("offset") for query in queries(lab)] == [None, "170"]


def test_a_full_answer_of_recent_updates_is_not_confirmed(lab: Lab) -> None:
    hears(lab, [a_post(number, "Other", date=NOW - 60) for number in range(100)])
    assert isinstance(look(lab), CannotTell)
    assert len(lab.sent()) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (409, "Conflict: can't use getUpdates method while webhook is active"),
        (409, "Conflict: terminated by other getUpdates request"),
        (401, "Unauthorized"),
        (404, "Not Found"),
        (400, "Bad Request: something"),
    ],
)
def test_a_witness_that_cannot_be_asked_pauses_nobody(lab: Lab, status: int, said: str) -> None:
    body = {"ok": False, "error_code": status, "description": said}
    lab.network.reaction = lambda _request: httpx.Response(status, json=body)
    sighting = look(lab)
    assert isinstance(sighting, CannotTell)
    assert not sighting.for_good
    assert said in sighting.why


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (502, Transient)])
def test_a_witness_that_fails_for_now_is_asked_again(
    lab: Lab, status: int, error: type[Exception]
) -> None:
    lab.network.reaction = lambda _request: httpx.Response(status, json={})
    with pytest.raises(error):
        look(lab)


def test_a_missing_token_of_the_witness_pauses_nobody(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WITNESS")
    sighting = look(lab)
    assert isinstance(sighting, CannotTell)
    assert not sighting.for_good
    assert "WITNESS" in sighting.why


def test_the_witness_token_is_told_nobody(lab: Lab) -> None:
    lab.network.reaction = lambda request: httpx.Response(400, text=str(request.url))
    assert SECRET not in str(look(lab))
    assert SECRET not in repr(lab.account)


def test_a_witness_may_have_seen_what_the_page_does_not_show(lab: Lab) -> None:
    lab.account = an_account("@tict_uz")
    shown = lab.network._answer  # the page of the sample, which does not show it
    chat = {"id": PRIVATE, "username": "TICT_uz", "type": "channel"}
    hears(lab, [a_post(chat=chat)])
    heard = lab.network.reaction
    assert heard
    lab.network.reaction = lambda asked: (shown if "/s/" in asked.url.path else heard)(asked)
    assert look(lab) == Receipt("4", "https://t.me/TICT_uz/4", {"chat": str(PRIVATE)})


def test_what_the_page_proves_needs_no_witness(lab: Lab) -> None:
    lab.account = an_account("@tict_uz")
    shown = lab.network._answer
    hears(lab, [])
    silent = lab.network.reaction
    assert silent
    lab.network.reaction = lambda asked: (shown if "/s/" in asked.url.path else silent)(asked)
    assert look(lab) == Absent()


@pytest.fixture
def sandboxed(lab: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("WITNESS", WITNESS_TOKEN)
    clock = FixedClock(sandbox.world.clock.now() - timedelta(seconds=1))
    lab.account = an_account(PRIVATE, api=f"{sandbox.url}/telegram")
    lab.wire = Wire(clock)
    yield lab
    lab.wire.close()


def test_the_sandboxs_second_bot_hears_a_lost_post_in_a_private_channel(
    sandboxed: Lab, sandbox: Sandbox
) -> None:
    (step,) = sandboxed.plan(sandboxed.variant(RichText("For staff")))
    began = sandbox.world.clock.now()
    sandbox.fault("telegram", "drop")
    with pytest.raises(OutcomeUnknown):
        PLATFORM.perform(step, sandboxed.account, sandboxed.wire)
    (post,) = sandbox.published("telegram")
    found = PLATFORM.find(step, sandboxed.account, sandboxed.wire, began)
    assert found == Receipt(post.id, post.link, {"chat": str(PRIVATE)})
    assert httpx.get(post.link, trust_env=False).status_code == 200


def test_the_sandboxs_second_bot_proves_no_absence(sandboxed: Lab, sandbox: Sandbox) -> None:
    (step,) = sandboxed.plan(sandboxed.variant(RichText("For staff")))
    began = sandbox.world.clock.now()
    assert isinstance(PLATFORM.find(step, sandboxed.account, sandboxed.wire, began), CannotTell)
