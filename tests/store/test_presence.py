"""A file that was moved, deleted or replaced while it is open is written to no more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import HOUR, NOON, an_order
from karnay.errors import StoreGone
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue


def moved(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def deleted(file: Path) -> None:
    file.unlink()


def replaced(file: Path) -> None:
    other = file.with_name("other.db")
    other.write_bytes(file.read_bytes())
    other.replace(file)


def moved_with_its_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))


@pytest.fixture
def opened(tmp_path: Path) -> Database:
    database = Database("sqlite:///state/karnay.db", tmp_path)
    yield database
    database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "karnay.db"


@pytest.mark.parametrize("loss", [moved, deleted, replaced, moved_with_its_folder])
def test_a_person_writes_nothing_into_a_file_that_is_gone(
    opened: Database, file: Path, loss: Callable[[Path], None]
) -> None:
    loss(file)
    with pytest.raises(StoreGone, match=r"karnay\.db was moved, deleted or replaced"):
        Queue(opened, "nilufar").add([an_order()], NOON)
    assert Queue(opened, "nilufar").all() == []


@pytest.mark.parametrize("loss", [moved, deleted, replaced, moved_with_its_folder])
def test_a_daemon_claims_nothing_in_a_file_that_is_gone(
    opened: Database, file: Path, loss: Callable[[Path], None]
) -> None:
    queue = Queue(opened, "nilufar")
    queue.add([an_order()], NOON)
    loss(file)
    with pytest.raises(StoreGone):
        Journal(opened, "here:1").claim(NOON, HOUR)
    assert [one.claimed_by for one in queue.all()] == [""]


def test_a_write_that_fails_since_the_file_went_in_the_midst_says_so(
    opened: Database, file: Path
) -> None:
    def gone_in_the_midst() -> None:
        with opened.writing() as connection:
            deleted(file)
            connection.exec_driver_sql("SELECT * FROM what_is_gone")

    with pytest.raises(StoreGone):
        gone_in_the_midst()


def test_a_daemons_write_that_fails_since_the_file_went_in_the_midst_says_so(
    opened: Database, file: Path
) -> None:
    def gone_in_the_midst() -> None:
        with opened.bare() as bare, bare.transaction():
            deleted(file)
            bare.driver.execute("SELECT * FROM what_is_gone")

    with pytest.raises(StoreGone):
        gone_in_the_midst()


def test_a_file_that_was_put_back_is_written_to_again(opened: Database, file: Path) -> None:
    moved(file)
    file.with_name("elsewhere.db").rename(file)
    assert Queue(opened, "nilufar").add([an_order()], NOON)


def test_a_database_that_is_there_is_present(database: Database) -> None:
    database.require_presence()


def test_no_file_is_made_in_the_place_of_one_that_is_gone(opened: Database, file: Path) -> None:
    deleted(file)
    with opened.reading(), pytest.raises(StoreGone), opened.reading():
        pass  # the second needs another connection
    assert not file.exists()
