"""Bluesky: what goes along with a post, who may answer it, and what becomes of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import ValidationError

from karnay.errors import AccountError, NotReady, Rejected, Transient
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.bluesky import PLATFORM
from karnay.platforms.bluesky_media import LOOK_AGAIN
from karnay.rendering.variant import Card, Part, Variant
from karnay.testing.clock import START
from karnay.testing.lab import Lab
from karnay.testing.network import Network
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.media.asset import Asset

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
URI = f"at://{DID}/app.bsky.feed.post/3n2yzv22kzy2l"
JOB = {"jobId": "j1", "state": "JOB_STATE_COMPLETED", "error": "already_exists"}
PUBLIC = Receipt(URI, "https://bsky.app/profile/tict.bsky.social/post/3n2yzv22kzy2l")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("BLUESKY_PASSWORD", "k7xq-m2vd-w9ta-p4ze")
    return Lab(PLATFORM)


def plan(lab: Lab, *media: Asset, link: Card | None = None, **options: Any) -> list[Step]:
    part = Part(RichText("See"), media, link)
    return lab.plan(Variant("sample", "bluesky", "en", "", (part,), options))


def embed(steps: Sequence[Step]) -> Any:
    return next(step for step in steps if step.part == 0).call.body["record"]["embed"]


def names(steps: Sequence[Step]) -> list[str]:
    return [step.name for step in steps]


def blob(mime: str = "image/jpeg") -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": "bafkrei"}, "mimeType": mime, "size": 7}


def answering(lab: Lab, answers: Mapping[str, tuple[int, Any]]) -> list[str]:
    """Answer what is asked by the last word of its path; returns what will have been asked."""
    usual, asked = Network(PLATFORM.sample.network), list[str]()

    def react(request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition(".")[2]
        asked.append(method)
        if method not in answers:
            return usual.handle_request(request)
        status, body = answers[method]
        return httpx.Response(status, json=body)

    lab.network.reaction = react
    return asked


def a_picture(lab: Lab) -> Asset:
    return lab.assets("pictures")[0]


def a_film(lab: Lab) -> Asset:
    return lab.assets("film")[0]


class TestPictures:
    def test_are_uploaded_before_the_post(self, lab: Lab) -> None:
        steps = plan(lab, *lab.assets("pictures"))
        assert names(steps) == ["upload-1", "upload-2", "upload-3", "create-1"]
        assert [step.effect for step in steps[:3]] == [Effect.SAFE] * 3

    def test_are_referred_to_as_the_server_describes_them(self, lab: Lab) -> None:
        """It may see another type in a file than we did."""
        answering(lab, {"uploadBlob": (200, {"blob": blob("image/webp")})})
        steps = lab.publish(plan(lab, a_picture(lab)))
        assert embed(steps)["images"][0]["image"] == blob("image/webp")

    def test_say_their_ratio_and_what_they_show(self, lab: Lab) -> None:
        picture = a_picture(lab)
        [shown] = embed(plan(lab, picture))["images"]
        assert shown["aspectRatio"] == {"width": picture.width, "height": picture.height}
        assert shown["alt"] == picture.alt

    def test_that_are_decoration_have_an_empty_description(self, lab: Lab) -> None:
        [shown] = embed(plan(lab, replace(a_picture(lab), alt="")))["images"]
        assert shown["alt"] == ""

    @pytest.mark.parametrize(("count", "kind"), [(4, "images"), (5, "gallery"), (10, "gallery")])
    def test_of_more_than_four_are_a_gallery(self, lab: Lab, count: int, kind: str) -> None:
        assert embed(plan(lab, *[a_picture(lab)] * count))["$type"] == f"app.bsky.embed.{kind}"

    def test_leave_no_room_for_a_card(self, lab: Lab) -> None:
        card = Card("https://example.org", "Title", thumbnail=lab.assets("pictures")[1])
        steps = plan(lab, a_picture(lab), link=card)
        assert embed(steps)["$type"] == "app.bsky.embed.images"
        assert names(steps) == ["upload-1", "create-1"]

    @pytest.mark.parametrize("body", [{}, {"blob": {}}, {"blob": {**blob(), "ref": {"$link": ""}}}])
    def test_without_a_blob_are_not_there(self, lab: Lab, body: Any) -> None:
        answering(lab, {"uploadBlob": (200, body)})
        with pytest.raises(Transient):
            lab.publish(plan(lab, a_picture(lab)))

    def test_too_large_for_the_server_are_rejected(self, lab: Lab) -> None:
        answering(lab, {"uploadBlob": (413, {"error": "PayloadTooLarge", "message": "too large"})})
        with pytest.raises(Rejected, match="too large"):
            lab.publish(plan(lab, a_picture(lab)))


class TestCards:
    def test_show_their_picture(self, lab: Lab) -> None:
        steps = lab.publish(plan(lab, link=Card("https://a.uz", "T", thumbnail=a_picture(lab))))
        assert names(steps) == ["upload-1", "create-1"]
        assert embed(steps)["external"]["thumb"]["$type"] == "blob"

    def test_have_less_room_for_a_picture_than_a_post(self, lab: Lab) -> None:
        limits = PLATFORM.limits(lab.account)
        assert limits.card_images is not None
        assert limits.card_images.max_bytes == 1_000_000

    def test_that_are_not_wanted_upload_nothing(self, lab: Lab) -> None:
        card = Card("https://a.uz", "T", thumbnail=a_picture(lab))
        assert names(plan(lab, link=card, card=False)) == ["create-1"]


class TestVideos:
    def test_go_through_the_service_that_makes_them_ready(self, lab: Lab) -> None:
        steps = lab.publish(plan(lab, a_film(lab)))
        assert names(steps) == ["owner-1", "upload-1", "await-1", "create-1"]
        assert steps[1].call.url.startswith(
            "https://video.bsky.app/xrpc/app.bsky.video.uploadVideo?did=did%3Aplc%3A"
        )
        assert embed(steps)["alt"] == a_film(lab).alt

    def test_are_handed_in_with_a_token_for_that_alone(self, lab: Lab) -> None:
        lab.publish(plan(lab, a_film(lab)))
        sent = {request.url.rpartition("/")[2].partition("?")[0]: request for request in lab.sent()}
        asked = httpx.URL(sent["com.atproto.server.getServiceAuth"].url).params
        assert asked["lxm"] == "com.atproto.repo.uploadBlob"
        assert asked["aud"] == "did:web:bsky.social"
        assert int(asked["exp"]) - START.timestamp() == 30 * 60
        token = sent["app.bsky.video.uploadVideo"].headers["authorization"]
        assert token == "Bearer eyJ0.for-videos.only"

    def test_get_a_new_token_when_the_old_one_is_over(self, lab: Lab) -> None:
        lab.publish(plan(lab, a_film(lab)))
        asked = answering(lab, {"uploadVideo": (401, {"error": "ExpiredToken", "message": "over"})})
        with pytest.raises(AccountError, match="over"):
            lab.publish(plan(lab, a_film(lab)))
        assert asked[-3:] == ["uploadVideo", "getServiceAuth", "uploadVideo"]

    @pytest.mark.parametrize("answer", [(200, JOB), (200, {"jobStatus": JOB}), (409, JOB)])
    def test_that_were_there_before_keep_their_job(self, lab: Lab, answer: tuple[int, Any]) -> None:
        answering(lab, {"uploadVideo": answer})
        steps = lab.publish(plan(lab, a_film(lab)))
        assert steps[2].call.url.endswith("?jobId=j1")

    def test_are_asked_for_again_while_they_are_worked_on(self, lab: Lab) -> None:
        job = {"jobId": "j1", "state": "JOB_STATE_ENCODING", "progress": 40}
        answering(lab, {"getJobStatus": (200, {"jobStatus": job})})
        with pytest.raises(NotReady) as caught:
            lab.publish(plan(lab, a_film(lab)))
        assert caught.value.until == START + LOOK_AGAIN

    def test_that_cannot_be_used_are_rejected_in_the_services_words(self, lab: Lab) -> None:
        job = {"jobId": "j1", "state": "JOB_STATE_FAILED", "message": "no such codec"}
        answering(lab, {"getJobStatus": (200, {"jobStatus": job})})
        with pytest.raises(Rejected, match="no such codec"):
            lab.publish(plan(lab, a_film(lab)))

    def test_may_be_larger_than_any_picture(self, lab: Lab) -> None:
        limits = lab.media_limits
        assert limits.videos is not None
        assert limits.images is not None
        assert (limits.videos.max_bytes, limits.images.max_bytes) == (300_000_000, 2_000_000)


class TestGates:
    def test_stand_behind_the_first_post_under_its_key(self, lab: Lab) -> None:
        parts = (Part(RichText("one")), Part(RichText("two")))
        options = {"replies": "nobody", "quotes": False}
        steps = lab.publish(lab.plan(Variant("sample", "bluesky", "en", "", parts, options)))
        assert names(steps) == ["create-1", "threadgate", "postgate", "create-2"]
        assert {step.call.body["rkey"] for step in steps[:3]} == {steps[0].call.body["rkey"]}
        assert [step.effect for step in steps] == [Effect.KEYED] * 4
        assert steps[1].call.body["record"]["post"] == URI

    @pytest.mark.parametrize(
        ("replies", "rules"),
        [
            ("nobody", []),
            (["mentioned"], [{"$type": "app.bsky.feed.threadgate#mentionRule"}]),
            (
                ["at://did:plc:a/app.bsky.graph.list/3k"],
                [
                    {
                        "$type": "app.bsky.feed.threadgate#listRule",
                        "list": "at://did:plc:a/app.bsky.graph.list/3k",
                    }
                ],
            ),
        ],
    )
    def test_let_in_whom_the_post_names(self, lab: Lab, replies: Any, rules: Any) -> None:
        gate = plan(lab, replies=replies)[1]
        assert gate.call.body["record"]["allow"] == rules

    def test_are_not_there_where_everyone_is_welcome(self, lab: Lab) -> None:
        assert names(plan(lab, replies="everyone", quotes=True)) == ["create-1"]

    def test_are_looked_for_like_posts(self, lab: Lab) -> None:
        [_, gate] = lab.publish(plan(lab, replies="nobody"))
        lab.sent()
        assert isinstance(PLATFORM.find(gate, lab.account, lab.wire, START), Receipt)
        assert "collection=app.bsky.feed.threadgate" in lab.sent()[0].url


class TestOptions:
    @pytest.mark.parametrize(
        "options",
        [
            {"replies": "friends"},
            {"replies": ["friends"]},
            {"replies": ["mentioned"] * 6},
            {"langs": ["uz", "ru", "en", "kk"]},
            {"labels": ["boring"]},
            {"visibility": "public"},
        ],
    )
    def test_that_the_network_does_not_know_are_refused(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            PLATFORM.options.model_validate(options)

    def test_languages_take_the_place_of_the_accounts(self, lab: Lab) -> None:
        record = plan(lab, langs=["uz", "ru"])[0].call.body["record"]
        assert record["langs"] == ["uz", "ru"]

    def test_labels_are_the_authors_own(self, lab: Lab) -> None:
        record = plan(lab, labels=["graphic-media"])[0].call.body["record"]
        assert record["labels"] == {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": "graphic-media"}],
        }


class TestAfterwards:
    def test_a_change_keeps_date_and_place_of_the_post(self, lab: Lab) -> None:
        step = plan(lab)[0]
        PLATFORM.edit(step, PUBLIC, lab.account, lab.wire)
        put = lab.sent()[-1].json
        assert (put["repo"], put["rkey"]) == (DID, "3n2yzv22kzy2l")
        assert put["record"]["text"] == "See"
        assert put["record"]["createdAt"] == "2026-11-23T20:00:00.000Z"

    def test_a_change_keeps_what_the_post_answers(self, lab: Lab) -> None:
        thread = {"root": {"uri": URI, "cid": "a"}, "parent": {"uri": URI, "cid": "b"}}
        old = {"createdAt": "2026-11-23T20:00:00.000Z", "reply": thread}
        answering(lab, {"getRecord": (200, {"uri": URI, "cid": "c", "value": old})})
        PLATFORM.edit(plan(lab)[0], PUBLIC, lab.account, lab.wire)
        assert lab.sent()[-1].json["record"]["reply"] == thread

    @pytest.mark.parametrize("name", ["RecordNotFound", "InvalidRequest"])
    def test_a_post_that_is_gone_is_not_published_anew(self, lab: Lab, name: str) -> None:
        asked = answering(lab, {"getRecord": (400, {"error": name, "message": "not there"})})
        with pytest.raises(Rejected, match="not there"):
            PLATFORM.edit(plan(lab)[0], PUBLIC, lab.account, lab.wire)
        assert asked == ["getRecord"]

    @pytest.mark.parametrize("collection", ["app.bsky.feed.post", "app.bsky.feed.threadgate"])
    def test_a_record_is_deleted_where_it_is(self, lab: Lab, collection: str) -> None:
        receipt = Receipt(f"at://{DID}/{collection}/3n2yzv22kzy2l")
        PLATFORM.delete(plan(lab)[0], receipt, lab.account, lab.wire)
        where = {"repo": DID, "collection": collection, "rkey": "3n2yzv22kzy2l"}
        assert lab.sent()[-1].json == where

    def test_the_network_counts_for_everybody(self, lab: Lab) -> None:
        counts = PLATFORM.metrics(plan(lab)[0], PUBLIC, lab.account, lab.wire)
        assert counts == {"likes": 12, "reposts": 3, "replies": 1, "quotes": 0}
        [request] = lab.sent()
        assert httpx.URL(request.url).host == "public.api.bsky.app"
        assert "authorization" not in request.headers

    def test_a_post_that_readers_do_not_see_has_no_counts(self, lab: Lab) -> None:
        answering(lab, {"getPosts": (200, {"posts": []})})
        assert PLATFORM.metrics(plan(lab)[0], PUBLIC, lab.account, lab.wire) == {}
