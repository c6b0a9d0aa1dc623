"""Mastodon: keys, threads, languages, the server's own limits, and how a lost post is found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.errors import AccountError, NotReady, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.platforms.base import Absent, CannotTell, Exchange, Receipt, Step
from karnay.platforms.mastodon import PLATFORM, SAMPLE, Details
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Part, Variant
from karnay.sandbox.accounts import tables
from karnay.sandbox.mastodon.api import TOKEN
from karnay.sandbox.mastodon.media import WORKS_FOR
from karnay.testing.clock import START, FixedClock
from karnay.testing.lab import COMMON, KEY, Lab
from karnay.testing.network import reply
from karnay.testing.texts import NASTY
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.sandbox.server import Sandbox

ONE, TWO = RichText("one"), RichText("two")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


@pytest.fixture
def sandboxed(lab: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SANDBOX_TOKEN", TOKEN)
    table = {**tables(sandbox.url)["mastodon"], "token": "env:SANDBOX_TOKEN"}
    own = {name: value for name, value in table.items() if name not in COMMON}
    lab.account = Account("mastodon", "mastodon", "en", Details.model_validate(own))
    lab.wire = Wire(SystemClock(), files=lab.shelf)
    yield lab
    lab.wire.close()


def bodies(lab: Lab, *texts: RichText, **options: Any) -> list[dict[str, Any]]:
    plan = lab.plan(lab.variant(*texts, options=options))
    return [json.loads(step.call.content()) for step in plan]


def step_of(lab: Lab, text: str = "one") -> Step:
    (step,) = lab.plan(lab.variant(RichText(text)))
    return step


def listed(
    text: str, *, number: int = 1, ago: timedelta = timedelta(), reply_to: str | None = None
) -> dict[str, Any]:
    made = (START - ago).isoformat().replace("+00:00", "Z")
    return {
        "id": str(number),
        "url": f"https://mastodon.example/@tict/{number}",
        "created_at": made,
        "in_reply_to_id": reply_to,
        "content": f"<p>{text}</p>",
    }


def holds(lab: Lab, *statuses: dict[str, Any], sources: dict[str, str] | None = None) -> None:
    lab.network.exchanges = [
        Exchange(
            "GET", "/verify_credentials", 200, {"id": "7", "acct": "tict", "url": "https://m"}
        ),
        Exchange("GET", "/accounts/7/statuses", 200, list(statuses)),
        Exchange("GET", "/accounts/7/statuses", 200, []),  # what is before them
        *(
            Exchange("GET", f"/statuses/{number}/source", 200, {"id": number, "text": text})
            for number, text in (sources or {}).items()
        ),
        Exchange("GET", "/source", 404, {"error": "Record not found"}),
    ]


def look(lab: Lab, step: Step) -> object:
    return PLATFORM.find(step, lab.account, lab.wire, START)


@pytest.mark.parametrize(
    ("language", "code"),
    [("en", "en"), ("uz", "uz"), ("uz-Cyrl", "uz"), ("pt_BR", "pt"), ("UZ-cyrl-UZ", "uz")],
)
def test_a_language_is_told_by_its_iso_639_code(lab: Lab, language: str, code: str) -> None:
    variant = Variant("sample", "mastodon", language, "", (Part(ONE),))
    (step,) = PLATFORM.plan(variant, lab.account, KEY)
    assert step.call.body["language"] == code


def test_every_part_has_an_idempotency_key_of_its_own(lab: Lab) -> None:
    steps = lab.plan(lab.variant(ONE, TWO))
    told = [step.call.headers["Idempotency-Key"] for step in steps]
    assert told == [step.key for step in steps]
    assert told[0] != told[1]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "We're sorry, but something went wrong on our end."),  # 4.6.0 to 4.6.5, on a repeat
        (503, "Remote data could not be fetched: temporary problem"),  # the key is in use just now
    ],
)
def test_what_servers_say_of_a_key_that_they_know_is_looked_into(
    lab: Lab, status: int, said: str
) -> None:
    answer = Exchange("", "", status, {"error": said})
    assert type(lab.failure(step_of(lab), reply(answer))) is OutcomeUnknown


def test_the_key_makes_no_step_repeatable(lab: Lab) -> None:
    assert step_of(lab).effect == "once"


@pytest.mark.parametrize(
    ("visibility", "later"),
    [
        ("public", "unlisted"),
        ("unlisted", "unlisted"),
        ("private", "private"),
        ("direct", "direct"),
    ],
)
def test_later_parts_of_a_public_thread_are_unlisted(lab: Lab, visibility: str, later: str) -> None:
    told = [body["visibility"] for body in bodies(lab, ONE, TWO, visibility=visibility)]
    assert told == [visibility, later]


def test_a_later_part_replies_to_the_one_before(lab: Lab) -> None:
    steps = lab.publish(lab.plan(lab.variant(ONE, TWO)))
    assert [step.call.body.get("in_reply_to_id") for step in steps] == [None, "103254962155278881"]


def test_a_content_warning_stands_on_every_part(lab: Lab) -> None:
    told = bodies(lab, ONE, TWO, spoiler="Food", sensitive=True)
    assert [(body["spoiler_text"], body["sensitive"]) for body in told] == [("Food", True)] * 2


def test_a_content_warning_takes_of_the_limit(lab: Lab) -> None:
    limits = PLATFORM.limits(lab.account, options={"spoiler": "a\u0301👩‍🔬"})
    assert limits.limit == 498


@pytest.mark.parametrize(
    ("facts", "limit", "weight"),
    [
        ({}, 500, 23),
        ({"max_characters": 5000}, 5000, 23),
        ({"max_characters": 1000, "characters_reserved_per_url": 30}, 1000, 30),
    ],
)
def test_limits_are_the_servers_own(
    lab: Lab, facts: dict[str, int], limit: int, weight: int
) -> None:
    limits = PLATFORM.limits(lab.told(facts))
    assert limits.limit == limit
    assert limits.used(RichText("https://example.org/" + "a" * 200)) == weight


def test_the_first_of_two_descriptions_that_is_there_tells_the_limits(lab: Lab) -> None:
    assert PLATFORM.identify(lab.account, lab.wire).facts["max_characters"] == 500


@pytest.mark.parametrize(
    ("described", "facts"),
    [
        ({"configuration": {"statuses": {"max_characters": 777}}}, {"max_characters": 777}),
        ({"max_toot_chars": 5000}, {"max_characters": 5000}),
        ({"configuration": {"statuses": {"max_characters": "many"}}}, {}),
        ({"configuration": None}, {}),
        ({}, {}),
    ],
)
def test_older_servers_describe_themselves_in_the_first_version(
    lab: Lab, described: dict[str, Any], facts: dict[str, int]
) -> None:
    lab.network.exchanges = [
        Exchange(
            "GET", "/verify_credentials", 200, {"id": "7", "acct": "tict", "url": "https://m"}
        ),
        Exchange("GET", "/api/v2/instance", 404, {"error": "Not found"}),
        Exchange("GET", "/api/v1/instance", 200, described),
    ]
    assert PLATFORM.identify(lab.account, lab.wire).facts == facts


def test_an_account_is_named_with_its_server(lab: Lab) -> None:
    assert PLATFORM.identify(lab.account, lab.wire).name == "@tict@mastodon.example"


@pytest.mark.parametrize(
    "reset", ["2026-11-24T04:05:00.000000Z", "2026-11-24T09:05:00+05:00", "1795493100"]
)
def test_the_moment_to_come_back_is_read_in_both_forms(lab: Lab, reset: str) -> None:
    many = Exchange("", "", 429, {"error": "Too many"}, {"X-RateLimit-Reset": reset})
    error = lab.failure(step_of(lab), reply(many))
    assert isinstance(error, RateLimited)
    assert error.until == datetime(2026, 11, 24, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Record not found", Rejected),
        ("The post you are trying to reply to does not appear to exist.", Rejected),
        ("Not found", AccountError),
        ("", AccountError),
    ],
)
def test_a_missing_parent_is_told_from_a_wrong_address(
    lab: Lab, said: str, error: type[Exception]
) -> None:
    assert type(lab.failure(step_of(lab), reply(Exchange("", "", 404, {"error": said})))) is error


@pytest.mark.parametrize("nasty", NASTY)
def test_a_lost_post_is_found_by_its_source(lab: Lab, nasty: str) -> None:
    text = NASTY[nasty]
    holds(lab, listed("shown otherwise", number=9), sources={"9": text.strip()})
    found = Receipt("9", "https://mastodon.example/@tict/9")
    assert look(lab, step_of(lab, f" {text} ")) == found


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("one & <two>", "one &amp; &lt;two&gt;"),
        ("one\n\ntwo\nthree", "one</p><p>two<br />three"),
        ("#TICT", '<a href="https://m/tags/tict" rel="tag">#<span>TICT</span></a>'),
        ("@b@other.example hi", '<span class="h-card"><a href="u">@<span>b</span></a></span> hi'),
        (
            "https://example.org/a",
            '<a href="u"><span class="invisible">https://</span><span>example.org/a</span></a>',
        ),
    ],
)
def test_a_lost_post_is_found_by_its_html_where_sources_are_not_kept(
    lab: Lab, text: str, content: str
) -> None:
    holds(lab, listed(content, number=9))
    assert look(lab, step_of(lab, text)) == Receipt("9", "https://mastodon.example/@tict/9")


@pytest.mark.parametrize(
    ("ago", "sighting"), [(2, Receipt("1", "https://mastodon.example/@tict/1")), (3, Absent())]
)
def test_a_clock_may_be_wrong_by_two_minutes(lab: Lab, ago: int, sighting: object) -> None:
    holds(lab, listed("one", ago=timedelta(minutes=ago)))
    assert look(lab, step_of(lab)) == sighting


@pytest.mark.parametrize(
    "status", [listed("another"), listed("one", reply_to="3")], ids=["text", "thread"]
)
def test_another_post_is_not_taken_for_it(lab: Lab, status: dict[str, Any]) -> None:
    holds(lab, status)
    assert look(lab, step_of(lab)) == Absent()


def test_a_later_part_is_found_in_its_thread(lab: Lab) -> None:
    second = lab.publish(lab.plan(lab.variant(ONE, TWO)))[1]
    holds(
        lab,
        listed("two", number=4, reply_to="11"),
        listed("two", number=5, reply_to="103254962155278881"),
    )
    assert look(lab, second) == Receipt("5", "https://mastodon.example/@tict/5")


def asks_at_once(sighting: object) -> bool:
    """Whether what cannot be told is for a person, and no later look tells more."""
    assert isinstance(sighting, CannotTell)
    return sighting.for_good


@pytest.mark.parametrize(("counted", "sure"), [(0, True), (7, False)])
def test_an_empty_listing_of_an_account_with_posts_proves_nothing(
    lab: Lab, counted: int, sure: bool
) -> None:
    holds(lab)
    who = lab.network.exchanges[0]
    lab.network.exchanges[0] = replace(who, body={**who.body, "statuses_count": counted})
    assert (look(lab, step_of(lab)) == Absent()) is sure


def test_nothing_but_newer_posts_proves_nothing(lab: Lab) -> None:
    holds(lab, *(listed(f"post {number}", number=number) for number in range(40)))
    del lab.network.exchanges[2]
    assert asks_at_once(look(lab, step_of(lab)))


def test_a_post_is_found_on_a_later_page(lab: Lab) -> None:
    holds(lab, *(listed(f"post {number}", number=number) for number in range(50, 90)))
    older = [listed("one"), listed("older", number=0, ago=timedelta(hours=1))]
    lab.network.exchanges[2] = Exchange("GET", "/accounts/7/statuses", 200, older)
    assert look(lab, step_of(lab)) == Receipt("1", "https://mastodon.example/@tict/1")
    listings = [sent.url for sent in lab.sent() if "/accounts/7/" in sent.url]
    assert [url.partition("max_id=")[2] for url in listings] == ["", "89"]


def test_an_edited_status_may_have_been_ours(lab: Lab) -> None:
    holds(lab, listed("one, corrected") | {"edited_at": "2026-11-24T04:01:00Z"})
    assert asks_at_once(look(lab, step_of(lab)))


def test_of_two_alike_the_first_since_the_attempt_is_ours(lab: Lab) -> None:
    later, before = timedelta(minutes=-9), timedelta(minutes=1)
    holds(
        lab,
        listed("one", number=5, ago=later),
        listed("one", number=4),
        listed("one", number=3, ago=before),
    )
    assert look(lab, step_of(lab)) == Receipt("4", "https://mastodon.example/@tict/4")


def test_sources_are_asked_for_only_where_the_html_does_not_tell(lab: Lab) -> None:
    holds(lab, listed("one", number=9))
    look(lab, step_of(lab))
    assert not [sent.url for sent in lab.sent() if sent.url.endswith("/source")]


def test_a_page_that_reaches_back_proves_absence(lab: Lab) -> None:
    newer = (listed(f"post {number}", number=number) for number in range(39))
    holds(lab, *newer, listed("older", ago=timedelta(hours=1)))
    assert look(lab, step_of(lab)) == Absent()


def test_a_source_that_fails_for_now_is_asked_for_again(lab: Lab) -> None:
    holds(lab, listed("shown otherwise", number=9))
    busy = Exchange("GET", "/source", 503, {"error": "busy"})
    lab.network.exchanges = [*lab.network.exchanges[:-1], busy]
    with pytest.raises(Transient):
        look(lab, step_of(lab))


def test_the_sandbox_shows_the_thread_as_it_was_planned(sandboxed: Lab, sandbox: Sandbox) -> None:
    steps = published(sandboxed, sandboxed.thread())
    (thread,) = sandbox.threads("mastodon")
    assert [post.text for post in thread] == [step.call.body["status"] for step in steps]
    assert [post.reply_to for post in thread] == ["", *(post.id for post in thread[:-1])]
    shown = [(upload.alt, upload.as_json()["sha256"]) for upload in thread[0].media]
    assert shown == [(asset.alt, asset.hash) for asset in sandboxed.assets("pictures")]


def published(lab: Lab, variant: Variant) -> list[Step]:
    return [step for step in lab.publish(lab.plan(variant)) if step.part is not None]


def test_a_video_is_attached_when_the_server_is_done_with_it(
    sandboxed: Lab, sandbox: Sandbox
) -> None:
    variant = sandboxed.variant(ONE, media=sandboxed.assets("film"))
    upload, wait, create = sandboxed.plan(variant)
    receipts = {upload.name: PLATFORM.perform(upload, sandboxed.account, sandboxed.wire)}
    ready = wait.filled(receipts)
    with pytest.raises(NotReady) as caught:
        PLATFORM.perform(ready, sandboxed.account, sandboxed.wire)
    assert caught.value.until is not None
    sandbox.world.clock = FixedClock(datetime.now(UTC) + WORKS_FOR)
    receipts[wait.name] = PLATFORM.perform(ready, sandboxed.account, sandboxed.wire)
    PLATFORM.perform(create.filled(receipts), sandboxed.account, sandboxed.wire)
    assert sandbox.published("mastodon")[0].media[0].look.kind == "video"


def test_what_is_public_can_be_reworded_and_taken_down(sandboxed: Lab, sandbox: Sandbox) -> None:
    pictures = sandboxed.assets("pictures")
    (step,) = published(sandboxed, sandboxed.variant(ONE, media=pictures))
    receipt = Receipt(sandbox.published("mastodon")[0].id)
    other = replace(step, call=replace(step.call, body={**step.call.body, "status": "other"}))
    PLATFORM.edit(other, receipt, sandboxed.account, sandboxed.wire)
    assert sandbox.published("mastodon")[0].text == "other"
    PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
    PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
    assert sandbox.published("mastodon") == []


def test_a_poll_goes_with_the_first_part(sandboxed: Lab, sandbox: Sandbox) -> None:
    poll = {"options": ["Yes", "No"], "open_for": "6 hours"}
    first, second = bodies(sandboxed, ONE, TWO, poll=poll)
    assert first["poll"]["expires_in"] == 6 * 3600
    assert "poll" not in second
    published(sandboxed, sandboxed.variant(ONE, options={"poll": poll}))
    assert sandbox.published("mastodon")[0].body["poll"]["options"][1]["title"] == "No"


def test_the_counts_are_those_of_the_server(lab: Lab) -> None:
    step, receipt = step_of(lab), Receipt("103254962155278881")
    counts = PLATFORM.metrics(step, receipt, lab.account, lab.wire)
    assert counts == {"likes": 12, "reposts": 3, "replies": 1}


def test_the_servers_own_limits_on_files_are_kept(lab: Lab) -> None:
    told = {"max_media_attachments": 6, "description_limit": 5000, "image_size_limit": 1_000_000}
    media = PLATFORM.limits(lab.told(told), media=True).media
    assert (media.most, media.alt) == (6, 5000)
    assert media.images is not None
    assert media.images.max_bytes == 1_000_000


def test_a_receipts_link_opens_in_the_sandbox(sandboxed: Lab) -> None:
    receipt = PLATFORM.perform(step_of(sandboxed), sandboxed.account, sandboxed.wire)
    assert httpx.get(receipt.link).status_code == 200


def test_the_sandbox_tells_its_limits(sandboxed: Lab) -> None:
    identity = PLATFORM.identify(sandboxed.account, sandboxed.wire)
    assert PLATFORM.limits(sandboxed.told(identity.facts)).limit == 500


@pytest.mark.parametrize(
    ("fault", "error"), [("refuse", Rejected), ("429", RateLimited), ("500", OutcomeUnknown)]
)
def test_a_fault_of_the_sandbox_is_the_right_error(
    sandboxed: Lab, sandbox: Sandbox, fault: str, error: type[Exception]
) -> None:
    sandbox.fault("mastodon", fault)
    with pytest.raises(error):
        PLATFORM.perform(step_of(sandboxed), sandboxed.account, sandboxed.wire)
    assert sandbox.published("mastodon") == []


@pytest.mark.parametrize(
    "nasty", ["decomposed", "line separators", "white space", "markup", "tags and mentions"]
)
def test_a_post_whose_answer_was_lost_is_found(
    sandboxed: Lab, sandbox: Sandbox, nasty: str
) -> None:
    began, step = SystemClock().now(), step_of(sandboxed, NASTY[nasty])
    sandbox.fault("mastodon", "drop")
    with pytest.raises(OutcomeUnknown):
        PLATFORM.perform(step, sandboxed.account, sandboxed.wire)
    (post,) = sandbox.published("mastodon")
    found = PLATFORM.find(step, sandboxed.account, sandboxed.wire, began)
    assert found == Receipt(post.id, post.link)


def test_a_post_that_never_arrived_is_absent(sandboxed: Lab) -> None:
    began, step = SystemClock().now(), step_of(sandboxed)
    assert PLATFORM.find(step, sandboxed.account, sandboxed.wire, began) == Absent()


def test_a_repeat_by_the_same_key_gives_the_same_post(sandboxed: Lab, sandbox: Sandbox) -> None:
    step = step_of(sandboxed)
    receipts = [PLATFORM.perform(step, sandboxed.account, sandboxed.wire) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert len(sandbox.published("mastodon")) == 1
