"""Backups: whole, checked, private, and never in place of another file."""

import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from builders import NOON
from karnay.errors import NotFound, NotPossible, StoreError
from karnay.store.engines import plain_engine
from karnay.store.tables import audit
from karnay.store.upkeep import Upkeep
from office import content, execute, migrate_to, upkeep_of
from postgres import Server


@pytest.fixture
def shared_office(shared_office_url: str, tmp_path: Path) -> Upkeep:
    return upkeep_of(shared_office_url, tmp_path)


def test_a_backup_holds_every_row(
    shared_office: Upkeep, shared_office_url: str, tmp_path: Path
) -> None:
    shared_office.back_up(tmp_path / "saved.db", NOON)
    assert content("sqlite:///saved.db", tmp_path) == content(shared_office_url, tmp_path)


def test_a_backup_says_of_which_moment_it_is(shared_office: Upkeep, tmp_path: Path) -> None:
    shared_office.back_up(tmp_path / "saved.db", NOON)
    [[taken]] = execute("sqlite:///saved.db", tmp_path, "SELECT taken_at FROM schema_info")
    assert taken == NOON.timestamp() * 1_000_000


def test_only_its_owner_may_read_a_backup(shared_office: Upkeep, tmp_path: Path) -> None:
    shared_office.back_up(tmp_path / "saved.db", NOON)
    assert stat.S_IMODE((tmp_path / "saved.db").stat().st_mode) == 0o600


def test_a_backup_is_one_file_and_leaves_no_other(shared_office: Upkeep, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    shared_office.back_up(tmp_path / "backups" / "saved.db", NOON)
    assert [file.name for file in (tmp_path / "backups").iterdir()] == ["saved.db"]


def test_no_file_is_overwritten_by_a_backup(shared_office: Upkeep, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotPossible, match=r"thesis\.txt exists"):
        shared_office.back_up(tmp_path / "thesis.txt", NOON)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_backup_into_a_missing_folder_says_so(shared_office: Upkeep, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/saved\.db"):
        shared_office.back_up(tmp_path / "nowhere" / "saved.db", NOON)


def test_a_backup_shows_one_moment_while_others_write(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    stopping = threading.Event()

    def write_pairs() -> None:
        engine = plain_engine(office.url)
        line = {"at": NOON, "who": "x", "action": "pair"}
        while not stopping.is_set():
            with engine.begin() as connection:
                connection.execute(sa.insert(audit), [line, line])

    writer = threading.Thread(target=write_pairs)
    writer.start()
    office.back_up(tmp_path / "saved.db", NOON)
    stopping.set()
    writer.join()
    pairs = "SELECT count(*) FROM audit WHERE action = 'pair'"
    [[written]] = execute("sqlite:///saved.db", tmp_path, pairs)
    assert written % 2 == 0


def test_a_backup_of_no_database_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no database .*karnay\.db"):
        upkeep_of("sqlite:///karnay.db", tmp_path).back_up(tmp_path / "saved.db", NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_not_called_backed_up(sqlite_office: Upkeep, tmp_path: Path) -> None:
    with (tmp_path / "karnay.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    with pytest.raises(StoreError, match="damaged"):
        sqlite_office.back_up(tmp_path / "saved.db", NOON)
    assert not (tmp_path / "saved.db").exists()


def test_what_is_wrong_in_the_journal_is_told_and_kept(
    office: Upkeep, office_url: str, tmp_path: Path
) -> None:
    execute(office_url, tmp_path, "DELETE FROM receipts WHERE delivery = 11")
    [found] = office.back_up(tmp_path / "saved.db", NOON).violations
    assert found.sentence == "delivery 11 is published, but its step create-1 has no receipt"


def test_a_backup_of_an_older_schema_can_be_restored(tmp_path: Path) -> None:
    upkeep = upkeep_of("sqlite:///karnay.db", tmp_path)
    migrate_to(plain_engine(upkeep.url), "0001")
    upkeep.back_up(tmp_path / "saved.db", NOON)
    other = upkeep_of("sqlite:///other.db", tmp_path)
    other.restore(tmp_path / "saved.db", NOON)
    assert other.check()[0] == []


def test_a_server_of_an_older_schema_is_not_backed_up_before_its_upgrade(
    postgres: Server, tmp_path: Path
) -> None:
    upkeep = upkeep_of(postgres.url(postgres.database()), tmp_path)
    migrate_to(plain_engine(upkeep.url), "0001")
    with pytest.raises(StoreError, match="run `karnay db upgrade`"):
        upkeep.back_up(tmp_path / "saved.db", NOON)
    assert list(tmp_path.iterdir()) == []
