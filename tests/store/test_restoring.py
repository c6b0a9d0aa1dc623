"""Restoring: the backup's moment is over, so nothing goes out before a person has looked."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from builders import HOUR, NOON, an_order
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import Event, State
from karnay.errors import NotFound, NotPossible, StoreError
from karnay.store.checking import violations
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.store.tables import vault
from karnay.store.upkeep import Upkeep
from office import (
    CLAIMED,
    FAILED,
    PUBLISHED,
    PUBLISHING,
    RECEIVED,
    SCHEDULED,
    STATES,
    THREAD,
    UNKNOWN,
    content,
    execute,
    upkeep_of,
)
from postgres import Server

LATER = NOON + 3 * HOUR
REASON = "restored from a backup of 2026-11-24 12:00 UTC"


@pytest.fixture
def upkeep(database_url: str, tmp_path: Path) -> Upkeep:
    """An empty database."""
    return upkeep_of(database_url, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def restored(
    request: pytest.FixtureRequest, office_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database after the backup was restored into it, three hours later; to be read only."""
    folder, url = tmp_path_factory.mktemp("restored"), "sqlite:///karnay.db"
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        url = server.url(server.with_schema())
    upkeep_of(url, folder).restore(office_folder / "saved.db", LATER)
    with closing(Database(url, folder)) as opened:
        yield opened


@pytest.fixture
def database(upkeep: Upkeep, saved: Path, database_url: str, tmp_path: Path) -> Iterator[Database]:
    """Another one, to do something with."""
    upkeep.restore(saved, LATER)
    with closing(Database(database_url, tmp_path)) as opened:
        yield opened


def delivery_of(database: Database, number: int) -> Delivery:
    return Queue(database, "nilufar").get(number)


def test_nothing_goes_out_by_itself_after_a_restore(restored: Database) -> None:
    assert Journal(restored, "here:2").claim(LATER + 100 * HOUR, HOUR) == []


def test_no_look_lets_a_thread_go_on_after_a_restore(restored: Database) -> None:
    assert Journal(restored, "here:2").claim_looks(LATER + 100 * HOUR, HOUR) == []


def test_no_old_claim_is_left_to_be_taken_over_after_a_restore(restored: Database) -> None:
    assert Queue(restored, "nilufar").counts()[State.PUBLISHING] == 0


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (PUBLISHED, State.PUBLISHED),
        (THREAD, State.SCHEDULED),
        (SCHEDULED, State.SCHEDULED),
        (PUBLISHING, State.UNKNOWN),
        (CLAIMED, State.SCHEDULED),
        (UNKNOWN, State.UNKNOWN),
        (FAILED, State.FAILED),
        (RECEIVED, State.PUBLISHED),
    ],
)
def test_what_a_backup_brings_back_is_as_it_was_or_in_doubt(
    restored: Database, number: int, state: State
) -> None:
    assert delivery_of(restored, number).state is state


@pytest.mark.parametrize("number", [THREAD, SCHEDULED, CLAIMED])
def test_what_was_waiting_is_held_with_the_reason(restored: Database, number: int) -> None:
    assert delivery_of(restored, number).held.startswith(REASON)


@pytest.mark.parametrize("number", [PUBLISHING, UNKNOWN])
def test_what_was_under_way_waits_for_a_persons_word(restored: Database, number: int) -> None:
    delivery = delivery_of(restored, number)
    assert (delivery.error.startswith(REASON), delivery.look_at) == (True, None)


def test_a_person_lets_go_of_what_is_not_out(queue: Queue, journal: Journal) -> None:
    queue.move(SCHEDULED, LATER, LATER)
    [claimed] = journal.claim(LATER, HOUR)
    assert claimed.id == SCHEDULED


def test_a_person_says_that_what_was_under_way_is_there(queue: Queue) -> None:
    settled = queue.resolve(PUBLISHING, Event.FOUND, LATER, "https://t.me/demo/14")
    assert settled.state is State.PUBLISHED


@pytest.mark.parametrize("number", [SCHEDULED, PUBLISHING])
def test_the_history_tells_of_the_restore(restored: Database, number: int) -> None:
    trail = Queue(restored, "nilufar").history(number).trail
    assert trail[-1].detail == REASON
    assert trail[-1].who == "nilufar"


def test_a_refresh_token_of_a_backup_may_be_spent(restored: Database) -> None:
    asked = sa.select(vault.c.name, vault.c.sent_at).order_by(vault.c.name)
    with restored.reading() as connection:
        found = {row.name: row.sent_at for row in connection.execute(asked)}
    assert found == {"account-11": None, "account-12": NOON}


def test_a_restored_database_is_sound(restored: Database) -> None:
    with restored.reading() as connection:
        assert violations(connection) == []


def test_a_daemon_that_sleeps_through_a_restore_has_no_claim_left(restored: Database) -> None:
    old_fence = 3 + 1000  # however often it was claimed before the restore
    assert all(delivery_of(restored, number).fence > old_fence for number in STATES)


def test_what_was_done_is_counted(upkeep: Upkeep, saved: Path) -> None:
    result = upkeep.restore(saved, LATER)
    assert (result.held, result.in_doubt, result.rows["deliveries"]) == (3, 2, len(STATES))
    assert (result.taken_at, result.kept) == (NOON, None)


def test_a_database_with_something_in_it_is_not_replaced(
    office: Upkeep, saved: Path, office_url: str, tmp_path: Path
) -> None:
    before = content(office_url, tmp_path)
    with pytest.raises(NotPossible, match="is not empty: `--replace`"):
        office.restore(saved, LATER)
    assert content(office_url, tmp_path) == before


def test_what_is_replaced_is_backed_up_first(
    office: Upkeep, saved: Path, office_url: str, tmp_path: Path
) -> None:
    execute(office_url, tmp_path, "UPDATE audit SET who = 'somebody else'")
    before = content(office_url, tmp_path)
    kept = office.restore(saved, LATER, keep_in=tmp_path).kept
    assert kept is not None
    assert content(f"sqlite:///{kept.name}", tmp_path) == before
    assert content(office_url, tmp_path)["audit"] != before["audit"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alembic_version SET version_num = 'moved'",
        "DELETE FROM alembic_version",
        "DROP TABLE receipts",
    ],
)
def test_a_file_that_cannot_be_used_is_moved_out_of_the_way(
    sqlite_office: Upkeep, saved: Path, tmp_path: Path, damage: str
) -> None:
    execute("sqlite:///karnay.db", tmp_path, damage)
    with pytest.raises(StoreError, match="`--replace` moves it out of the way"):
        sqlite_office.restore(saved, LATER)
    kept = sqlite_office.restore(saved, LATER, keep_in=tmp_path).kept
    assert kept is not None
    assert kept.exists()
    assert sqlite_office.check()[0] == []


def test_a_server_that_others_use_is_not_restored(
    postgres_database: Database, postgres_url: str, saved: Path, tmp_path: Path
) -> None:
    upkeep = upkeep_of(postgres_url, tmp_path)
    with postgres_database.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(NotPossible, match="is in use"):
            upkeep.restore(saved, LATER)


def test_a_backup_that_is_not_there_is_named(upkeep: Upkeep, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*nowhere\.db"):
        upkeep.restore(tmp_path / "nowhere.db", LATER)


@pytest.mark.parametrize("poem", [b"", b"this is a poem, not a database" * 100])
def test_a_file_that_is_no_backup_is_refused(upkeep: Upkeep, tmp_path: Path, poem: bytes) -> None:
    (tmp_path / "poem.db").write_bytes(poem)
    with pytest.raises(StoreError, match=r"poem\.db: this file is not a karnay database"):
        upkeep.restore(tmp_path / "poem.db", LATER)


def test_a_damaged_backup_changes_nothing(
    office: Upkeep, saved: Path, office_url: str, tmp_path: Path
) -> None:
    before = content(office_url, tmp_path)
    with saved.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    with pytest.raises(StoreError, match="damaged"):
        office.restore(saved, LATER, keep_in=tmp_path)
    assert content(office_url, tmp_path) == before


def test_restoring_leaves_the_backup_as_it_is(upkeep: Upkeep, saved: Path) -> None:
    before = saved.read_bytes()
    upkeep.restore(saved, LATER)
    assert saved.read_bytes() == before


def test_a_plain_copy_of_an_old_database_is_a_backup_too(
    upkeep: Upkeep, database_url: str, tmp_path: Path
) -> None:
    other = Database("sqlite:///other.db", tmp_path)
    Queue(other, "nilufar").add([an_order()], NOON)
    other.close()
    result = upkeep.restore(tmp_path / "other.db", LATER)
    assert result.held == 1
    assert result.taken_at > NOON - timedelta(days=10_000)
