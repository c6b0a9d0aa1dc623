"""Bluesky: what is planned, how the door opens, and how a lost record is looked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.accounts import Account
from karnay.errors import AccountError, NotSent, RateLimited, Rejected, Transient
from karnay.platforms.atproto import record_key
from karnay.platforms.base import Absent, CannotTell, Key, Receipt, Step, step_from_json
from karnay.platforms.bluesky import PLATFORM
from karnay.platforms.bluesky_records import Details
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Card, Part, Variant
from karnay.text.richtext import Kind, RichText, Span

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
KEY = Key("seed", NOW)
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
STORED = {"uri": f"at://{DID}/app.bsky.feed.post/3n2yzv22kzy2l", "cid": "bafyreig"}
SESSION = {"did": DID, "handle": "tict.bsky.social", "accessJwt": "a1", "refreshJwt": "r1"}
ENDPOINTS = {
    "createSession": (200, SESSION),
    "refreshSession": (200, {**SESSION, "accessJwt": "a2", "refreshJwt": "r2"}),
    "getSession": (200, {**SESSION, "active": True}),
    "putRecord": (200, STORED),
    "getRecord": (200, STORED),
    "resolveHandle": (200, {"did": "did:plc:other"}),
}


class StoppedClock:
    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a platform never sleeps")


@dataclass
class Network:
    """Answers by the last word of the path; each list of answers is used up to its last one."""

    answers: dict[str, list[httpx.Response | Exception]]
    seen: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        waiting = self.answers[request.url.path.rpartition(".")[2]]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def called(self) -> list[str]:
        return [request.url.path.rpartition(".")[2] for request in self.seen]


def says(status: int, error: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "message": error}, headers=headers)


def a_network(**answers: Any) -> Network:
    usual = {name: httpx.Response(status, json=body) for name, (status, body) in ENDPOINTS.items()}
    every = {**usual, **answers}
    return Network({k: v if isinstance(v, list) else [v] for k, v in every.items()})


def a_wire(network: Network) -> Wire:
    return Wire(StoppedClock(), transport=httpx.MockTransport(network))


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUESKY_PASSWORD", "k7xq-m2vd-w9ta-p4ze")


def an_account(**details: Any) -> Account:
    table = {"handle": "tict.bsky.social", "password": "env:BLUESKY_PASSWORD", **details}
    return Account("bluesky", "bluesky", "en", Details.model_validate(table))


def a_part(text: str, *spans: Span, card: Card | None = None) -> Part:
    return Part(RichText(text, spans), card=card)


def a_variant(*parts: Part, language: str = "en", **options: Any) -> Variant:
    return Variant("bluesky", "bluesky", language, "", parts or (a_part("Hello"),), options)


def a_plan(*parts: Part, account: Account | None = None, **more: Any) -> list[Step]:
    return PLATFORM.plan(a_variant(*parts, **more), account or an_account(), KEY)


def record(step: Step) -> Any:
    return step.call.body["record"]


class TestThePlan:
    def test_a_record_key_is_the_documented_one(self) -> None:
        """https://docs.bsky.app/docs/advanced-guides/posts: a post of 2023-08-07T05:31:12.411Z."""
        assert record_key(1_691_386_272_411_000, 7) == "3k4duaz5vfs2b"

    @given(st.integers(0, 2**53 - 2), st.integers(0, 1023), st.integers(0, 1023))
    def test_later_record_keys_sort_later(self, moment: int, first: int, second: int) -> None:
        assert record_key(moment, first) < record_key(moment + 1, second)

    def test_each_part_has_a_later_key_and_time_than_the_one_before(self) -> None:
        steps = a_plan(a_part("one"), a_part("two"), a_part("three"))
        order = [(step.call.body["rkey"], record(step)["createdAt"]) for step in steps]
        assert order == sorted(set(order))

    def test_two_posts_of_one_moment_have_different_keys(self) -> None:
        plans = [PLATFORM.plan(a_variant(), an_account(), Key(seed, NOW)) for seed in "ab"]
        assert plans[0][0].call.body["rkey"] != plans[1][0].call.body["rkey"]

    def test_the_time_in_a_record_is_the_due_time(self) -> None:
        assert record(a_plan()[0])["createdAt"] == "2026-11-23T20:00:00.000Z"

    def test_the_record_is_in_the_language_of_the_variant(self) -> None:
        assert record(a_plan(language="uz-Cyrl")[0])["langs"] == ["uz-Cyrl"]

    def test_no_body_depends_on_the_log_in(self) -> None:
        assert a_plan()[0].call.body["repo"] == "tict.bsky.social"

    def test_a_plan_survives_being_stored(self) -> None:
        steps = a_plan(a_part("@a.test", Span(0, 7, Kind.MENTION, "a.test")), a_part("two"))
        assert [step_from_json(json.loads(json.dumps(step.as_json()))) for step in steps] == steps

    @given(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.text("е\u0301👩‍🎓a", min_size=1),
    )
    def test_a_facet_lies_on_the_bytes_of_its_words(self, before: str, words: str) -> None:
        span = Span(len(before), len(before + words), Kind.LINK, "https://example.org")
        step = a_plan(a_part(before + words + "!", span))[0]
        index = record(step)["facets"][0]["index"]
        content = record(step)["text"].encode()
        assert content[index["byteStart"] : index["byteEnd"]].decode() == words

    @pytest.mark.parametrize(
        ("span", "feature"),
        [
            (
                Span(0, 4, Kind.HASHTAG, "TICT"),
                {"$type": "app.bsky.richtext.facet#tag", "tag": "TICT"},
            ),
            (
                Span(0, 4, Kind.CASHTAG, "AAPL"),
                {"$type": "app.bsky.richtext.facet#tag", "tag": "$AAPL"},
            ),
            (
                Span(0, 4, Kind.LINK, "https://example.uz/янги"),
                {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.uz/янги"},
            ),
        ],
    )
    def test_a_span_becomes_a_feature(self, span: Span, feature: dict[str, str]) -> None:
        assert record(a_plan(a_part("text", span))[0])["facets"][0]["features"] == [feature]

    @pytest.mark.parametrize(
        "span",
        [
            Span(0, 4, Kind.BOLD),
            Span(0, 4, Kind.LINK, "/relative"),
            Span(0, 4, Kind.LINK, "https://example.org/" + "x" * 9000),
            Span(0, 4, Kind.HASHTAG, "x" * 65),
            Span(0, 4, Kind.MENTION, "no-domain"),
        ],
    )
    def test_what_the_network_would_not_take_stays_plain_text(self, span: Span) -> None:
        assert "facets" not in record(a_plan(a_part("text", span))[0])

    def test_a_handle_is_looked_up_once_before_the_posts(self) -> None:
        mention = Span(0, 7, Kind.MENTION, "a.test")
        steps = a_plan(a_part("@a.test", mention), a_part("@A.test", mention))
        assert [step.name for step in steps] == ["resolve-1", "create-1", "create-2"]

    def test_a_mention_is_of_the_one_who_has_the_handle(self) -> None:
        step = a_plan(a_part("@a.test", Span(0, 7, Kind.MENTION, "a.test")))[1]
        filled = step.filled({"resolve-1": Receipt("did:plc:other")})
        assert record(filled)["facets"][0]["features"][0]["did"] == "did:plc:other"

    def test_a_mention_of_nobody_stays_plain_text(self) -> None:
        step = a_plan(a_part("@a.test", Span(0, 7, Kind.MENTION, "a.test")))[1]
        assert record(step.filled({"resolve-1": Receipt("")}))["facets"] == []

    def test_a_thread_hangs_on_its_first_part_and_each_on_the_one_before(self) -> None:
        last = a_plan(a_part("one"), a_part("two"), a_part("three"))[2]
        made = {f"create-{n}": Receipt(f"uri{n}", data={"cid": f"cid{n}"}) for n in (1, 2)}
        assert record(last.filled(made))["reply"] == {
            "root": {"uri": "uri1", "cid": "cid1"},
            "parent": {"uri": "uri2", "cid": "cid2"},
        }

    def test_the_card_of_the_link_is_described(self) -> None:
        card = Card("https://example.org/a", "Title")
        assert record(a_plan(a_part("x", card=card))[0])["embed"]["external"] == {
            "uri": "https://example.org/a",
            "title": "Title",
            "description": "",
        }

    def test_a_post_may_do_without_a_card(self) -> None:
        card = Card("https://example.org/a", "Title")
        assert "embed" not in record(a_plan(a_part("x", card=card), card=False)[0])


class TestTheDoor:
    def test_one_log_in_serves_all_posts(self) -> None:
        network = a_network()
        wire = a_wire(network)
        for step in a_plan(a_part("one"), a_part("two")):
            PLATFORM.perform(step, an_account(), wire)
        assert network.called == ["createSession", "putRecord", "putRecord"]

    def test_the_planned_bytes_are_what_leaves(self) -> None:
        network = a_network()
        step = a_plan(a_part("a\u0301 👩‍🎓 \u2028 שלום"))[0]
        PLATFORM.perform(step, an_account(), a_wire(network))
        assert network.seen[-1].content == step.call.content()

    @pytest.mark.parametrize("refusal", [says(400, "ExpiredToken"), says(401, "AuthMissing")])
    def test_a_closed_door_is_opened_by_the_refresh_token(self, refusal: httpx.Response) -> None:
        network = a_network(putRecord=[refusal, httpx.Response(200, json=STORED)])
        PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))
        assert network.called == ["createSession", "putRecord", "refreshSession", "putRecord"]
        assert network.seen[2].headers["Authorization"] == "Bearer r1"
        assert network.seen[3].headers["Authorization"] == "Bearer a2"

    def test_a_dead_refresh_token_is_replaced_by_a_new_log_in(self) -> None:
        network = a_network(
            putRecord=[says(400, "InvalidToken"), httpx.Response(200, json=STORED)],
            refreshSession=says(400, "ExpiredToken"),
        )
        PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))
        assert network.called[-2:] == ["createSession", "putRecord"]

    def test_a_door_that_stays_closed_is_about_the_account(self) -> None:
        network = a_network(putRecord=says(401, "AccountDeactivated"))
        with pytest.raises(AccountError, match="AccountDeactivated"):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))
        assert network.called.count("putRecord") == 2

    @pytest.mark.parametrize("status", [400, 401])
    def test_a_refused_log_in_is_about_the_account(self, status: int) -> None:
        network = a_network(createSession=says(status, "AuthenticationRequired"))
        with pytest.raises(AccountError):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))

    @pytest.mark.parametrize(
        ("failure", "error"),
        [
            (httpx.ReadTimeout("slow"), Transient),
            (says(502, "UpstreamFailure"), Transient),
            (httpx.Response(200, content=b"<html>"), Transient),
            (httpx.ConnectError("refused"), NotSent),
            (says(429, "RateLimitExceeded"), RateLimited),
        ],
    )
    def test_a_lost_log_in_made_nothing_public(
        self, failure: httpx.Response | Exception, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(a_network(createSession=failure)))

    def test_a_missing_password_is_about_the_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BLUESKY_PASSWORD")
        with pytest.raises(AccountError, match="BLUESKY_PASSWORD"):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(a_network()))

    @pytest.mark.parametrize(
        ("server", "host"),
        [
            ("https://bsky.social", "morel.us-east.host.bsky.network"),
            ("https://pds.example.org", "pds.example.org"),
        ],
    )
    def test_posts_go_to_the_server_that_keeps_them(self, server: str, host: str) -> None:
        home = {"id": "#atproto_pds", "serviceEndpoint": "https://morel.us-east.host.bsky.network"}
        session = httpx.Response(200, json={**SESSION, "didDoc": {"service": [home]}})
        network, account = a_network(createSession=session), an_account(server=server)
        PLATFORM.perform(a_plan(account=account)[0], account, a_wire(network))
        assert network.seen[-1].url.host == host

    def test_an_unknown_outcome_is_repeated_with_the_same_key(self) -> None:
        network = a_network(putRecord=httpx.ReadTimeout("slow"))
        with pytest.raises(Transient):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))

    def test_a_refused_record_is_rejected_in_the_networks_words(self) -> None:
        network = a_network(putRecord=says(400, "InvalidRequest"))
        with pytest.raises(Rejected, match="InvalidRequest"):
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(network))

    def test_the_end_of_the_window_is_waited_for(self) -> None:
        reset = NOW + timedelta(minutes=7)
        answer = says(429, "RateLimitExceeded", **{"RateLimit-Reset": f"{reset.timestamp():.0f}"})
        with pytest.raises(RateLimited) as caught:
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(a_network(putRecord=answer)))
        assert caught.value.until == reset

    def test_the_window_is_not_waited_for_after_a_failure_of_the_server(self) -> None:
        answer = says(500, "InternalServerError", **{"RateLimit-Reset": "1893456000"})
        with pytest.raises(Transient) as caught:
            PLATFORM.perform(a_plan()[0], an_account(), a_wire(a_network(putRecord=answer)))
        assert caught.value.until is None


class TestReceipts:
    @pytest.mark.parametrize(
        ("server", "site"),
        [
            ("https://bsky.social", "https://bsky.app"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ],
    )
    def test_the_link_is_where_people_see_the_post(self, server: str, site: str) -> None:
        account = an_account(server=server)
        step = a_plan(account=account)[0]
        receipt = PLATFORM.perform(step, account, a_wire(a_network()))
        assert receipt.link == f"{site}/profile/tict.bsky.social/post/3n2yzv22kzy2l"

    def test_the_receipt_holds_what_replies_need(self) -> None:
        receipt = PLATFORM.perform(a_plan()[0], an_account(), a_wire(a_network()))
        assert (receipt.id, receipt.get("cid")) == (STORED["uri"], "bafyreig")

    @pytest.mark.parametrize(
        ("answer", "did"),
        [
            (httpx.Response(200, json={"did": "did:plc:other"}), "did:plc:other"),
            (says(400, "HandleNotFound"), ""),
        ],
    )
    def test_a_look_up_gives_the_did_or_nothing(self, answer: httpx.Response, did: str) -> None:
        step = a_plan(a_part("@a.test", Span(0, 7, Kind.MENTION, "a.test")))[0]
        wire = a_wire(a_network(resolveHandle=answer))
        assert PLATFORM.perform(step, an_account(), wire).id == did


class TestFind:
    def find(self, answer: httpx.Response) -> object:
        wire = a_wire(a_network(getRecord=answer))
        return PLATFORM.find(a_plan()[0], an_account(), wire, NOW)

    def test_a_record_under_our_key_is_ours(self) -> None:
        sighting = self.find(httpx.Response(200, json=STORED))
        assert isinstance(sighting, Receipt)
        assert sighting.get("cid") == "bafyreig"

    def test_no_record_under_our_key_is_absence(self) -> None:
        assert self.find(says(400, "RecordNotFound")) == Absent()

    def test_a_server_that_does_not_know_the_account_cannot_tell(self) -> None:
        assert self.find(says(400, "InvalidRequest")) == CannotTell("InvalidRequest")

    def test_the_record_is_asked_for_by_its_key(self) -> None:
        network, step = a_network(), a_plan()[0]
        PLATFORM.find(step, an_account(), a_wire(network), NOW)
        assert dict(network.seen[0].url.params) == {
            "repo": "tict.bsky.social",
            "collection": "app.bsky.feed.post",
            "rkey": step.call.body["rkey"],
        }


class TestTheAccount:
    def test_we_are_whom_the_server_says(self) -> None:
        identity = PLATFORM.identify(an_account(), a_wire(a_network()))
        assert (identity.name, identity.facts["did"]) == ("tict.bsky.social", DID)

    def test_an_account_that_is_not_active_is_told(self) -> None:
        session = {**SESSION, "active": False, "status": "deactivated"}
        wire = a_wire(a_network(getSession=httpx.Response(200, json=session)))
        with pytest.raises(AccountError, match="deactivated"):
            PLATFORM.identify(an_account(), wire)

    def test_a_handle_may_be_written_with_its_sign(self) -> None:
        account = an_account(handle="@TICT.bsky.social")
        assert a_plan(account=account)[0].call.body["repo"] == "tict.bsky.social"

    @pytest.mark.parametrize("handle", ["tict", "rector@example.uz", ""])
    def test_half_a_handle_is_refused_at_once(self, handle: str) -> None:
        with pytest.raises(ValueError, match=r"name\.bsky\.social"):
            an_account(handle=handle)
