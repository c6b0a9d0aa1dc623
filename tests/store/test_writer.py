"""Group commit: whole works, together, each with its own end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from builders import NOON, an_order
from karnay.errors import NotPossible, StoreError
from karnay.store.audit import DAEMON
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.store.statements import Statement
from karnay.store.tables import audit
from karnay.store.writer import WRITER, Alone, Unwatched, Writer

if TYPE_CHECKING:
    from karnay.store.writer import Writes

_COLUMNS = ("at", "who", "action", "delivery", "account", "detail")
_NOTE = Statement(audit.insert().values({name: sa.bindparam(name) for name in _COLUMNS}))


def note(action: str) -> tuple[Statement, dict[str, object]]:
    columns = {"at": NOON, "who": DAEMON, "delivery": None, "account": None, "detail": ""}
    return _NOTE, {**columns, "action": action}


def noting(*actions: str) -> Callable[[], Writes[tuple[str, ...]]]:
    def noted() -> Writes[tuple[str, ...]]:
        for action in actions:
            yield [note(action)]
        return actions

    return noted


def refusing() -> Writes[None]:
    raise NotPossible("not today")
    yield [note("never")]


def breaking() -> Writes[None]:
    yield [note("half")]
    raise ZeroDivisionError


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    made = Writer(database)
    yield made
    made.close()


def noted(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.scalars(audit.select().with_only_columns(audit.c.action)))


def test_what_many_write_at_once_is_all_there(writer: Writer, database: Database) -> None:
    names = [f"{number:03}" for number in range(200)]
    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(lambda name: writer.write(noting(name)), names))
    assert ended == [(name,) for name in names]
    assert noted(database) == names


def test_one_that_refuses_keeps_no_other_from_being_written(
    writer: Writer, database: Database
) -> None:
    with ThreadPoolExecutor(2) as pool:
        refused = pool.submit(writer.write, refusing)
        written = pool.submit(writer.write, noting("kept"))
    with pytest.raises(NotPossible, match="not today"):
        refused.result()
    assert written.result() == ("kept",)
    assert noted(database) == ["kept"]


def test_one_that_breaks_spoils_no_other(writer: Writer, database: Database) -> None:
    with ThreadPoolExecutor(9) as pool:
        broken = pool.submit(writer.write, breaking)
        written = [pool.submit(writer.write, noting(name)) for name in "abcdefg"]
    assert isinstance(broken.exception(), ZeroDivisionError)
    assert [one.result() for one in written] == [(name,) for name in "abcdefg"]
    assert noted(database) == list("abcdefg")


def test_a_work_is_written_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        Alone(database).write(breaking)
    assert noted(database) == []


def test_a_closed_writer_says_so(database: Database) -> None:
    writer = Writer(database)
    writer.close()
    with pytest.raises(StoreError, match="stopped"):
        writer.write(noting("late"))


def test_what_was_handed_over_before_the_end_is_written(database: Database) -> None:
    writer = Writer(database)
    with ThreadPoolExecutor(4) as pool:
        ended = [pool.submit(writer.write, noting(name)) for name in "abcd"]
        done = [one.result() for one in ended]
        writer.close()
    assert len(done) == len(noted(database)) == 4


class Diary(Unwatched):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def beat(self, name: str) -> None:
        self.told.append(name)

    def stored(self) -> None:
        self.told.append("stored")

    def store_refused(self, reason: str) -> None:
        self.told.append(reason)


def test_whoever_watches_is_told_of_every_commit(database: Database) -> None:
    diary = Diary()
    writer = Writer(database, diary)
    writer.write(noting("kept"))
    writer.close()
    assert diary.told[:2] == [WRITER, "stored"]
    assert diary.told.count("stored") == 1


def test_whoever_watches_is_told_why_the_database_refuses(database: Database) -> None:
    with database.writing() as connection:
        audit.drop(connection)
    diary = Diary()
    writer = Writer(database, diary)
    with pytest.raises(StoreError) as refusal:
        writer.write(noting("lost"))
    writer.close()
    assert str(refusal.value) in diary.told
    assert "stored" not in diary.told


def test_people_and_the_writer_do_not_get_in_each_others_way(
    writer: Writer, queue: Queue, database: Database
) -> None:
    with ThreadPoolExecutor(2) as pool:
        pool.submit(lambda: [writer.write(noting("w")) for _ in range(30)])
        [pool.submit(queue.add, [an_order(post=f"p{n}")], NOON) for n in range(30)]
    assert noted(database).count("w") == 30
    assert len(queue.all()) == 30
