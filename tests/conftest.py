"""What all tests share."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))  # so that tests can `from builders import ...`

from karnay import secrets
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from postgres import Server, server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is at hand, as in CI, a test that is skipped has failed."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command that a test runs sets up the logs of the whole process: undo that."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(autouse=True)
def _secrets_of_its_own() -> Iterator[None]:
    """What one test calls a secret is a common word to the next."""
    before = set(secrets._known)
    yield
    secrets._known.clear()
    secrets._known.update(before)


@pytest.fixture(autouse=True)
def _no_page_of_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page behind a link says is a stranger's: only tests of just that read any."""
    monkeypatch.setenv("KARNAY_CARDS", "false")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this process's own, started when the first test asks for it."""
    running = server()
    yield running
    running.remove()


@pytest.fixture
def sqlite_url() -> str:
    """The address of an SQLite file in the test's own folder."""
    return "sqlite:///karnay.db"


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The address of a PostgreSQL database of the test's own, which has the tables already."""
    name = postgres.with_schema()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of the test's own, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the test's own, of each kind in turn."""
    with closing(Database(database_url, tmp_path)) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite file, for tests that are about files."""
    with closing(Database(sqlite_url, tmp_path)) as opened:
        yield opened


@pytest.fixture
def postgres_database(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty PostgreSQL database, for tests that are about servers."""
    with closing(Database(postgres_url, tmp_path)) as opened:
        yield opened


@pytest.fixture
def queue(database: Database) -> Queue:
    """The queue as Nilufar, who works in the office, sees it."""
    return Queue(database, "nilufar")


@pytest.fixture
def journal(database: Database) -> Journal:
    """The journal of a daemon."""
    return Journal(database, "here:1")
