"""Whose publisher a thread gets, and what is shared."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from karnay.engine.daemon import Means
from karnay.engine.publishers import Publishers
from karnay.store.journal import Journal


@pytest.fixture
def publishers(journal: Journal, means: Means) -> Iterator[Publishers]:
    made = Publishers(journal, means, lambda: False)
    yield made
    made.close()


def test_a_thread_keeps_its_publisher(publishers: Publishers) -> None:
    assert publishers.own() is publishers.own()


def test_each_thread_has_a_wire_of_its_own_and_all_share_the_log_ins(
    publishers: Publishers,
) -> None:
    ours = publishers.own()
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(publishers.own).result()
    assert theirs.wire is not ours.wire
    assert theirs.wire.sessions is ours.wire.sessions


def test_after_a_reload_no_log_in_of_before_is_used(publishers: Publishers, means: Means) -> None:
    before = publishers.own()
    publishers.reload({"telegram": means.accounts["telegram"]})
    now = publishers.own()
    assert set(now.accounts) == {"telegram"}
    assert now.wire.sessions is not before.wire.sessions
