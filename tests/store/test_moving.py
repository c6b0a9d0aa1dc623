"""Moving between SQLite and PostgreSQL: everything, and no way back by mistake."""

import sqlite3
from pathlib import Path

import pytest

from builders import NOON, an_order
from karnay.errors import NotPossible, StoreError
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.store.upkeep import Upkeep
from office import MINUTE, content, execute, open_the_office, upkeep_of
from postgres import Server


@pytest.fixture
def target_url(request: pytest.FixtureRequest, office_url: str, postgres: Server) -> str:
    """An empty database of the other kind."""
    is_server = office_url.startswith("postgresql")
    return "sqlite:///moved.db" if is_server else postgres.url(postgres.with_schema())


def test_every_row_is_moved_with_its_number(
    office: Upkeep, office_url: str, target_url: str, tmp_path: Path
) -> None:
    before = content(office_url, tmp_path)
    moved = office.move(target_url, NOON)
    after = content(target_url, tmp_path)
    said = after["audit"].pop()
    assert after == before
    assert said[2:4] == ("nilufar", "moved")
    assert moved.rows["deliveries"] == len(before["deliveries"])


def test_there_and_back_is_the_same(
    office: Upkeep, office_url: str, target_url: str, tmp_path: Path, postgres: Server
) -> None:
    before = content(office_url, tmp_path)
    office.move(target_url, NOON)
    back = postgres.url(postgres.with_schema()) if "sqlite" in office_url else "sqlite:///back.db"
    upkeep_of(target_url, tmp_path).move(back, NOON)
    after = content(back, tmp_path)
    after["audit"] = after["audit"][:-2]
    assert after == before


def test_no_number_is_given_out_again(office: Upkeep, target_url: str, tmp_path: Path) -> None:
    office.move(target_url, NOON)
    database = Database(target_url, tmp_path)
    [added] = Queue(database, "nilufar").add([an_order(post="after the move")], NOON)
    database.close()
    assert added.id == 100  # delivery 99 was there once, and was deleted


def test_the_old_database_says_where_it_was_moved(
    office: Upkeep, office_url: str, target_url: str, tmp_path: Path
) -> None:
    office.move(target_url, NOON)
    with pytest.raises(StoreError, match=r"was moved to .* on 2026-11-24 12:00 UTC"):
        office.check()


def test_no_karnay_opens_an_old_file(
    sqlite_office: Upkeep, sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    sqlite_office.move(postgres_url, NOON)
    with pytest.raises(StoreError, match="was moved to"):
        Database(sqlite_url, tmp_path)


def test_a_program_that_had_the_old_file_open_writes_nothing_into_it(
    sqlite_office: Upkeep, sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    dashboard = Database(sqlite_url, tmp_path)
    queue = Queue(dashboard, "nilufar")
    sqlite_office.move(postgres_url, NOON)
    with pytest.raises(Exception, match="was moved to"):
        queue.add([an_order(post="too late")], NOON)
    dashboard.close()


def test_a_program_that_comes_back_to_the_old_server_writes_nothing_into_it(
    postgres_office: Upkeep, office_postgres_url: str, tmp_path: Path
) -> None:
    postgres_office.move("sqlite:///moved.db", NOON)
    with pytest.raises(Exception, match="was moved to"):
        execute(office_postgres_url, tmp_path, "UPDATE deliveries SET fence = fence + 1")


def test_a_database_with_something_in_it_is_no_target(
    office: Upkeep, office_url: str, target_url: str, tmp_path: Path
) -> None:
    other = upkeep_of(target_url, tmp_path)
    open_the_office(other)
    before = content(target_url, tmp_path)
    with pytest.raises(NotPossible, match="holds 8 deliveries: name an empty database"):
        office.move(target_url, NOON)
    assert content(target_url, tmp_path) == before
    Database(office_url, tmp_path).close()


def test_a_database_is_not_moved_onto_itself(office: Upkeep, office_url: str) -> None:
    with pytest.raises(NotPossible, match="already"):
        office.move(office_url, NOON)


def test_a_server_that_others_use_is_not_moved(
    postgres_office: Upkeep, office_postgres_url: str, tmp_path: Path
) -> None:
    other = Database(office_postgres_url, tmp_path)
    with other.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(NotPossible, match=r"is in use .*stop every daemon"):
            postgres_office.move("sqlite:///moved.db", NOON)
    other.close()


def test_a_living_claim_on_a_server_stops_a_move(postgres_office: Upkeep) -> None:
    with pytest.raises(NotPossible, match="delivery 14 is being published by here:1"):
        postgres_office.move("sqlite:///moved.db", NOON - MINUTE)


def test_an_unsound_journal_is_not_moved(
    sqlite_office: Upkeep, sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "karnay.db") as raw:
        raw.execute("DELETE FROM deliveries WHERE id = 11")
    raw.close()
    with pytest.raises(StoreError, match=r"is not sound .*nothing was moved"):
        sqlite_office.move(postgres_url, NOON)
    Database(sqlite_url, tmp_path).close()


def test_a_password_is_not_written_into_the_old_database(
    sqlite_office: Upkeep, postgres: Server, tmp_path: Path
) -> None:
    name = postgres.with_schema()
    moved = sqlite_office.move(postgres.url(name, password="hunter2"), NOON)
    assert b"hunter2" not in (tmp_path / "karnay.db").read_bytes()
    assert "hunter2" not in moved.to
