"""From one schema to the next: while older daemons work, on several machines, or not at all."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from builders import NOON, an_order
from karnay.errors import StoreError
from karnay.store import migrations, schema_info
from karnay.store.addresses import address
from karnay.store.database import Database
from karnay.store.engines import plain_engine
from karnay.store.migrate import bring_up_to_date, configuration, lock_tables, pending
from karnay.store.queue import Queue
from karnay.store.remedies import translated
from karnay.store.tables import REVISION
from office import content, execute, migrate_to, open_the_office, upkeep_of
from postgres import Server

ADDITIVE = '''
"""Something more to remember of a post."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, compatible_with = "0901", "{before}", "0001"
def upgrade():
    op.add_column("deliveries", sa.Column("mood", sa.Text(), server_default="", nullable=False))
'''
BREAKING = '''
"""Posts have another name."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0902", "0901"
def upgrade():
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("post", new_column_name="announcement")
'''


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, kind: str) -> str:
    """A database without a schema."""
    if kind == "sqlite":
        return "sqlite:///karnay.db"
    running: Server = request.getfixturevalue("postgres")
    return running.url(running.database())


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def engine(empty_url: str, tmp_path: Path) -> sa.Engine:
    return plain_engine(address(empty_url, tmp_path))


@pytest.fixture
def coming(tmp_path: Path) -> Callable[..., Config]:
    """The configuration of a later karnay, with these migrations more."""

    def make(*scripts: str) -> Config:
        folder = tmp_path / "coming"
        folder.mkdir(exist_ok=True)
        for number, script in enumerate(scripts):
            text = script.replace("{before}", REVISION)
            (folder / f"coming_{number}.py").write_text(text, encoding="utf-8")
        config = configuration()
        packaged = Path(str(migrations.__file__)).parent / "versions"
        config.set_main_option("version_locations", f"{packaged}:{folder}")
        return config

    return make


def test_a_fresh_database_gets_every_migration(engine: sa.Engine) -> None:
    ran = bring_up_to_date(engine)
    assert ran[0].revision == "0001"
    assert ran[-1].revision == REVISION
    assert bring_up_to_date(engine) == []


def test_every_migration_says_what_it_does(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert all(one.sentence.endswith(".") for one in pending(connection))


def test_machines_that_upgrade_at_once_take_turns(engine: sa.Engine) -> None:
    migrate_to(engine, "0001")
    with ThreadPoolExecutor(4) as machines:
        ran = list(machines.map(lambda _: bring_up_to_date(engine), range(4)))
    assert sorted(map(len, ran)) == [0, 0, 0, len(max(ran, key=len))]


OLD_INSERT = """
    INSERT INTO deliveries (post, account, platform, occurrence, state, planned_at, due_at, late,
        max_late, variant, hash, created_at, updated_at)
    VALUES (:post, :account, 'telegram', '', 'scheduled', 1, 1, 'hold', 3600, '{}', '', 1, 1)
"""
OLD_CLAIM = """
    UPDATE deliveries SET state = 'publishing', fence = fence + 1, claimed_by = 'old:1',
        claimed_until = 9, updated_at = 2
    WHERE id IN (SELECT id FROM deliveries WHERE state = 'scheduled' AND account = :account
        ORDER BY due_at, id LIMIT 1) RETURNING id, fence
"""
OLD_BEGIN = """
    INSERT INTO attempts (delivery, step, number, fence, began_at)
    VALUES (:id, 'create-1', 1, :fence, 2)
"""
OLD_END = "UPDATE attempts SET ended_at = 3, outcome = 'Rejected' WHERE delivery = :id"
OLD_SETTLE = """
    UPDATE deliveries SET state = 'failed', claimed_by = '', claimed_until = NULL, updated_at = 3
    WHERE id = :id AND fence = :fence AND state = 'publishing'
"""


class OldDaemon:
    """Queues, claims and settles with the statements of the first schema, until it is stopped."""

    def __init__(self, engine: sa.Engine, account: str) -> None:
        self._engine, self._account = engine, account
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.done, self.errors = 0, list[Exception]()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            time.sleep(0.002)  # let others have a turn: SQLite's lock knows no queue
            try:
                self._publish()
                self.done += 1
            except Exception as error:  # noqa: BLE001 - whatever breaks is what we look for
                self.errors.append(error)

    def _publish(self) -> None:
        account = {"account": self._account}
        with self._engine.begin() as connection:
            connection.execute(sa.text(OLD_INSERT), {"post": str(self.done), **account})
        with self._engine.begin() as connection:
            row = connection.execute(sa.text(OLD_CLAIM), account).one()
            claim = {"id": row.id, "fence": row.fence}
        with self._engine.begin() as connection:
            connection.execute(sa.text(OLD_BEGIN), claim)
        with self._engine.begin() as connection:  # the tables the other way round
            connection.execute(sa.text(OLD_END), {"id": row.id})
            assert connection.execute(sa.text(OLD_SETTLE), claim).rowcount == 1


def stop(daemons: list[OldDaemon]) -> None:
    for daemon in daemons:
        daemon.stop()


@pytest.fixture
def old_daemons(engine: sa.Engine) -> Iterator[list[OldDaemon]]:
    migrate_to(engine, "0001")
    most = 1 if engine.dialect.name == "sqlite" else 3  # a file has one daemon
    daemons = [OldDaemon(engine, f"account-{number}") for number in range(most)]
    yield daemons
    stop(daemons)


def wait_for_more(daemon: OldDaemon, more: int = 5) -> None:
    enough, end = daemon.done + more, time.monotonic() + 30
    while daemon.done < enough and not daemon.errors and time.monotonic() < end:
        time.sleep(0.01)


def test_old_daemons_go_on_while_and_after_the_schema_is_upgraded(
    engine: sa.Engine, old_daemons: list[OldDaemon], coming: Callable[..., Config]
) -> None:
    wait_for_more(old_daemons[0])
    ran = bring_up_to_date(engine, config=coming(ADDITIVE))
    wait_for_more(old_daemons[-1])
    assert ran[-1].revision == "0901"
    assert [error for daemon in old_daemons for error in daemon.errors] == []


def test_what_old_daemons_wrote_meanwhile_is_sound(
    engine: sa.Engine, old_daemons: list[OldDaemon], empty_url: str, tmp_path: Path
) -> None:
    wait_for_more(old_daemons[0])
    bring_up_to_date(engine)
    wait_for_more(old_daemons[-1])
    stop(old_daemons)
    found, rows = upkeep_of(empty_url, tmp_path).check()
    assert found == []
    assert rows["attempts"] == rows["deliveries"]


def test_a_newer_database_that_only_has_more_is_used(
    engine: sa.Engine, empty_url: str, coming: Callable[..., Config], tmp_path: Path
) -> None:
    bring_up_to_date(engine, config=coming(ADDITIVE))
    older = Database(empty_url, tmp_path)
    [added] = Queue(older, "nilufar").add([an_order()], NOON)
    older.close()
    assert execute(empty_url, tmp_path, "SELECT id, mood FROM deliveries") == [(added.id, "")]


def test_a_newer_database_that_works_otherwise_is_refused(
    engine: sa.Engine, coming: Callable[..., Config]
) -> None:
    bring_up_to_date(engine, config=coming(ADDITIVE, BREAKING))
    with pytest.raises(StoreError, match=r"written by a newer karnay \(its schema is 0902"):
        bring_up_to_date(engine)


def test_a_migration_that_breaks_older_code_waits_for_db_upgrade(
    engine: sa.Engine, coming: Callable[..., Config]
) -> None:
    bring_up_to_date(engine)
    with pytest.raises(StoreError, match="stop every daemon, then run `karnay db upgrade`"):
        bring_up_to_date(engine, config=coming(ADDITIVE, BREAKING))
    assert len(bring_up_to_date(engine, alone=True, config=coming(ADDITIVE, BREAKING))) == 2


def test_a_database_says_who_may_use_it(engine: sa.Engine, coming: Callable[..., Config]) -> None:
    bring_up_to_date(engine, alone=True, config=coming(ADDITIVE, BREAKING))
    with engine.connect() as connection:
        assert schema_info.read(connection).compatible_with == "0902"


def test_rebuilding_a_table_keeps_what_refers_to_it(
    kind: str, empty_url: str, engine: sa.Engine, coming: Callable[..., Config], tmp_path: Path
) -> None:
    open_the_office(upkeep_of(empty_url, tmp_path))
    before = content(empty_url, tmp_path)["attempts"]
    bring_up_to_date(engine, alone=True, config=coming(ADDITIVE, BREAKING))
    counted = execute(empty_url, tmp_path, "SELECT count(*) FROM attempts")
    assert counted == [(len(before),)]


def test_a_migration_that_fails_half_way_changes_nothing(
    engine: sa.Engine, coming: Callable[..., Config]
) -> None:
    bring_up_to_date(engine)
    fails = ADDITIVE + "    raise ZeroDivisionError\n"
    with pytest.raises(ZeroDivisionError):
        bring_up_to_date(engine, config=coming(fails))
    assert "mood" not in {one["name"] for one in sa.inspect(engine).get_columns("deliveries")}
    assert bring_up_to_date(engine) == []


def test_tables_without_a_revision_are_no_fresh_database(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE deliveries (id INTEGER)")
    with pytest.raises(StoreError, match="half-migrated, or another program's: it has deliveries"):
        bring_up_to_date(engine)


def test_a_full_disk_in_the_middle_of_an_upgrade_changes_nothing(tmp_path: Path) -> None:
    engine = plain_engine(address("sqlite:///karnay.db", tmp_path))
    migrate_to(engine, "0001")

    @sa.event.listens_for(engine, "connect")
    def leave_no_room(connection: object, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    with pytest.raises(StoreError, match="the disk is full"), translated(engine.url):
        bring_up_to_date(engine)
    assert execute("sqlite:///karnay.db", tmp_path, "SELECT * FROM alembic_version") == [("0001",)]


def test_a_read_only_file_is_said(tmp_path: Path) -> None:
    migrate_to(plain_engine(address("sqlite:///karnay.db", tmp_path)), "0001")
    only = {"mode": "ro", "uri": "true"}
    url = sa.URL.create("sqlite", database=f"file:{tmp_path / 'karnay.db'}", query=only)
    with pytest.raises(StoreError, match="the database is read-only"), translated(url):
        bring_up_to_date(plain_engine(url))


def test_a_standby_server_is_said(postgres: Server, tmp_path: Path) -> None:
    name = postgres.database()
    postgres.ask(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="the server takes no writes"):
        upkeep_of(postgres.url(name), tmp_path).upgrade()


def test_tables_that_are_locked_for_long_are_said(postgres_database: Database) -> None:
    engine = plain_engine(postgres_database.url)
    with engine.begin() as hoarder, engine.begin() as other:
        hoarder.exec_driver_sql("LOCK TABLE deliveries")
        with pytest.raises(StoreError, match="another program keeps the tables locked"):
            lock_tables(other, patience=0.3)
