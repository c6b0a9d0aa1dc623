"""What was spent, counted from the journal, on every kind of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from builders import HOUR, NOON, an_order
from karnay.accounts import Account, Budget, Counts
from karnay.delivery.delivery import Progress
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call
from karnay.store.budgets import ASK_AGAIN, Budgets, over_budget, spent, usages, wanted
from karnay.store.database import Database
from karnay.store.rows import columns_of
from karnay.store.tables import attempts, deliveries, steps

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BACK = (NOON - 24 * HOUR, NOON)
TWO_AN_HOUR = Budget(2, HOUR)


def an_account(name: str = "telegram", *budgets: Budget) -> Account:
    return Account(name, "telegram", "en", details=None, budgets=budgets)  # type: ignore[arg-type]


def a_plan(parts: int) -> list[Step]:
    upload = Step("upload", Effect.SAFE, "k0", Call("POST", "/upload"))
    create = [
        Step(f"create-{index}", Effect.ONCE, f"k{index}", Call("POST", "/"), index)
        for index in range(parts)
    ]
    return [upload, *create]


def a_row(connection: Connection, table: sa.Table, **values: Any) -> int:
    made: int = connection.execute(
        sa.insert(table).values(values).returning(table.c.id)
    ).scalar_one()
    return made


def publishing(
    connection: Connection, parts: int = 1, *, account: str = "telegram", **changes: Any
) -> int:
    """A delivery that a worker has in its hands, its steps frozen."""
    order = an_order(account=account, post=f"post-{account}-{changes.get('updated_at', NOON)}")
    fresh = {**columns_of(order, NOON), "state": "publishing", "fence": 1, "created_at": NOON}
    delivery = a_row(connection, deliveries, **{**fresh, **changes})
    for position, step in enumerate(a_plan(parts)):
        frozen = {"name": step.name, "effect": step.effect, "step": step.as_json()}
        a_row(connection, steps, delivery=delivery, position=position, **frozen)
    return delivery


def attempted(
    connection: Connection, delivery: int, step: str, began_at: datetime, **ended: Any
) -> None:
    a_row(
        connection,
        attempts,
        **{"delivery": delivery, "step": step, "number": 1, "fence": 1, "began_at": began_at},
        **ended,
    )


def posted(connection: Connection, at: datetime, account: str = "telegram", **ended: Any) -> None:
    """A delivery of one part, sent a second before that moment and answered then."""
    delivery = publishing(connection, account=account, state="published", updated_at=at)
    values = {"ended_at": at, "outcome": "ok", **ended}
    attempted(connection, delivery, "create-0", at - SECOND, **values)


def test_every_part_of_a_thread_spends_one_and_an_upload_none(database: Database) -> None:
    with database.writing() as connection:
        delivery = publishing(connection, parts=2)
        for step in ("upload", "create-0", "create-1"):
            attempted(connection, delivery, step, NOON - MINUTE, ended_at=NOON, outcome="ok")
        assert spent(connection, ["telegram"], BACK) == [NOON, NOON]


def test_the_newest_come_first_and_no_more_than_asked_for(database: Database) -> None:
    with database.writing() as connection:
        for minutes in (3, 1, 2):
            posted(connection, NOON - minutes * MINUTE)
        found = spent(connection, ["telegram"], BACK, most=2)
    assert found == [NOON - MINUTE, NOON - 2 * MINUTE]


def test_a_request_counts_from_when_it_ended(database: Database) -> None:
    with database.writing() as connection:
        posted(connection, NOON - HOUR)
        assert spent(connection, ["telegram"], (NOON - HOUR - SECOND, NOON)) == [NOON - HOUR]
        assert spent(connection, ["telegram"], (NOON - HOUR, NOON)) == []


def test_a_request_that_is_out_counts_as_of_now(database: Database) -> None:
    account = an_account("telegram", Budget(1, HOUR))
    with database.writing() as connection:
        attempted(connection, publishing(connection), "create-0", NOON - MINUTE)
        found = over_budget(connection, account, wanted=1, now=NOON)
    assert found is not None
    assert found.until == NOON + HOUR


def test_what_a_recovery_ended_after_days_spends_nothing_of_today(database: Database) -> None:
    began = NOON - 72 * HOUR
    with database.writing() as connection:
        delivery = publishing(connection)
        attempted(connection, delivery, "create-0", began, ended_at=NOON, outcome="lost")
        assert spent(connection, ["telegram"], BACK) == []


def test_a_clock_that_was_a_year_ahead_does_not_stop_the_account(database: Database) -> None:
    with database.writing() as connection:
        posted(connection, NOON + 365 * 24 * HOUR)
        account = an_account("telegram", Budget(1, HOUR))
        assert over_budget(connection, account, wanted=1, now=NOON) is None


@pytest.mark.parametrize(
    ("outcome", "counts", "counted"),
    [
        ("ok", Counts.POSTS, 1),
        ("found", Counts.POSTS, 1),
        ("OutcomeUnknown", Counts.POSTS, 1),
        ("Transient", Counts.POSTS, 1),
        ("lost", Counts.POSTS, 1),
        ("NotSent", Counts.POSTS, 0),
        ("RateLimited", Counts.POSTS, 0),
        ("AccountError", Counts.POSTS, 0),
        ("Rejected", Counts.POSTS, 0),
        ("ok", Counts.REQUESTS, 1),
        ("Rejected", Counts.REQUESTS, 1),
        ("AccountError", Counts.REQUESTS, 1),
        ("NotSent", Counts.REQUESTS, 0),
        ("RateLimited", Counts.REQUESTS, 0),
    ],
)
def test_what_an_outcome_spends(
    database: Database, outcome: str, counts: Counts, counted: int
) -> None:
    with database.writing() as connection:
        posted(connection, NOON, outcome=outcome)
        assert len(spent(connection, ["telegram"], BACK, counts=counts)) == counted


def test_accounts_spend_each_of_their_own(database: Database) -> None:
    with database.writing() as connection:
        posted(connection, NOON, "telegram-uz")
        assert spent(connection, ["telegram-ru"], BACK) == []
        assert spent(connection, ["telegram-ru", "telegram-uz"], BACK) == [NOON]


def test_the_limit_is_met_before_the_network_says_so(database: Database) -> None:
    account = an_account("telegram", TWO_AN_HOUR)
    with database.writing() as connection:
        posted(connection, NOON - 20 * MINUTE)
        assert over_budget(connection, account, wanted=1, now=NOON) is None
        posted(connection, NOON - 10 * MINUTE)
        found = over_budget(connection, account, wanted=1, now=NOON)
        assert found is not None
        assert found.reason == "budget: 2 of 2 an hour used; goes on at 12:40"
        assert over_budget(connection, account, wanted=1, now=found.until) is None


def test_a_thread_asks_for_room_for_all_its_parts(database: Database) -> None:
    account = an_account("telegram", Budget(3, HOUR))
    with database.writing() as connection:
        posted(connection, NOON - 10 * MINUTE)
        assert over_budget(connection, account, wanted=2, now=NOON) is None
        found = over_budget(connection, account, wanted=3, now=NOON)
    assert found is not None
    assert found.until == NOON + 50 * MINUTE


def shared(most: int) -> Budget:
    return replace(TWO_AN_HOUR, most=most, shared_by=frozenset({"telegram-uz", "telegram-ru"}))


def test_a_shared_budget_is_spent_by_all_its_accounts(database: Database) -> None:
    account = an_account("telegram-ru", shared(2))
    with database.writing() as connection:
        posted(connection, NOON - MINUTE, "telegram-uz")
        posted(connection, NOON - MINUTE, "telegram-ru")
        found = over_budget(connection, account, wanted=1, now=NOON)
    assert found is not None
    assert found.reason == "budget: 2 of 2 an hour used by 2 accounts; goes on at 12:59"


def test_nobody_takes_the_room_of_a_thread_that_has_begun(database: Database) -> None:
    other = an_account("telegram-ru", shared(3))
    with database.writing() as connection:
        delivery = publishing(connection, parts=3, account="telegram-uz")
        assert over_budget(connection, other, wanted=1, now=NOON) is None
        attempted(connection, delivery, "create-0", NOON, ended_at=NOON, outcome="ok")
        assert over_budget(connection, other, wanted=1, now=NOON) is not None
        mine = an_account("telegram-uz", shared(3))
        assert over_budget(connection, mine, wanted=1, now=NOON) is None


def test_how_each_budget_stands_can_be_told(database: Database) -> None:
    account = an_account("telegram", TWO_AN_HOUR, Budget(5, 24 * HOUR))
    with database.writing() as connection:
        posted(connection, NOON - 90 * MINUTE)
        posted(connection, NOON - MINUTE)
        found = usages(connection, account, now=NOON)
    assert [(one.used, one.budget.most) for one in found] == [(1, 2), (2, 5)]


@pytest.mark.parametrize(
    ("received", "room"), [([], 3), (["upload"], 3), (["upload", "create-0"], 1)]
)
def test_a_thread_begins_whole_and_goes_on_part_by_part(received: list[str], room: int) -> None:
    receipts = {name: Receipt("57") for name in received}
    assert wanted(Progress(tuple(a_plan(3)), receipts)) == room


def test_a_plan_without_parts_to_come_needs_no_room() -> None:
    whole = {step.name: Receipt("57") for step in a_plan(1)}
    assert wanted(Progress(tuple(a_plan(1)), whole)) == 0


def _posts_if_there_is_room(database: Database, turns: Budgets, name: str) -> bool:
    with turns.turn(an_account(name, shared(1)), wanted=1, now=NOON) as waits:
        if waits is None:
            with database.writing() as connection:
                posted(connection, NOON, name)
    return waits is None


def _posts_while_another_wants_to(database: Database, ours: Budgets, theirs: Budgets) -> bool:
    """Whether the other one, who asks while we are about to post, posts as well."""
    account = an_account("telegram-uz", shared(1))
    with ThreadPoolExecutor(1) as worker:
        with ours.turn(account, wanted=1, now=NOON) as waits:
            other = worker.submit(_posts_if_there_is_room, database, theirs, "telegram-ru")
            with pytest.raises(TimeoutError):
                other.result(timeout=0.2)
            with database.writing() as connection:
                posted(connection, NOON, account.name)
        return waits is not None or other.result()


def test_two_workers_do_not_share_the_last_of_a_budget(database: Database) -> None:
    turns = Budgets(database)
    assert not _posts_while_another_wants_to(database, turns, turns)


def test_two_machines_do_not_share_the_last_of_a_budget(postgres_url: str, tmp_path: Path) -> None:
    with closing(Database(postgres_url, tmp_path)) as opened:
        assert not _posts_while_another_wants_to(opened, Budgets(opened), Budgets(opened))


def test_whoever_waits_asks_again_before_long(database: Database) -> None:
    account = an_account("telegram", Budget(1, 24 * HOUR))
    with database.writing() as connection:
        posted(connection, NOON)
    with Budgets(database).turn(account, wanted=1, now=NOON) as waits:
        assert waits is not None
        assert waits.until == NOON + ASK_AGAIN
        assert waits.reason.endswith("goes on at 2026-11-25 12:00")


@pytest.mark.parametrize(
    ("account", "parts"), [(an_account(), 1), (an_account("telegram", TWO_AN_HOUR), 0)]
)
def test_where_nothing_is_to_be_counted_the_database_is_not_asked(
    database: Database, account: Account, parts: int
) -> None:
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with Budgets(database).turn(account, wanted=parts, now=NOON) as waits:
        assert waits is None
    assert asked == []


def test_what_an_account_sent_lately_is_found_by_its_index(sqlite_database: Database) -> None:
    asked: list[tuple[Any, ...]] = []
    engine = sqlite_database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    with sqlite_database.reading() as connection:
        usages(connection, an_account("telegram", TWO_AN_HOUR), now=NOON)
        [(statement, values)] = [one for one in asked if "FROM deliveries" in one[0]]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        assert "USING INDEX ix_deliveries_lately" in str(plan.all())
