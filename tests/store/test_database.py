"""Opening, migrating, and saying what is wrong in words."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from builders import NOON, an_order
from karnay.errors import StoreError
from karnay.store.database import Database
from karnay.store.migrate import configuration
from karnay.store.queue import Queue
from karnay.store.tables import REVISION, metadata
from postgres import Server


def test_the_migrations_make_the_tables_that_the_code_speaks_of(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_revision_in_the_code_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == REVISION


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0)],
)
def test_what_is_committed_survives_a_power_cut(
    sqlite_database: Database, pragma: str, value: object
) -> None:
    with sqlite_database.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_a_failing_transaction_changes_nothing(database: Database) -> None:
    def fails() -> None:
        with database.writing() as connection:
            connection.execute(sa.text("INSERT INTO accounts (name, facts) VALUES ('x', '{}')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert Queue(database, "me").accounts() == {}


def test_a_connection_that_is_given_back_late_is_closed(database: Database) -> None:
    late = database.engine.raw_connection()
    driver: Any = late.driver_connection
    database.close()
    late.close()
    with pytest.raises(Exception, match="closed"):
        driver.execute("SELECT 1")


def test_another_connections_write_changes_the_version(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    before = database.version()
    other = Database(database_url, tmp_path)
    Queue(other, "me").add([an_order()], NOON)
    other.close()
    assert database.version() != before


def test_a_server_that_was_restarted_is_watched_again(
    postgres_database: Database, postgres: Server
) -> None:
    postgres_database.version()
    postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'")
    with pytest.raises(StoreError, match="the server closed the connection"):
        postgres_database.version()
    assert postgres_database.version()


def test_a_write_that_ends_after_one_that_began_later_changes_the_version(
    postgres_database: Database,
) -> None:
    remember = "INSERT INTO accounts (name, facts) VALUES ('{}', '{{}}')"
    with postgres_database.writing() as early:
        early.exec_driver_sql(remember.format("early"))
        with postgres_database.writing() as late:
            late.exec_driver_sql(remember.format("late"))
        before = postgres_database.version()
    assert postgres_database.version() != before


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    Database("sqlite:///karnay.db", tmp_path).close()
    with sqlite3.connect(tmp_path / "karnay.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.execute("UPDATE schema_info SET compatible_with = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="written by a newer karnay"):
        Database("sqlite:///karnay.db", tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "karnay.db").write_bytes(b"this is a poem, not a database" * 100)
    with pytest.raises(StoreError, match=r"karnay\.db: this file is not a karnay database"):
        Database("sqlite:///karnay.db", tmp_path)


def test_a_full_disk_is_said_and_nothing_is_lost(sqlite_database: Database) -> None:
    queue = Queue(sqlite_database, "me")
    [kept] = queue.add([an_order()], NOON)
    with sqlite_database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full"):
        queue.add([an_order("x" * 2_000_000, post="big")], NOON)
    assert [one.id for one in queue.all()] == [kept.id]


def test_a_database_that_does_not_open_says_why(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="folder"):
        Database("sqlite:///folder/karnay.db", tmp_path)


def test_an_unknown_kind_of_database_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nonsense"):
        Database("nonsense", tmp_path)
