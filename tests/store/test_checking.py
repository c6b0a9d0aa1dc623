"""Every promise of the journal, broken one by one, is told with the delivery's number."""

import sqlite3
from pathlib import Path

import pytest

from builders import NOON, an_order
from karnay.engine.publisher import LEASE
from karnay.errors import NotFound, StoreError
from karnay.store.checking import contradictions
from karnay.store.database import Database
from karnay.store.engines import plain_engine
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.store.upkeep import Upkeep
from office import execute, migrate_to, upkeep_of


def sentences(upkeep: Upkeep) -> list[str]:
    return [violation.sentence for violation in upkeep.check()[0]]


def test_an_office_at_work_is_sound(office: Upkeep) -> None:
    found, rows = office.check()
    assert found == []
    assert rows["deliveries"] == 8


def test_a_claim_that_is_on_offer_is_sound(
    database: Database, queue: Queue, journal: Journal
) -> None:
    queue.add([an_order()], NOON)
    assert journal.claim_for_all(NOON, LEASE, lambda *_: None, most=1)
    with database.reading() as connection:
        assert list(contradictions(connection)) == []


ON_BOTH = [
    (
        "DELETE FROM receipts WHERE delivery = 11",
        "delivery 11 is published, but its step create-1 has no receipt",
    ),
    (
        "UPDATE deliveries SET state = 'published' WHERE id = 13",
        "delivery 13 is published, but its plan has no step",
    ),
    (
        "UPDATE receipts SET step = 'create-9' WHERE delivery = 12",
        "delivery 12 has a receipt of create-9, which is no step of its plan",
    ),
    (
        "UPDATE attempts SET ended_at = NULL WHERE delivery = 17",
        "delivery 17 is failed, but its attempt 1 at create-1 never ended",
    ),
    (
        "UPDATE attempts SET fence = 4 WHERE delivery = 16",
        "delivery 16 is at fence 3, but its attempt 1 at create-1 is at 4",
    ),
    (
        "UPDATE deliveries SET claimed_by = '' WHERE id = 14",
        "delivery 14 is publishing, but nobody has claimed it",
    ),
    (
        "DELETE FROM attempts WHERE delivery = 16",
        "delivery 16 is unknown, but it was never attempted",
    ),
    (
        "UPDATE steps SET effect = 'maybe' WHERE delivery = 17",
        'delivery 17: step create-1 has the effect "maybe", which is none',
    ),
]


@pytest.mark.parametrize(("damage", "sentence"), ON_BOTH, ids=[one[1][:40] for one in ON_BOTH])
def test_a_broken_promise_is_told_with_its_delivery(
    office: Upkeep, office_url: str, tmp_path: Path, damage: str, sentence: str
) -> None:
    execute(office_url, tmp_path, damage)
    assert sentences(office) == [sentence]


def test_two_deliveries_that_claim_one_post_are_told(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    for change in (
        "UPDATE receipts SET link = 'https://t.me/demo/11' WHERE delivery = 12",
        "UPDATE deliveries SET account = 'account-11', post = 'other' WHERE id = 12",
    ):
        execute(office_url, tmp_path, change)
    assert sentences(office) == [
        "deliveries 11 and 12 to account-11 both say that https://t.me/demo/11 is theirs"
    ]


@pytest.mark.parametrize(
    ("index", "damage", "sentence"),
    [
        (
            "uq_deliveries_one_at_a_time",
            "UPDATE deliveries SET account = 'account-14', post = 'x' WHERE id = 15",
            "2 deliveries to account-14 are publishing at once",
        ),
        (
            "",
            "UPDATE deliveries SET state = 'lost' WHERE id = 17",
            'delivery 17 is "lost", which is no state',
        ),
        (
            "",
            "DELETE FROM deliveries WHERE id = 17",
            "row 5 of steps belongs to deliveries 17, which is not there",
        ),
    ],
)
def test_what_the_database_itself_would_refuse_is_found_all_the_same(
    sqlite_office: Upkeep, tmp_path: Path, index: str, damage: str, sentence: str
) -> None:
    with sqlite3.connect(tmp_path / "karnay.db") as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(f"DROP INDEX IF EXISTS '{index}'")
        raw.execute(damage)
    raw.close()
    assert sentence in sentences(sqlite_office)


def test_attempts_that_are_open_at_once_are_told(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    again = (
        "INSERT INTO attempts (delivery, step, number, fence, began_at)"
        " VALUES (14, 'create-1', 2, 3, 0)"
    )
    execute(office_url, tmp_path, again)
    assert sentences(office) == ["delivery 14: 2 attempts are open at once"]


def test_a_table_that_is_missing_is_told_before_all_else(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    execute(office_url, tmp_path, "DROP TABLE receipts")
    assert sentences(office) == ["the database is half-migrated, without a table receipts"]


def test_a_column_that_is_missing_is_told(office: Upkeep, office_url: str, tmp_path: Path) -> None:
    execute(office_url, tmp_path, "ALTER TABLE attempts DROP COLUMN detail")
    assert sentences(office) == ["the database is half-migrated, without a column attempts.detail"]


def test_an_index_that_does_not_fit_its_table_is_told(
    sqlite_office: Upkeep, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "karnay.db") as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'scheduled', 'published')"
            " WHERE name = 'ix_deliveries_due'"
        )
    raw.close()
    assert sentences(sqlite_office)[0].startswith("the file is damaged (")


def test_a_damaged_file_is_one_clear_error(sqlite_office: Upkeep, tmp_path: Path) -> None:
    with (tmp_path / "karnay.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    with pytest.raises(StoreError, match=r"karnay\.db: the database file is damaged: restore"):
        sqlite_office.check()


def test_a_database_without_its_revision_is_half_migrated(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    execute(office_url, tmp_path, "DELETE FROM alembic_version")
    with pytest.raises(StoreError, match="half-migrated"):
        office.check()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database"):
        upkeep_of("sqlite:///karnay.db", tmp_path).check()
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    upkeep = upkeep_of("sqlite:///karnay.db", tmp_path)
    migrate_to(plain_engine(upkeep.url), "0001")
    [found], _ = upkeep.check()
    assert str(found).startswith("the schema is 0001, ")
    assert found.remedy == "run `karnay db upgrade`"
    assert upkeep.check()[0] == [found]


@pytest.mark.parametrize("name", ["", "karnay.db", "karnay.db-wal"])
def test_what_everybody_may_write_is_told_with_the_command_that_ends_it(
    sqlite_office: Upkeep, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).touch()
    (tmp_path / name).chmod(0o777)
    [found], _ = sqlite_office.check()
    assert found.remedy == f"`chmod o-w {tmp_path / name}`"


def test_a_check_writes_nothing(sqlite_office: Upkeep, tmp_path: Path) -> None:
    before = (tmp_path / "karnay.db").read_bytes()
    sqlite_office.check()
    assert (tmp_path / "karnay.db").read_bytes() == before


def test_what_is_wrong_comes_with_what_to_do(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    execute(office_url, tmp_path, "DELETE FROM attempts WHERE delivery = 16")
    [found], _ = office.check()
    assert str(found).endswith(": look on the network, then `karnay resolve 16 ...`")
