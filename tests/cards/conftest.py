"""What the tests of cards share: strangers, a clock, and cards of what they serve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from karnay.cards.cards import Cards
from karnay.cards.fetching import Fetcher
from karnay.media.cabinet import Cabinet
from karnay.testing.clock import FixedClock
from strangers import Server, Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that runs while the test does."""
    with Server() as server:
        running = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        running.start()
        yield Site(server)
        server.shutdown()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test sets."""
    return FixedClock()


@pytest.fixture
def cards(site: Site, clock: FixedClock, tmp_path: Path) -> Cards:
    """Cards of that server, fetched by the rules but for its address and port."""
    return Cards(Cabinet(tmp_path / "media"), clock, Fetcher(site.reach), seconds=1)
