"""X: what is planned, what tweepy makes of it, and how a lost post is looked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest

from karnay.accounts import Account
from karnay.errors import AccountError, NotSent, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.platforms.base import Absent, CannotTell, Key, Receipt, Step, step_from_json
from karnay.platforms.wire import Wire
from karnay.platforms.x import PLATFORM, Details
from karnay.rendering.variant import Part, Variant
from karnay.text.richtext import RichText

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
MADE = httpx.Response(201, json={"data": {"id": "1990000000000000002", "text": "Hello"}})
ME = httpx.Response(200, json={"data": {"id": "42", "name": "TICT", "username": "tict_uz"}})
SECRETS = {
    "X_CONSUMER_KEY": "consumer-key",
    "X_CONSUMER_SECRET": "consumer-secret",
    "X_ACCESS_TOKEN": "access-token",
    "X_ACCESS_TOKEN_SECRET": "access-token-secret",
}
NASTY = "a\u0301 👩‍🎓 \u2028 שלום & <b> https://пример.рф/путь?a=1&b=%20"


class StoppedClock:
    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a platform never sleeps")


@dataclass
class Network:
    """Answers a post, a question who we are, and one for the list of posts."""

    made: httpx.Response | Exception = MADE
    listed: dict[str, Any] = field(default_factory=lambda: {"meta": {"result_count": 0}})
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)  # by token, in place of `listed`
    seen: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def _answer(self, request: httpx.Request) -> httpx.Response | Exception:
        if request.method == "POST":
            return self.made
        if request.url.path == "/2/users/me":
            return ME
        token = request.url.params.get("pagination_token", "")
        return httpx.Response(200, json=self.pages.get(token, self.listed))


def a_wire(network: Network) -> Wire:
    return Wire(StoppedClock(), transport=httpx.MockTransport(network))


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def an_account(facts: dict[str, Any] | None = None, **details: Any) -> Account:
    keys = {name.lower().removeprefix("x_"): f"env:{name}" for name in SECRETS}
    return Account("x", "x", "en", Details.model_validate(keys | details), facts=facts or {})


def a_plan(*texts: str, account: Account | None = None, **options: Any) -> list[Step]:
    parts = tuple(Part(RichText(text)) for text in texts or ("Hello",))
    variant = Variant("x", "x", "en", "", parts, options)
    return PLATFORM.plan(variant, account or an_account(), Key("seed", NOW))


def performed(network: Network, *texts: str, **details: Any) -> Receipt:
    account = an_account(**details)
    return PLATFORM.perform(a_plan(*texts, account=account)[0], account, a_wire(network))


class TestThePlan:
    def test_a_post_is_its_text(self) -> None:
        assert a_plan(NASTY)[0].call.body == {"text": NASTY}

    def test_each_part_replies_to_the_one_before(self) -> None:
        last = a_plan("one", "two", "three")[2].filled({"create-2": Receipt("77")})
        assert last.call.body == {"text": "three", "reply": {"in_reply_to_tweet_id": "77"}}

    def test_the_first_post_says_who_may_reply_in_the_conversation(self) -> None:
        bodies = [step.call.body for step in a_plan("1", "2", reply_settings="mentionedUsers")]
        assert [body.get("reply_settings") for body in bodies] == ["mentionedUsers", None]

    def test_a_plan_survives_being_stored(self) -> None:
        steps = a_plan(NASTY, "two")
        assert [step_from_json(json.loads(json.dumps(step.as_json()))) for step in steps] == steps

    @pytest.mark.parametrize(
        ("text", "fits"), [("$AAPL is up", True), ("$AAPL and $MSFT are up", False)]
    )
    def test_two_cashtags_are_one_too_many(self, text: str, *, fits: bool) -> None:
        assert PLATFORM.limits(an_account()).fits(RichText(text)) is fits


class TestWhatLeaves:
    def test_it_is_the_planned_bytes(self) -> None:
        network = Network()
        performed(network, NASTY)
        assert network.seen[0].content == a_plan(NASTY)[0].call.content()

    def test_it_goes_to_the_configured_host(self) -> None:
        network = Network()
        performed(network, api="http://127.0.0.1:8080")
        assert str(network.seen[0].url) == "http://127.0.0.1:8080/2/tweets"

    def test_it_is_signed_for_the_host_that_it_goes_to(self) -> None:
        network = Network()
        performed(network)
        assert signed_by_us(network.seen[0])

    def test_a_question_is_signed_with_its_query(self) -> None:
        network = Network()
        PLATFORM.find(a_plan()[0], an_account(), a_wire(network), NOW)
        assert signed_by_us(network.seen[1])

    def test_nothing_secret_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            performed(Network())
        assert "oauth" not in caplog.text.lower()

    def test_it_has_timeouts(self) -> None:
        network = Network()
        performed(network)
        assert all(network.seen[0].extensions["timeout"].values())


def signed_by_us(request: httpx.Request) -> bool:
    """Whether the signature is OAuth's over method, address and parameters (RFC 5849, 3.4)."""
    said = request.headers["Authorization"].removeprefix("OAuth ").split(", ")
    pairs = (pair.partition("=") for pair in said)
    oauth = {name: unquote(value.strip('"')) for name, _, value in pairs}
    claimed = oauth.pop("oauth_signature")
    query = parse_qsl(request.url.query.decode())
    parameters = sorted((_quoted(name), _quoted(value)) for name, value in [*oauth.items(), *query])
    normal = "&".join(f"{name}={value}" for name, value in parameters)
    address = str(request.url.copy_with(query=None))
    base = "&".join(_quoted(piece) for piece in (request.method, address, normal))
    key = f"{SECRETS['X_CONSUMER_SECRET']}&{SECRETS['X_ACCESS_TOKEN_SECRET']}"
    made = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    return base64.b64encode(made).decode() == claimed


def _quoted(text: str) -> str:
    return quote(text, safe="~")


class TestReceipts:
    @pytest.mark.parametrize(
        ("details", "link"),
        [
            ({"username": "tict_uz"}, "https://x.com/tict_uz/status/1990000000000000002"),
            ({"facts": {"username": "t"}}, "https://x.com/t/status/1990000000000000002"),
            ({}, "https://x.com/i/web/status/1990000000000000002"),
            (
                {"api": "http://localhost:1", "username": "t"},
                "http://localhost:1/t/status/1990000000000000002",
            ),
        ],
    )
    def test_the_link_is_where_people_see_the_post(
        self, details: dict[str, Any], link: str
    ) -> None:
        assert performed(Network(), **details).link == link


def refused(status: int, detail: str, **headers: str) -> Network:
    body = {"title": "Forbidden", "detail": detail, "type": "about:blank"}
    return Network(httpx.Response(status, json=body, headers=headers))


class TestErrors:
    def test_a_duplicate_may_be_our_own_lost_post(self) -> None:
        network = refused(403, "You are not allowed to create a Tweet with duplicate content.")
        with pytest.raises(OutcomeUnknown, match="duplicate"):
            performed(network)

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx.ReadTimeout("slow"), OutcomeUnknown),
            (httpx.ReadError("reset"), OutcomeUnknown),
            (httpx.Response(503, content=b"<html>"), OutcomeUnknown),
            (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
            (httpx.Response(302, headers={"Location": "https://x.com"}), OutcomeUnknown),
            (httpx.Response(200, json=["?"]), OutcomeUnknown),
            (httpx.ConnectTimeout("slow"), NotSent),
            (httpx.Response(400, json=["?"]), Rejected),
            (httpx.Response(400, json={"errors": 1}), Rejected),
            (httpx.Response(402, content=b"<html>"), AccountError),
        ],
    )
    def test_an_answer_is_named_whatever_tweepy_would_make_of_it(
        self, answer: httpx.Response | Exception, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            performed(Network(answer))

    def test_what_x_says_is_what_staff_read(self) -> None:
        body = {"detail": "One or more parameters.", "errors": [{"message": "Text is too long."}]}
        with pytest.raises(Rejected, match=r"400 Text is too long\."):
            performed(Network(httpx.Response(400, json=body)))

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"x-rate-limit-reset": 600}, 600),
            ({"x-user-limit-24hour-reset": 9000}, 9000),
            (
                {"x-rate-limit-reset": 600, "x-user-limit-24hour-reset": 9000}
                | {"x-user-limit-24hour-remaining": 0},
                9000,
            ),
            (
                {"x-rate-limit-reset": 600, "x-rate-limit-remaining": 0}
                | {"x-app-limit-24hour-reset": 9000, "x-app-limit-24hour-remaining": 9},
                600,
            ),
        ],
    )
    def test_the_window_that_is_spent_is_waited_for(
        self, headers: dict[str, int], seconds: int
    ) -> None:
        start = int(NOW.timestamp())
        said = {k: str(v + start if k.endswith("reset") else v) for k, v in headers.items()}
        with pytest.raises(RateLimited) as caught:
            performed(refused(429, "Too Many Requests", **said))
        assert caught.value.until == NOW + timedelta(seconds=seconds)

    @pytest.mark.parametrize(("period", "hours"), [("Daily", 1), ("Monthly", 24), ("", 1)])
    def test_a_used_up_cap_is_asked_about_now_and_then(self, period: str, hours: int) -> None:
        kind = "https://api.twitter.com/2/problems/usage-capped"
        body = {"title": "UsageCapExceeded", "type": kind, "period": period}
        with pytest.raises(RateLimited) as caught:
            performed(Network(httpx.Response(429, json=body)))
        assert caught.value.until == NOW + timedelta(hours=hours)

    def test_a_missing_secret_is_about_the_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("X_ACCESS_TOKEN")
        with pytest.raises(AccountError, match="X_ACCESS_TOKEN"):
            performed(Network())

    def test_a_failed_look_changes_nothing(self) -> None:
        account = an_account()
        wire = Wire(StoppedClock(), transport=httpx.MockTransport(lambda _: httpx.Response(500)))
        with pytest.raises(Transient):
            PLATFORM.find(a_plan()[0], account, wire, NOW)


def a_page(*posts: dict[str, Any], **meta: str) -> dict[str, Any]:
    made = [{"created_at": "2026-11-23T20:00:01.000Z", **post} for post in posts]
    return {"data": made, "meta": {"result_count": len(posts), **meta}}


def a_listing(*posts: dict[str, Any], **meta: str) -> Network:
    return Network(listed=a_page(*posts, **meta))


def found(network: Network, *texts: str, reply_to: str = "") -> object:
    *_, last = a_plan(*texts)
    receipts = {"create-1": Receipt(reply_to)}
    return PLATFORM.find(last.filled(receipts), an_account(), a_wire(network), NOW)


def asks_at_once(sighting: object) -> bool:
    """Whether what cannot be told is for a person, and no later look tells more."""
    assert isinstance(sighting, CannotTell)
    return sighting.for_good


class TestFind:
    @pytest.mark.parametrize(
        ("ours", "theirs", "urls"),
        [
            ("Hello", "Hello", {}),
            ("a\u0301 & <b> ", "\u00e1 &amp; &lt;b&gt;", {}),
            ("see example.org", "see https://t.co/1", {"https://t.co/1": "http://example.org/"}),
            (
                "https://example.org/é?a=1&b=2\nend",
                "https://t.co/1\nend",
                {"https://t.co/1": "https://example.org/%C3%A9?a=1&b=2"},
            ),
        ],
    )
    def test_our_post_is_known_by_its_text(
        self, ours: str, theirs: str, urls: dict[str, str]
    ) -> None:
        links = [{"url": url, "expanded_url": whole} for url, whole in urls.items()]
        post = {"id": "7", "text": theirs, "entities": {"urls": links}}
        assert found(a_listing(post), ours) == Receipt("7", "https://x.com/i/web/status/7")

    def test_another_text_is_not_ours(self) -> None:
        assert found(a_listing({"id": "7", "text": "Hello!"}), "Hello") == Absent()

    def test_the_same_text_in_reply_to_another_post_is_not_ours(self) -> None:
        reply = {"referenced_tweets": [{"type": "replied_to", "id": "5"}]}
        network = a_listing({"id": "7", "text": "two", **reply})
        assert asks_at_once(found(network, "one", "two", reply_to="6"))

    def test_a_part_is_known_by_what_it_replies_to(self) -> None:
        reply = {"referenced_tweets": [{"type": "replied_to", "id": "6"}]}
        sighting = found(a_listing({"id": "7", "text": "two", **reply}), "1", "two", reply_to="6")
        assert isinstance(sighting, Receipt)

    def test_no_post_at_all_is_absence(self) -> None:
        assert found(Network(), "Hello") == Absent()

    def test_an_endless_list_cannot_tell(self) -> None:
        network = a_listing({"id": "7", "text": "other"}, next_token="more")
        assert asks_at_once(found(network, "Hello"))

    def test_a_post_is_found_on_a_later_page(self) -> None:
        first = a_page({"id": "8", "text": "other"}, next_token="more")
        network = Network(pages={"": first, "more": a_page({"id": "7", "text": "Hello"})})
        assert found(network, "Hello") == Receipt("7", "https://x.com/i/web/status/7")

    def test_a_long_post_is_known_by_all_of_it(self) -> None:
        whole = {"text": "Hello " * 60}
        network = a_listing({"id": "7", "text": "Hello Hello…", "note_tweet": whole})
        assert isinstance(found(network, "Hello " * 60), Receipt)

    def test_members_are_known_by_their_new_names(self) -> None:
        post = {"id": "7", "text": "2", "referenced_posts": [{"type": "replied_to", "id": "6"}]}
        assert isinstance(found(a_listing(post), "1", "2", reply_to="6"), Receipt)

    def test_of_two_alike_the_first_since_the_attempt_is_ours(self) -> None:
        moments = {"9": "20:30:00", "8": "20:00:02", "7": "19:59:10"}
        posts = (
            {"id": number, "text": "Hello", "created_at": f"2026-11-23T{moment}.000Z"}
            for number, moment in moments.items()
        )
        assert found(a_listing(*posts), "Hello") == Receipt("8", "https://x.com/i/web/status/8")

    def test_an_edited_post_may_have_been_ours(self) -> None:
        network = a_listing({"id": "7", "text": "Hallo", "edit_history_tweet_ids": ["6", "7"]})
        assert asks_at_once(found(network, "Hello"))

    def test_a_text_that_x_would_refuse_for_ever_is_for_a_person(self) -> None:
        older = a_page({"id": "3", "text": "Hello", "created_at": "2026-11-22T09:00:00.000Z"})
        sighting = found(Network(pages={"": older}), "Hello")
        assert sighting == CannotTell(
            "X has this text already, of 2026-11-22, and takes none twice: "
            "https://x.com/i/web/status/3",
            for_good=True,
        )

    def test_only_posts_since_the_attempt_are_asked_for(self) -> None:
        network = Network()
        found(network, "Hello")
        assert network.seen[1].url.params["start_time"] == "2026-11-23T19:58:00Z"

    def test_a_known_account_is_not_asked_for_again(self) -> None:
        network = Network()
        PLATFORM.find(a_plan()[0], an_account(facts={"id": "42"}), a_wire(network), NOW)
        assert {request.url.path for request in network.seen} == {"/2/users/42/tweets"}


class TestTheAccount:
    def test_we_are_whom_the_tokens_are_of(self) -> None:
        identity = PLATFORM.identify(an_account(), a_wire(Network()))
        assert (identity.name, dict(identity.facts)) == (
            "tict_uz",
            {"id": "42", "username": "tict_uz"},
        )
        assert identity.link == "https://x.com/tict_uz"

    def test_an_address_without_a_scheme_is_refused_at_once(self) -> None:
        with pytest.raises(ValueError, match="https://"):
            an_account(api="api.x.com")
