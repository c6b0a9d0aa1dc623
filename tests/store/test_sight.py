"""Which deliveries wait without a reason, and what needs a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from builders import HOUR, NOON, an_order
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import State
from karnay.store.accounts import remember
from karnay.store.database import Database
from karnay.store.queue import Queue
from karnay.store.sight import Needs, abandoned, counts, due, needs, not_begun
from karnay.store.tables import deliveries, vault

PATIENCE = timedelta(seconds=5)
LATER = NOON + timedelta(seconds=20)


def put(queue: Queue, **terms: Any) -> Delivery:
    [added] = queue.add([an_order(**terms)], NOON)
    return added


def alter(database: Database, delivery: Delivery, **values: Any) -> None:
    with database.writing() as connection:
        changed = sa.update(deliveries).where(deliveries.c.id == delivery.id)
        connection.execute(changed.values(values))


def know(database: Database, account: str, **values: Any) -> None:
    with database.writing() as connection:
        remember(connection, account, **values)


def waiting(database: Database, now: Any = LATER) -> list[int]:
    with database.reading() as connection:
        return [one.id for one in not_begun(connection, now, PATIENCE)]


def test_a_due_delivery_waits_without_a_reason_once_patience_is_over(
    database: Database, queue: Queue
) -> None:
    added = put(queue)
    assert waiting(database, NOON + timedelta(seconds=4)) == []
    assert waiting(database, NOON + timedelta(seconds=6)) == [added.id]


def test_one_that_is_not_due_does_not_wait(database: Database, queue: Queue) -> None:
    put(queue, planned_at=NOON + HOUR)
    assert waiting(database) == []


@pytest.mark.parametrize(
    "values",
    [
        {"held": "late"},
        {"due_at": LATER + HOUR},
        {"state": State.PUBLISHING},
        {"state": State.UNKNOWN},
        {"state": State.PUBLISHED},
    ],
)
def test_what_has_a_reason_does_not_count(
    database: Database, queue: Queue, values: dict[str, Any]
) -> None:
    alter(database, put(queue), **values)
    assert waiting(database) == []


@pytest.mark.parametrize(
    "values", [{"paused": "elections", "paused_by": "nilufar"}, {"quiet_until": LATER + HOUR}]
)
def test_an_account_that_is_paused_or_quiet_is_no_reason_to_worry(
    database: Database, queue: Queue, values: dict[str, Any]
) -> None:
    put(queue)
    know(database, "telegram", **values)
    assert waiting(database) == []


def test_after_an_accounts_quiet_time_patience_begins_anew(
    database: Database, queue: Queue
) -> None:
    added = put(queue)
    quiet_until = LATER - timedelta(seconds=3)
    know(database, "telegram", quiet_until=quiet_until)
    assert waiting(database) == []
    later = LATER + timedelta(seconds=3)
    with database.reading() as connection:
        [found] = not_begun(connection, later, PATIENCE)
    assert (found.id, found.since) == (added.id, quiet_until)


def test_one_behind_another_that_is_on_its_way_waits_with_a_reason(
    database: Database, queue: Queue
) -> None:
    first = put(queue, post="first")
    put(queue, post="second")
    alter(database, first, state=State.PUBLISHING)
    assert waiting(database) == []


def test_one_behind_another_that_is_tried_again_later_waits_with_a_reason(
    database: Database, queue: Queue
) -> None:
    first = put(queue, post="first")
    put(queue, post="second", planned_at=NOON + timedelta(seconds=1))
    alter(database, first, due_at=LATER + HOUR, tries=1)
    assert waiting(database) == []


def test_at_most_one_an_account_waits_and_the_longest_due_comes_first(
    database: Database, queue: Queue
) -> None:
    other = put(queue, account="telegram-ru", planned_at=NOON + timedelta(seconds=2))
    first = put(queue, post="first")
    put(queue, post="second", planned_at=NOON + timedelta(seconds=1))
    assert waiting(database) == [first.id, other.id]


def test_all_that_is_due_and_may_go_is_counted(database: Database, queue: Queue) -> None:
    put(queue, post="first")
    put(queue, post="second")
    put(queue, post="later", planned_at=NOON + HOUR)
    put(queue, account="paused")
    know(database, "paused", paused="elections")
    with database.reading() as connection:
        assert due(connection, LATER) == 2


def test_the_states_with_something_to_come_are_counted(database: Database, queue: Queue) -> None:
    put(queue, post="first")
    alter(database, put(queue, post="second"), state=State.UNKNOWN)
    alter(database, put(queue, post="third"), state=State.PUBLISHED)
    with database.reading() as connection:
        found = counts(connection)
    assert found == {State.SCHEDULED: 1, State.PUBLISHING: 0, State.UNKNOWN: 1}


def test_a_person_is_needed_where_nobody_looks_where_it_failed_and_where_it_is_paused(
    database: Database, queue: Queue
) -> None:
    alter(database, put(queue, post="looked for"), state=State.UNKNOWN, look_at=LATER)
    alter(database, put(queue, post="asked"), state=State.UNKNOWN, look_at=None)
    alter(database, put(queue, post="failed"), state=State.FAILED, updated_at=NOON)
    know(database, "x", paused="401")
    with database.reading() as connection:
        assert needs(connection, LATER) == Needs(asked=1, failed=1, paused=("x",))
        assert needs(connection, NOON + 25 * HOUR).failed == 0


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({"expires_at": None}, ()),
        ({"expires_at": NOON + timedelta(days=8)}, ()),
        ({"expires_at": NOON + timedelta(days=7)}, ("x",)),
        ({"expires_at": NOON + HOUR, "renew_at": NOON}, ()),
        ({"expires_at": NOON, "renew_at": NOON}, ("x",)),
        ({"expires_at": None, "trouble": "log in again"}, ("x",)),
    ],
)
def test_a_person_is_needed_where_a_log_in_ends_and_is_not_renewed(
    database: Database, values: dict[str, Any], needed: tuple[str, ...]
) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(vault).values(name="x", sealed="", **values))
    with database.reading() as connection:
        assert needs(connection, NOON).logins == needed


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"state": State.PUBLISHING, "claimed_until": NOON}, 1),
        ({"state": State.PUBLISHING, "claimed_until": LATER}, 0),
        ({"state": State.UNKNOWN, "look_at": NOON}, 1),
        ({"state": State.UNKNOWN, "look_at": LATER}, 0),
        ({"state": State.UNKNOWN, "look_at": None}, 0),
        ({"state": State.PUBLISHED, "claimed_until": NOON}, 0),
    ],
)
def test_what_a_daemon_left_and_nobody_took_over_in_time_is_abandoned(
    database: Database, queue: Queue, values: dict[str, Any], left: int
) -> None:
    alter(database, put(queue), **values)
    with database.reading() as connection:
        assert abandoned(connection, LATER, PATIENCE) == left


def test_looking_costs_by_what_is_due_and_not_by_what_is_queued(sqlite_database: Database) -> None:
    seen: list[str] = []
    with sqlite_database.reading() as connection:
        sa.event.listen(connection, "before_cursor_execute", _keeping(seen))
        not_begun(connection, NOON, PATIENCE)
        due(connection, NOON)
        abandoned(connection, NOON, PATIENCE)
        needs(connection, NOON)
        plans = [_plan(connection, statement) for statement in tuple(seen) if "FROM" in statement]
    steps = [step for plan in plans for step in plan]
    scans = {step for step in steps if step.startswith("SCAN deliveries")}
    assert scans <= {"SCAN deliveries USING INDEX uq_deliveries_one_at_a_time"}  # at work just now
    assert any("ix_deliveries_due (due_at<?)" in step for step in steps)
    assert any("ix_deliveries_failed (updated_at>?)" in step for step in steps)


def _keeping(seen: list[str]) -> Any:
    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    return keep


def _plan(connection: sa.Connection, statement: str) -> list[str]:
    raw = connection.connection.driver_connection
    assert raw is not None
    nothing = [0] * statement.count("?")
    return [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", nothing)]
