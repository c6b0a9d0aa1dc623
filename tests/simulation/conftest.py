"""One cheap database for all worlds, and nothing is logged."""

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
import structlog

from simulation.database import CheapDatabase


@pytest.fixture(scope="session")
def cheap_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheapDatabase]:
    """The database of all worlds; each begins by emptying it."""
    with closing(CheapDatabase(tmp_path_factory.mktemp("simulation"))) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
