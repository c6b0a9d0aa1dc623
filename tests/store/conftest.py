"""A database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database("sqlite:///karnay.db", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database, "nilufar")


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database, "here:1")
