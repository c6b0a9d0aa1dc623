"""Telegram: entities in UTF-16, threads by number, links, and what the Bot API refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected
from karnay.platforms.base import CannotTell, Exchange, Receipt
from karnay.platforms.telegram import PLATFORM, SAMPLE, Details, Options
from karnay.platforms.telegram_messages import ENTITIES, entities
from karnay.platforms.wire import Wire
from karnay.sandbox.accounts import tables
from karnay.sandbox.telegram.api import TOKEN
from karnay.testing.clock import START
from karnay.testing.lab import COMMON, Lab, everything
from karnay.testing.network import reply
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.platforms.base import Sighting, Step
    from karnay.sandbox.server import Sandbox

CONTRACT = Path(__file__).resolve().parents[3] / "shared/contracts/telegram-bot-api.json"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


THREE = (everything(), RichText("The second part."), RichText("The third part."))


def found(lab: Lab, step: Step) -> Sighting:
    return PLATFORM.find(step, lab.account, lab.wire, datetime.now(UTC) - timedelta(minutes=1))


@pytest.fixture
def sandboxed(lab: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SANDBOX_TOKEN", TOKEN)
    table = {**tables(sandbox.url)["telegram"], "token": "env:SANDBOX_TOKEN"}
    own = {name: value for name, value in table.items() if name not in COMMON}
    lab.account = Account("telegram", "telegram", "en", Details.model_validate(own))
    lab.wire = Wire(SystemClock(), files=lab.shelf)
    yield lab
    lab.wire.close()


def bodies(lab: Lab, *texts: RichText, **options: Any) -> list[dict[str, Any]]:
    plan = lab.plan(lab.variant(*texts, options=options))
    return [json.loads(step.call.content()) for step in plan]


def answering(lab: Lab, **message: Any) -> Receipt:
    lab.network.reaction = reply(Exchange("", "", 200, {"ok": True, "result": message}))
    (step,) = lab.plan(lab.variant(RichText("x")))
    return PLATFORM.perform(step, lab.account, lab.wire)


@st.composite
def formatted(draw: st.DrawFn) -> RichText:
    text = draw(st.text(st.sampled_from("aж😀\u0301\u200d👩\n "), min_size=1, max_size=40))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    drawn = draw(st.lists(st.tuples(ends, st.sampled_from(list(Kind))), max_size=6))
    spans = (Span(start, end, kind, "https://e.org") for (start, end), kind in drawn)
    return RichText(text, tuple(spans))


@given(formatted())
def test_an_entity_covers_the_text_of_its_span(text: RichText) -> None:
    units = text.text.encode("utf-16-le")
    told = [
        units[2 * it["offset"] : 2 * (it["offset"] + it["length"])].decode("utf-16-le")
        for it in entities(text)
    ]
    spans = [span for span in text.spans if span.kind in ENTITIES and span.start < span.end]
    assert sorted(told) == sorted(text.text[span.start : span.end] for span in spans)


def test_outer_entities_come_first() -> None:
    spans = (Span(0, 1, Kind.ITALIC), Span(0, 5, Kind.BOLD))
    assert [it["type"] for it in entities(RichText("words", spans))] == ["bold", "italic"]


def test_code_says_its_language() -> None:
    (told,) = entities(RichText("x = 1", (Span(0, 5, Kind.PRE, "python"),)))
    assert told == {"type": "pre", "offset": 0, "length": 5, "language": "python"}


def test_a_bare_link_is_left_to_telegram() -> None:
    text = "https://example.org"
    assert entities(RichText(text, (Span(0, len(text), Kind.LINK, text),))) == []


def test_a_text_without_formatting_has_no_entities(lab: Lab) -> None:
    assert bodies(lab, RichText("plain")) == [{"chat_id": "@tict_uz", "text": "plain"}]


def test_a_later_part_replies_by_number(lab: Lab) -> None:
    steps = lab.publish(lab.plan(lab.variant(RichText("one"), RichText("two"))))
    asked = {"message_id": 57, "allow_sending_without_reply": True}
    assert steps[1].call.body["reply_parameters"] == asked


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"silent": True}, {"disable_notification": True}),
        ({"protect": True}, {"protect_content": True}),
        ({"topic": 7}, {"message_thread_id": 7}),
        ({"link_preview": "large"}, {"link_preview_options": {"prefer_large_media": True}}),
        ({"link_preview": "small"}, {"link_preview_options": {"prefer_small_media": True}}),
        ({"link_preview": "off"}, {"link_preview_options": {"is_disabled": True}}),
    ],
)
def test_an_option_is_a_field_of_every_message(
    lab: Lab, options: dict[str, Any], fields: dict[str, Any]
) -> None:
    first, second = bodies(lab, RichText("one"), RichText("two"), **options)
    assert fields.items() <= first.items()
    assert fields.items() <= second.items()


def test_options_not_asked_for_are_left_out() -> None:
    assert Options().fields() == {}


@pytest.mark.parametrize(
    ("chat", "link"),
    [
        ({"id": -1001234567890, "username": "tict_uz"}, "https://t.me/tict_uz/57"),
        ({"id": -1001234567890}, "https://t.me/c/1234567890/57"),
        ({"id": -987654}, ""),
        ({}, ""),
        ("odd", ""),
        (None, ""),
    ],
)
def test_a_receipt_links_to_the_message_where_it_can(lab: Lab, chat: object, link: str) -> None:
    assert answering(lab, message_id=57, chat=chat).link == link


def test_a_bot_api_server_of_ones_own_publishes_on_telegram(lab: Lab) -> None:
    details = {"chat": "@tict_uz", "token": "env:TELEGRAM_TOKEN", "api": "https://bots.example.org"}
    lab.account = replace(lab.account, details=Details.model_validate(details))
    chat = {"id": -1001234567890, "username": "tict_uz"}
    assert answering(lab, message_id=57, chat=chat).link == "https://t.me/tict_uz/57"


@pytest.mark.parametrize("number", [0, -1, "57", None, 5.5])
def test_a_message_without_a_number_is_unknown(lab: Lab, number: object) -> None:
    with pytest.raises(OutcomeUnknown):
        answering(lab, message_id=number, chat={"id": 1})


def test_a_moved_chat_names_its_new_number(lab: Lab) -> None:
    (refusal,) = (no for no in SAMPLE.refusals if "supergroup" in str(no.body))
    error = lab.failure(lab.ready("create-1"), reply(refusal))
    assert 'set chat = "-1009876543210"' in str(error)


def test_too_many_requests_tells_the_wait_in_its_body(lab: Lab) -> None:
    (refusal,) = (no for no in SAMPLE.refusals if no.status == 429)
    error = lab.failure(lab.ready_text(), reply(refusal))
    assert isinstance(error, RateLimited)
    assert (error.until - lab.clock.now()).total_seconds() == 35


def test_where_nothing_can_look_a_person_is_told_where(lab: Lab) -> None:
    details = {"chat": -1001234567890, "token": "env:TELEGRAM_TOKEN"}
    lab.account = replace(lab.account, details=Details.model_validate(details))
    sighting = PLATFORM.find(lab.ready("create-1"), lab.account, lab.wire, START)
    assert sighting == CannotTell(
        "Telegram lets no bot read back what it posted: look into -1001234567890", for_good=True
    )


def membership(lab: Lab, kind: str, member: dict[str, Any]) -> None:
    answers = {
        "/getMe": {"id": 7, "username": "tict_bot"},
        "/getChat": {"id": -1001234567890, "title": "TICT", "type": kind},
        "/getChatMember": member,
    }
    lab.network.exchanges = [
        Exchange("GET", path, 200, {"ok": True, "result": result})
        for path, result in answers.items()
    ]


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("channel", {"status": "creator"}),
        ("channel", {"status": "administrator", "can_post_messages": True}),
        ("supergroup", {"status": "administrator"}),
        ("supergroup", {"status": "member"}),
        ("supergroup", {"status": "restricted", "can_send_messages": True}),
    ],
)
def test_a_bot_that_may_post_is_identified(lab: Lab, kind: str, member: dict[str, Any]) -> None:
    membership(lab, kind, member)
    assert PLATFORM.identify(lab.account, lab.wire).name == "TICT"


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("channel", {"status": "administrator"}),
        ("channel", {"status": "member"}),
        ("supergroup", {"status": "restricted", "can_send_messages": False}),
        ("supergroup", {"status": "left"}),
        ("supergroup", {"status": "kicked"}),
    ],
)
def test_a_bot_that_may_not_post_is_told_what_to_ask_for(
    lab: Lab, kind: str, member: dict[str, Any]
) -> None:
    membership(lab, kind, member)
    with pytest.raises(AccountError, match="@tict_bot may not post in @tict_uz: make it an admin"):
        PLATFORM.identify(lab.account, lab.wire)


@pytest.mark.parametrize(
    ("chat", "chat_id"),
    [
        ("@tict_uz", "@tict_uz"),
        ("-1001234567890", -1001234567890),
        (-1001234567890, -1001234567890),
        (12345, 12345),
    ],
)
def test_a_chat_is_a_name_or_a_number(chat: object, chat_id: object) -> None:
    assert Details.model_validate({"chat": chat, "token": "env:T"}).chat_id == chat_id


@pytest.mark.parametrize("chat", ["tict_uz", "https://t.me/tict_uz", "@", "@1tict", "", "@тикт_уз"])
def test_another_chat_is_refused_with_the_form(chat: str) -> None:
    with pytest.raises(ValidationError, match="a chat is @its_name"):
        Details.model_validate({"chat": chat, "token": "env:T"})


@pytest.mark.parametrize(("media", "limit"), [(False, 4096), (True, 1024)])
def test_a_caption_is_shorter_than_a_text(lab: Lab, media: bool, limit: int) -> None:
    assert PLATFORM.limits(lab.account, media=media).limit == limit


def test_telegram_counts_code_points(lab: Lab) -> None:
    assert PLATFORM.limits(lab.account).fits(RichText("😀" * 4096))


def test_the_bot_api_knows_every_field_that_is_sent(lab: Lab) -> None:
    if not CONTRACT.exists():
        pytest.skip(f"the Bot API's own description is not there: {CONTRACT}")
    methods = json.loads(CONTRACT.read_text(encoding="utf-8"))["methods"]
    known = {field["name"] for field in methods["sendMessage"]["fields"]}
    options = {"silent": True, "protect": True, "topic": 7, "link_preview": "off"}
    sent = bodies(lab, everything(), RichText("two"), **options)
    assert {name for body in sent for name in body} <= known


def test_the_sandbox_shows_the_thread_as_it_was_planned(sandboxed: Lab, sandbox: Sandbox) -> None:
    steps = sandboxed.publish(sandboxed.plan(sandboxed.variant(*THREE)))
    (thread,) = sandbox.threads("telegram")
    assert [post.text for post in thread] == [step.call.body["text"] for step in steps]
    assert [post.reply_to for post in thread] == ["", *(post.id for post in thread[:-1])]


def test_the_sandbox_shows_an_album_with_its_caption(sandboxed: Lab, sandbox: Sandbox) -> None:
    pictures = sandboxed.assets("pictures")
    sandboxed.publish(sandboxed.plan(sandboxed.variant(everything(), media=pictures)))
    album = sandbox.published("telegram")
    assert [post.text for post in album] == [everything().text, "", ""]
    told = [upload.as_json()["sha256"] for post in album for upload in post.media]
    assert told == [asset.hash for asset in pictures]


@pytest.mark.parametrize("kind", ["pictures", "film", "document"])
def test_what_carries_files_is_found_on_the_channels_page(sandboxed: Lab, kind: str) -> None:
    plan = sandboxed.plan(sandboxed.variant(everything(), media=sandboxed.assets(kind)))
    (step,) = sandboxed.publish(plan)
    assert isinstance(found(sandboxed, step), Receipt)


@pytest.mark.parametrize("kind", ["none", "pictures"])
def test_what_is_public_can_be_reworded(sandboxed: Lab, sandbox: Sandbox, kind: str) -> None:
    media = sandboxed.assets(kind) if kind != "none" else ()
    before, after = (
        sandboxed.plan(sandboxed.variant(RichText(text), media=media)) for text in ("Old", "New")
    )
    receipt = PLATFORM.perform(before[0], sandboxed.account, sandboxed.wire)
    PLATFORM.edit(after[0], receipt, sandboxed.account, sandboxed.wire)
    PLATFORM.edit(after[0], receipt, sandboxed.account, sandboxed.wire)
    assert sandbox.published("telegram")[0].text == "New"


@pytest.mark.parametrize("kind", ["none", "pictures"])
def test_all_of_a_message_can_be_taken_down(sandboxed: Lab, sandbox: Sandbox, kind: str) -> None:
    media = sandboxed.assets(kind) if kind != "none" else ()
    (step,) = sandboxed.plan(sandboxed.variant(RichText("Old"), media=media))
    receipt = PLATFORM.perform(step, sandboxed.account, sandboxed.wire)
    PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
    PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
    assert sandbox.published("telegram") == []


def test_a_post_that_cannot_be_pinned_is_published_all_the_same(lab: Lab) -> None:
    variant = lab.variant(RichText("Hi"), options={"pin": True})
    step = next(step for step in lab.publish(lab.plan(variant)) if step.name == "pin-1")
    (refusal,) = (no for no in SAMPLE.refusals if "administrator" in str(no.body))
    lab.network.reaction = reply(refusal)
    receipt = PLATFORM.perform(step, lab.account, lab.wire)
    assert "administrator rights" in receipt.data["not pinned"]


@pytest.mark.parametrize("status", [400, 413, 429])
def test_an_album_that_fails_may_be_there_in_part(lab: Lab, status: int) -> None:
    step = lab.ready("create-1")
    refusal = next(no for no in SAMPLE.refusals if no.status == status)
    assert type(lab.failure(step, reply(refusal))) is OutcomeUnknown


def test_a_receipts_link_opens_in_the_sandbox(sandboxed: Lab, sandbox: Sandbox) -> None:
    (step,) = sandboxed.plan(sandboxed.variant(everything()))
    receipt = PLATFORM.perform(step, sandboxed.account, sandboxed.wire)
    assert receipt.link == sandbox.published("telegram")[0].link
    assert httpx.get(receipt.link).status_code == 200


def test_the_sandboxs_bot_may_post(sandboxed: Lab) -> None:
    identity = PLATFORM.identify(sandboxed.account, sandboxed.wire)
    assert identity.name == "tict_demo"


@pytest.mark.parametrize(
    ("fault", "error", "published"),
    [
        ("refuse", Rejected, 0),
        ("429", RateLimited, 0),
        ("500", OutcomeUnknown, 0),
        ("drop", OutcomeUnknown, 1),
    ],
)
def test_a_fault_of_the_sandbox_is_the_right_error(
    sandboxed: Lab, sandbox: Sandbox, fault: str, error: type[Exception], published: int
) -> None:
    sandbox.fault("telegram", fault)
    (step,) = sandboxed.plan(sandboxed.variant(RichText("x")))
    with pytest.raises(error):
        PLATFORM.perform(step, sandboxed.account, sandboxed.wire)
    assert len(sandbox.published("telegram")) == published
