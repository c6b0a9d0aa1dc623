"""Matrix: the same event however often it is sent, HTML beside plain text, threads, redactions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from karnay.errors import AccountError, NotSent, RateLimited, Transient
from karnay.platforms.base import Absent, CannotTell, Effect, Exchange, Receipt
from karnay.platforms.matrix import PLATFORM, SAMPLE, Details
from karnay.platforms.registry import platforms
from karnay.testing.clock import START
from karnay.testing.lab import Lab, everything
from karnay.testing.network import reply
from karnay.text import matrix
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from karnay.platforms.base import Sighting, Step

ROOM, SERVER = SAMPLE.account["room"], SAMPLE.account["server"]
PLACE = f"{SERVER}/_matrix/client/v3/rooms/%21jEsUZKDJdhlrceRyVU%3Amatrix.example"
EVENT = "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg"
ME = "@tict:matrix.example"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


def ready(lab: Lab, *texts: str, **options: Any) -> list[Step]:
    steps = lab.publish(lab.plan(lab.variant(*map(RichText, texts), options=options)))
    lab.sent()
    return steps


def event(said: str, at: datetime = START, **more: Any) -> dict[str, Any]:
    made = round(at.timestamp() * 1000)
    common = {"event_id": "$found", "sender": ME, "type": "m.room.message"}
    content = {"msgtype": "m.text", "body": said}
    return {**common, "origin_server_ts": made, "content": content, **more}


def found(lab: Lab, step: Step, *events: Any, end: str | None = None) -> Sighting:
    page = {"chunk": list(events), **({"end": end} if end else {})}
    others = (one for one in SAMPLE.network if one.path != "/messages")
    lab.network.exchanges = (Exchange("GET", "/messages", 200, page), *others)
    return PLATFORM.find(step, lab.account, lab.wire, START)


def test_matrix_is_found_by_its_module_alone() -> None:
    assert platforms()["matrix"] is PLATFORM


def test_the_transaction_is_the_steps_own_key(lab: Lab) -> None:
    (step,) = lab.plan(lab.variant(RichText("x")))
    assert step.effect is Effect.KEYED
    assert step.call.url == f"{PLACE}/send/m.room.message/{step.key}"


def test_a_plain_text_is_said_once(lab: Lab) -> None:
    (step,) = lab.plan(lab.variant(RichText("a < b")))
    assert step.call.body == {"msgtype": "m.text", "body": "a < b"}


def test_a_formatted_text_is_said_in_html_too(lab: Lab) -> None:
    text = RichText("a < b\nc", (Span(0, 1, Kind.BOLD),))
    (step,) = lab.plan(lab.variant(text))
    assert step.call.body == {
        "msgtype": "m.text",
        "body": "a < b\nc",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong>a</strong> &lt; b<br>c",
    }


def test_a_bot_can_say_that_it_is_one(lab: Lab) -> None:
    (step,) = ready(lab, "x", notice=True)
    assert step.call.body["msgtype"] == "m.notice"


def test_later_parts_are_a_thread_below_the_first(lab: Lab) -> None:
    first, _, third = lab.plan(lab.variant(*map(RichText, ("one", "two", "three"))))
    assert "m.relates_to" not in first.call.body
    filled = third.filled({"create-1": Receipt("$1"), "create-2": Receipt("$2")})
    assert filled.call.body["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$1",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$2"},
    }


def test_each_file_is_an_event_of_its_own_after_the_words(lab: Lab) -> None:
    assets = lab.assets("pictures")
    steps = lab.plan(lab.variant(RichText("one"), RichText("two"), media=assets))
    uploads, files = ([f"{what}-{n}" for n in (1, 2, 3)] for what in ("upload", "file"))
    assert [step.name for step in steps] == [*uploads, "create-1", *files, "create-2"]


def test_a_file_says_what_it_shows_and_what_it_is(lab: Lab) -> None:
    (asset, *_) = lab.assets("pictures")
    *_, step = lab.publish(lab.plan(lab.variant(RichText("x"), media=[asset])))
    assert step.call.body == {
        "msgtype": "m.image",
        "body": asset.alt,
        "filename": asset.name,
        "info": {"mimetype": asset.mime, "size": asset.size, "w": 1200, "h": 900},
        "url": "mxc://matrix.example/AQwafuaFswefuhsf",
    }


def test_a_decorative_picture_bears_its_name(lab: Lab) -> None:
    (asset, *_) = lab.assets("pictures")
    *_, step = lab.plan(lab.variant(RichText("x"), media=[replace(asset, alt="")]))
    assert step.call.body["body"] == asset.name


@pytest.mark.parametrize(("kind", "named"), [("film", "m.video"), ("document", "m.file")])
def test_other_files_are_named_for_what_they_are(lab: Lab, kind: str, named: str) -> None:
    *_, step = lab.plan(lab.variant(RichText("x"), media=lab.assets(kind)))
    assert step.call.body["msgtype"] == named


def test_the_link_names_room_and_event(lab: Lab) -> None:
    receipt = PLATFORM.perform(lab.ready("create-1"), lab.account, lab.wire)
    assert receipt.link == f"https://matrix.to/#/{ROOM}/{EVENT}"


def test_formatting_counts_twice() -> None:
    plain, bold = RichText("шаҳар"), RichText("шаҳар", (Span(0, 5, Kind.BOLD),))
    assert matrix.measure(plain) == 10
    assert matrix.measure(bold) == 10 + len("<strong>шаҳар</strong>".encode())


@pytest.mark.parametrize("text", [RichText('a"b\\c\n'), RichText("ж", (Span(0, 1, Kind.CODE),))])
def test_the_weights_add_up(text: RichText) -> None:
    assert sum(matrix.measure.weights(text)) == matrix.measure(text)


def test_no_text_weighs_less_than_it_takes() -> None:
    assert sum(matrix.measure.weights(everything())) >= matrix.measure(everything())


def test_the_servers_own_limit_to_files_is_heeded(lab: Lab) -> None:
    facts = PLATFORM.identify(lab.account, lab.wire).facts
    videos = PLATFORM.limits(lab.told(facts)).media.videos
    assert videos is not None
    assert videos.max_bytes == 50_000_000


def test_an_account_outside_the_room_is_told_so(lab: Lab) -> None:
    lab.network.exchanges = (
        Exchange("GET", "/joined_rooms", 200, {"joined_rooms": []}),
        *SAMPLE.network[1:2],
    )
    with pytest.raises(AccountError, match="is not in !jEsUZKDJ"):
        PLATFORM.identify(lab.account, lab.wire)


@pytest.mark.parametrize("room", ["#tict:matrix.example", "tict", "!a/b", ""])
def test_a_room_is_named_by_its_id(room: str) -> None:
    with pytest.raises(ValidationError):
        Details.model_validate({**SAMPLE.account, "room": room})


def test_the_wait_is_told_in_milliseconds(lab: Lab) -> None:
    said = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too many requests", "retry_after_ms": 90_500}
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 429, said)))
    assert isinstance(error, RateLimited)
    assert error.until == START + timedelta(seconds=90.5)


def test_a_lost_answer_asks_for_the_same_once_more(lab: Lab) -> None:
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 502, {})))
    assert isinstance(error, Transient)
    assert not isinstance(error, NotSent)


def test_an_edit_replaces_what_the_event_says(lab: Lab) -> None:
    step = ready(lab, "one", "new")[1]
    receipt = Receipt("$old", "https://matrix.to/#/x")
    assert PLATFORM.edit(step, receipt, lab.account, lab.wire) == receipt
    (sent,) = lab.sent()
    assert sent.json == {
        "msgtype": "m.text",
        "body": "* new",
        "m.new_content": {"msgtype": "m.text", "body": "new"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$old"},
    }


def test_an_edit_is_one_transaction_however_often_it_is_sent(lab: Lab) -> None:
    (one, other), receipt = (ready(lab, "one", "other"), Receipt("$old"))
    for step in (one, one, other):
        PLATFORM.edit(step, receipt, lab.account, lab.wire)
    first, second, third = (sent.url for sent in lab.sent())
    assert first == second != third


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, {"event_id": "$redaction"}), (404, {"errcode": "M_NOT_FOUND", "error": "Not found"})],
)
def test_an_event_is_redacted_or_gone_already(lab: Lab, status: int, said: Any) -> None:
    (step,) = ready(lab, "x")
    lab.network.reaction = reply(Exchange("", "", status, said))
    PLATFORM.delete(step, Receipt("$old"), lab.account, lab.wire)
    (sent,) = lab.sent()
    assert sent.url.startswith(f"{PLACE}/redact/%24old/")
    assert (sent.method, sent.json) == ("PUT", {})


def test_what_our_user_said_is_found(lab: Lab) -> None:
    (step,) = ready(lab, "hello")
    sighting = found(lab, step, event("other"), event("hello"))
    assert sighting == Receipt("$found", f"https://matrix.to/#/{ROOM}/$found")


@pytest.mark.parametrize(
    "other",
    [
        event("hello", sender="@somebody:matrix.example"),
        event("hello", START - timedelta(hours=1)),
        event("hello", type="m.sticker"),
        event("hallo"),
    ],
)
def test_what_is_not_ours_is_not_taken_for_it(lab: Lab, other: Any) -> None:
    (step,) = ready(lab, "hello")
    assert found(lab, step, other) == Absent()


def test_a_reply_is_found_below_what_it_answers(lab: Lab) -> None:
    _, step = ready(lab, "one", "two")
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": EVENT}}}
    content = {"msgtype": "m.text", "body": "two", **relation}
    assert found(lab, step, event("two")) == Absent()
    assert isinstance(found(lab, step, event("two", content=content)), Receipt)


def test_a_busy_room_is_not_read_for_ever(lab: Lab) -> None:
    (step,) = ready(lab, "hello")
    assert isinstance(found(lab, step, event("other"), end="t47409"), CannotTell)
    assert [sent.url.partition("&from=")[2] for sent in lab.sent()][2:] == ["t47409"] * 4


def test_a_redacted_event_may_have_been_it(lab: Lab) -> None:
    (step,) = ready(lab, "hello")
    assert isinstance(found(lab, step, event("", content={})), CannotTell)
