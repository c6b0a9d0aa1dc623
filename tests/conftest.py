"""What all tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue

sys.path.insert(0, str(Path(__file__).parent))  # so that tests can `from builders import ...`


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is at hand, as in CI, a test that is skipped has failed."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the test's own."""
    opened = Database("sqlite:///karnay.db", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def queue(database: Database) -> Queue:
    """The queue as Nilufar, who works in the office, sees it."""
    return Queue(database, "nilufar")


@pytest.fixture
def journal(database: Database) -> Journal:
    """The journal of a daemon."""
    return Journal(database, "here:1")
