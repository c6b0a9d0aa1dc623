"""Tidying: what a delivery may still need stays, and all else goes in its time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import NOON, an_order
from karnay.engine.tidying import KEPT_FOR, Tidying
from karnay.media.asset import Asset, Kind
from karnay.media.cabinet import Cabinet
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Card
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(tmp_path / "media")


@pytest.fixture
def tidying(database: Database, cabinet: Cabinet) -> Iterator[Tidying]:
    clock = FixedClock(NOON)
    with closing(Wire(clock)) as wire:
        yield Tidying(database, cabinet, {}, clock, wire)


def old_file(cabinet: Cabinet, content: bytes) -> str:
    """A file that nobody has asked for since long."""
    name = cabinet.put(content)
    long_ago = (NOON - KEPT_FOR - timedelta(days=1)).timestamp()
    os.utime(cabinet.path(name), (long_ago, long_ago))
    return name


def carrying(queue: Queue, name: str, *, card: bool = False) -> int:
    """A delivery with that file, as a picture or on its card."""
    asset = Asset(Kind.IMAGE, "a.jpg", name, "image/jpeg", 3)
    order = an_order()
    [part] = order.variant.parts
    carried = {"card": Card("https://a.example", "A", "", asset)} if card else {"media": (asset,)}
    variant = replace(order.variant, parts=(replace(part, **carried),))
    [delivery] = queue.add([replace(order, variant=variant)], NOON)
    return delivery.id


def test_what_nobody_needs_goes(tidying: Tidying, cabinet: Cabinet) -> None:
    name = old_file(cabinet, b"old")
    tidying.run()
    assert not cabinet.holds(name)


@pytest.mark.parametrize("card", [False, True])
def test_what_a_delivery_carries_stays(
    tidying: Tidying, cabinet: Cabinet, queue: Queue, card: bool
) -> None:
    name = old_file(cabinet, b"needed")
    carrying(queue, name, card=card)
    tidying.run()
    assert cabinet.holds(name)


def test_what_a_cancelled_delivery_carried_goes(
    tidying: Tidying, cabinet: Cabinet, queue: Queue
) -> None:
    name = old_file(cabinet, b"cancelled")
    queue.cancel(carrying(queue, name), NOON)
    tidying.run()
    assert not cabinet.holds(name)
