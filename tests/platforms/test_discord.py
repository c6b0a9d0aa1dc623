"""Discord: plain Markdown, nobody pinged, files with descriptions, and threads of a forum."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.base import CannotTell, Exchange
from karnay.platforms.discord import PLATFORM, SAMPLE, Details, Options
from karnay.platforms.registry import platforms
from karnay.testing.clock import START
from karnay.testing.lab import Lab
from karnay.testing.network import Sent, reply
from karnay.text import discord
from karnay.text.richtext import Kind, RichText

if TYPE_CHECKING:
    from karnay.platforms.base import Receipt, Step

HOOK = "https://discord.com/api/webhooks/223704706495545344/"
PATH = urlsplit(SAMPLE.secrets["DISCORD_WEBHOOK"]).path
TOKEN = PATH.rpartition("/")[2]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


def published(lab: Lab, *texts: str, **options: Any) -> list[tuple[Step, Receipt]]:
    plan = lab.plan(lab.variant(*map(RichText, texts), options=options))
    steps = [step for step in lab.publish(plan) if step.part is not None]
    done = [(step, PLATFORM.perform(step, lab.account, lab.wire)) for step in steps]
    lab.sent()
    return done


def body(lab: Lab, text: str, **options: Any) -> dict[str, Any]:
    (_, step) = lab.plan(lab.variant(RichText(text), options=options))
    read: dict[str, Any] = json.loads(step.call.content())
    return read


def query(sent: Sent | Step) -> dict[str, list[str]]:
    return parse_qs(urlsplit(sent.url if isinstance(sent, Sent) else sent.call.url).query)


def answering(lab: Lab, status: int, said: Any) -> Lab:
    lab.network.reaction = reply(Exchange("", "", status, said))
    return lab


def test_discord_is_found_by_its_module_alone() -> None:
    assert platforms()["discord"] is PLATFORM


@given(st.text("aж😀 \n*_~`|<>[]()#-+\\.:/h", max_size=60))
def test_every_text_reads_as_itself(text: str) -> None:
    assert discord.unescaped(discord.escaped(text)) == text


@given(st.text("aж😀 \n*_~`|<>[]()#-+\\.:/h", max_size=60))
def test_the_weights_add_up_to_what_is_sent(text: str) -> None:
    rich = RichText(text)
    assert sum(discord.measure.weights(rich)) == discord.measure(rich)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("2 * 3 * 4", r"2 \* 3 \* 4"),
        ("snake_case", r"snake\_case"),
        ("# 1 of - 5", r"\# 1 of - 5"),
        ("> said\n  - done", "\\> said\n  \\- done"),
        ("[c](d)", r"\[c](d)"),
        ("<@123>", r"\<@123>"),
        ("https://e.org/a_(b)_c, d_e", r"https://e.org/a_(b)_c, d\_e"),
        (r"C:\dir", r"C:\\dir"),
    ],
)
def test_nothing_that_was_written_is_taken_for_formatting(lab: Lab, text: str, sent: str) -> None:
    assert body(lab, text)["content"] == sent


def test_a_backslash_counts() -> None:
    limits = PLATFORM.limits(Lab(PLATFORM).account)
    assert limits.fits(RichText("a" * 2000))
    assert not limits.fits(RichText("_" + "a" * 1999))


def test_a_link_ends_before_its_punctuation() -> None:
    text = "(see https://example.org/a_(b), or http://e.org.)"
    spans = discord.detect(text)
    assert [text[span.start : span.end] for span in spans] == [
        "https://example.org/a_(b",
        "http://e.org",
    ]
    assert {span.kind for span in spans} == {Kind.LINK}


def test_nobody_is_pinged(lab: Lab) -> None:
    assert body(lab, "@everyone")["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"username": "TICT"}, {"username": "TICT"}),
        ({"avatar_url": "https://e.org/a.png"}, {"avatar_url": "https://e.org/a.png"}),
        ({"link_preview": False}, {"flags": 4}),
        ({"thread_name": "News"}, {"thread_name": "News"}),
    ],
)
def test_an_option_is_a_field(lab: Lab, options: dict[str, Any], fields: dict[str, Any]) -> None:
    assert fields.items() <= body(lab, "x", **options).items()


def test_options_not_asked_for_are_left_out(lab: Lab) -> None:
    assert body(lab, "x") == {"content": "x", "allowed_mentions": {"parse": []}}


@pytest.mark.parametrize("wrong", [{"username": "x" * 81}, {"thread_name": "x" * 101}])
def test_what_discord_takes_no_more_of_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_discord_is_asked_to_wait_until_the_message_is_kept(lab: Lab) -> None:
    [(step, _)] = published(lab, "x")
    assert query(step) == {"wait": ["true"]}


def test_the_link_names_server_channel_and_message(lab: Lab) -> None:
    [(_, receipt)] = published(lab, "x")
    home = "https://discord.com/channels/199737254929760256/199737254929760257"
    assert receipt.link == f"{home}/{receipt.id}"


def test_what_a_file_shows_is_its_description(lab: Lab) -> None:
    assets = lab.assets("pictures")
    (_, step) = lab.plan(lab.variant(RichText("x"), media=assets))
    told = step.call.fields["payload_json"]["attachments"]
    assert told == [{"id": n, "description": asset.alt} for n, asset in enumerate(assets)]
    assert list(step.call.body.files) == [f"files[{n}]" for n in range(len(assets))]


def test_as_many_pictures_as_it_takes_fit_into_one_request() -> None:
    media = PLATFORM.limits(Lab(PLATFORM).account).media
    assert media.images is not None
    assert media.most * media.images.max_bytes < 26_214_400


def test_the_parts_of_a_thread_of_a_forum_stay_in_it(lab: Lab) -> None:
    (first, _), (second, _) = published(lab, "one", "two", thread_name="News")
    assert "thread_id" not in query(first)
    assert "thread_name" not in second.call.body
    assert query(second)["thread_id"] == [SAMPLE.network[-1].body["channel_id"]]


def test_an_accounts_thread_takes_all_its_parts(lab: Lab) -> None:
    table = Details.model_validate({"webhook": "env:DISCORD_WEBHOOK", "thread": 42})
    lab.account = replace(lab.account, details=table)
    done = published(lab, "one", "two")
    assert [query(step)["thread_id"] for step, _ in done] == [["42"], ["42"]]


@pytest.mark.parametrize(
    ("thread_name", "asked"), [("", {}), ("News", {"thread_id": ["199737254929760257"]})]
)
def test_an_edit_changes_the_words_alone(
    lab: Lab, thread_name: str, asked: dict[str, list[str]]
) -> None:
    [(step, receipt)] = published(lab, "a_b", username="TICT", thread_name=thread_name)
    answering(lab, 200, {"id": receipt.id})
    assert PLATFORM.edit(step, receipt, lab.account, lab.wire) == receipt
    (sent,) = lab.sent()
    assert (sent.method, urlsplit(sent.url).path) == ("PATCH", f"{PATH}/messages/{receipt.id}")
    assert sent.json == {"content": r"a\_b", "allowed_mentions": {"parse": []}}
    assert query(sent) == asked


@pytest.mark.parametrize(
    ("status", "said"), [(204, {}), (404, {"message": "Unknown Message", "code": 10008})]
)
def test_a_message_is_taken_down_or_gone_already(
    lab: Lab, status: int, said: dict[str, Any]
) -> None:
    [(step, receipt)] = published(lab, "x")
    PLATFORM.delete(step, receipt, answering(lab, status, said).account, lab.wire)
    (sent,) = lab.sent()
    assert (sent.method, urlsplit(sent.url).path) == ("DELETE", f"{PATH}/messages/{receipt.id}")


def test_a_webhook_that_is_gone_deletes_nothing(lab: Lab) -> None:
    [(step, receipt)] = published(lab, "x")
    answering(lab, 404, {"message": "Unknown Webhook", "code": 10015})
    with pytest.raises(AccountError, match="Unknown Webhook"):
        PLATFORM.delete(step, receipt, lab.account, lab.wire)


def test_only_people_can_look(lab: Lab) -> None:
    sighting = PLATFORM.find(lab.ready("create-1"), lab.account, lab.wire, START)
    assert isinstance(sighting, CannotTell)
    assert sighting.for_good
    assert not lab.sent()


def test_an_error_says_which_field_is_wrong(lab: Lab) -> None:
    wrong = {"content": {"_errors": [{"code": "BASE", "message": "Must be 2000 or fewer."}]}}
    said = {"message": "Invalid Form Body", "code": 50035, "errors": wrong}
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 400, said)))
    assert isinstance(error, Rejected)
    assert str(error) == "400 Invalid Form Body (code 50035) Must be 2000 or fewer."


def test_the_wait_is_a_fraction_of_a_second_too(lab: Lab) -> None:
    said = {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 429, said)))
    assert isinstance(error, RateLimited)
    assert (error.until - START).total_seconds() == 64.57


@pytest.mark.parametrize("wrong", ["https://example.org/", "not an address", f"{HOOK}a b"])
def test_a_secret_that_is_no_webhook_holds_the_account(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("DISCORD_WEBHOOK", wrong)
    with pytest.raises(AccountError, match="is not the address of a webhook"):
        PLATFORM.identify(lab.account, lab.wire)
    assert not lab.sent()


def test_a_webhook_goes_to_discord_whatever_host_it_names(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_WEBHOOK", f"https://elsewhere.example{PATH}")
    PLATFORM.identify(lab.account, lab.wire)
    assert {urlsplit(sent.url).hostname for sent in lab.sent()} == {"discord.com"}


def test_the_token_alone_is_a_secret_too(lab: Lab) -> None:
    said = {"message": f"no {TOKEN} here", "code": 50027}
    error = lab.failure(lab.ready("create-1"), reply(Exchange("", "", 401, said)))
    assert TOKEN not in str(error)
