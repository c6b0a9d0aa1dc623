"""Karnay and the sandbox's Bluesky understand each other: two readings of the same documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.accounts import Account
from karnay.errors import NotReady
from karnay.platforms.base import Absent, Key, Receipt, Step
from karnay.platforms.bluesky import PLATFORM
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Card, Part, Variant
from karnay.sandbox.bluesky.api import PASSWORD
from karnay.sandbox.bluesky.network import NETWORK
from karnay.sandbox.bluesky.video import WORKS_FOR
from karnay.testing.assets import Shelf
from karnay.testing.clock import START, FixedClock
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    import httpx

    from karnay.media.asset import Asset
    from karnay.sandbox.world import World


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("SANDBOX_PASSWORD", PASSWORD)
    table = {**NETWORK.account("http://127.0.0.1:8765"), "password": "env:SANDBOX_PASSWORD"}
    return Account("bluesky", "bluesky", "en", PLATFORM.details.model_validate(table))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def wire(client: httpx.Client, clock: FixedClock, shelf: Shelf) -> Wire:
    return Wire(clock, transport=client._transport, files=shelf)


def a_plan(account: Account, *parts: Part, **options: Any) -> list[Step]:
    variant = Variant("bluesky", "bluesky", "en", "", parts, options)
    return PLATFORM.plan(variant, account, Key.of("post", variant, START))


def publish(steps: list[Step], account: Account, wire: Wire) -> list[tuple[Step, Receipt]]:
    receipts: dict[str, Receipt] = {}
    done = []
    for step in steps:
        filled = step.filled(receipts)
        receipts[step.name] = PLATFORM.perform(filled, account, wire)
        done.append((filled, receipts[step.name]))
    return done


def pictures(account: Account, shelf: Shelf) -> tuple[Asset, ...]:
    return shelf.pictures(PLATFORM.limits(account, media=True).media)


@pytest.mark.parametrize("times", [1, 3])
def test_pictures_arrive_whole_in_their_order_and_described(
    account: Account, wire: Wire, shelf: Shelf, world: World, times: int
) -> None:
    assets = pictures(account, shelf) * times
    publish(a_plan(account, Part(RichText("See"), assets)), account, wire)
    [post] = world.ledger.all()
    assert [upload.alt for upload in post.media] == [asset.alt for asset in assets]
    assert [upload.as_json()["sha256"] for upload in post.media] == [asset.hash for asset in assets]


def test_a_video_is_waited_for(
    account: Account, wire: Wire, shelf: Shelf, world: World, clock: FixedClock
) -> None:
    [film] = shelf.film(PLATFORM.limits(account, media=True).media)
    steps = a_plan(account, Part(RichText("See"), (film,)))
    with pytest.raises(NotReady):
        publish(steps, account, wire)
    clock.move(WORKS_FOR)
    publish(steps, account, wire)  # the service knows the file by now
    [post] = world.ledger.all()
    assert [(upload.look.kind, upload.alt) for upload in post.media] == [("video", film.alt)]


def test_a_card_has_its_picture(account: Account, wire: Wire, shelf: Shelf, world: World) -> None:
    card = Card("https://example.org", "Title", "Words", pictures(account, shelf)[0])
    publish(a_plan(account, Part(RichText("See"), card=card)), account, wire)
    [post] = world.ledger.all()
    assert post.card is not None
    assert post.card["title"] == "Title"
    assert "thumbnail" in post.card


def test_a_thread_is_gated_changed_counted_and_taken_down(
    account: Account, wire: Wire, shelf: Shelf, world: World, clock: FixedClock
) -> None:
    parts = (Part(RichText("one"), pictures(account, shelf)), Part(RichText("two")))
    steps = a_plan(account, *parts, replies=["followers"], quotes=False, labels=["nudity"])
    done = publish(steps, account, wire)
    assert publish(steps, account, wire) == done
    (first, receipt), (gate, beside), *_, (last, _) = [
        one for one in done if not one[0].name.startswith("upload")
    ]
    assert PLATFORM.find(gate, account, wire, START) == beside
    clock.move(timedelta(hours=3))  # the session has ended meanwhile
    edited = publish(a_plan(account, Part(RichText("better"))), account, wire)[0][0]
    PLATFORM.edit(edited, receipt, account, wire)
    assert "better" in [post.text for post in world.ledger.all() if post.id == receipt.id]
    assert PLATFORM.metrics(first, receipt, account, wire)["likes"] == 0
    PLATFORM.delete(first, receipt, account, wire)
    assert PLATFORM.find(first, account, wire, START) == Absent()
    assert PLATFORM.find(last, account, wire, START) != Absent()


def test_every_part_of_a_thread_can_be_changed(account: Account, wire: Wire, world: World) -> None:
    done = publish(a_plan(account, Part(RichText("one")), Part(RichText("two"))), account, wire)
    [(first, receipt), (second, reply)] = done
    PLATFORM.edit(_saying("not one", first), receipt, account, wire)
    PLATFORM.edit(_saying("not two", second), reply, account, wire)
    assert [post.text for post in world.ledger.all()] == ["not one", "not two"]
    assert [len(thread) for thread in world.ledger.threads()] == [2]


def _saying(text: str, step: Step) -> Step:
    body = {**step.call.body, "record": {**step.call.body["record"], "text": text}}
    return replace(step, call=replace(step.call, body=body))
