"""The database of an office in the middle of its work: something in every table and state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from builders import HOUR, NOON, a_variant
from karnay.store.addresses import address
from karnay.store.copying import content_tables
from karnay.store.engines import plain_engine
from karnay.store.migrate import configuration
from karnay.store.tables import (
    accounts,
    attempts,
    audit,
    deliveries,
    edits,
    figures,
    receipts,
    steps,
    takedowns,
    vault,
)
from karnay.store.upkeep import Upkeep

MINUTE = timedelta(minutes=1)
NASTY = (
    "Ochiq eshiklar kuni: o\u02bbqish, cafe\u0301, \u202eabc, \U0001f469\u200d\U0001f52c, \u2028"
)

PUBLISHED, THREAD, SCHEDULED, PUBLISHING, CLAIMED, UNKNOWN, FAILED, RECEIVED = range(11, 19)
STATES = {
    PUBLISHED: "published",
    THREAD: "scheduled",  # its first part is out
    SCHEDULED: "scheduled",
    PUBLISHING: "publishing",  # a request is out
    CLAIMED: "publishing",  # nothing was begun
    UNKNOWN: "unknown",
    FAILED: "failed",
    RECEIVED: "publishing",  # all is out, and not yet written down as such
}
OPEN, RECEIVED_STEPS = {PUBLISHING}, {PUBLISHED, THREAD, RECEIVED}


def migrate_to(engine: sa.Engine, revision: str) -> None:
    """Make the schema of an older karnay."""
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def a_row(number: int, **changes: Any) -> dict[str, Any]:
    """A delivery of its own account, planned for noon."""
    account, state = f"account-{number}", STATES.get(number, "scheduled")
    claimed = state == "publishing"
    row = {
        "id": number,
        "post": "open-day",
        "account": account,
        "platform": "telegram",
        "state": state,
        "planned_at": NOON,
        "due_at": NOON,
        "late": "hold",
        "max_late": 3600,
        "variant": a_variant(NASTY, account=account).as_json(),
        "hash": "0" * 64,
        "fence": 3,
        "claimed_by": "here:1" if claimed else "",
        "claimed_until": NOON if claimed else None,
        "look_at": NOON + MINUTE if state == "unknown" else None,
        "created_at": NOON - HOUR,
        "updated_at": NOON,
    }
    return row | changes


def open_the_office(upkeep: Upkeep) -> None:
    """Make the schema, and fill every table."""
    upkeep.upgrade()
    with plain_engine(upkeep.url).begin() as connection:
        connection.execute(sa.insert(deliveries), [a_row(number) for number in STATES])
        connection.execute(sa.insert(deliveries).values(a_row(99, post="called off")))
        planned = set(STATES) - {CLAIMED, SCHEDULED}
        connection.execute(sa.insert(steps), [a_step(number, 0) for number in sorted(planned)])
        connection.execute(sa.insert(steps).values(a_step(THREAD, 1)))
        tried = [an_attempt(number) for number in sorted(planned)]
        connection.execute(sa.insert(attempts), tried)
        connection.execute(sa.insert(receipts), [a_receipt(one) for one in sorted(RECEIVED_STEPS)])
        known = {"name": "account-11", "facts": {"max_characters": 500}, "paused": "holiday"}
        connection.execute(sa.insert(accounts).values(known))
        sealed = {"name": "account-11", "sealed": "gAAAAA-nobody-opens-this", "expires_at": NOON}
        connection.execute(sa.insert(vault).values(sealed))
        renewed = {"name": "account-12", "sealed": "gAAAAA-nor-this", "renew_at": NOON}
        connection.execute(sa.insert(vault).values(renewed))
        gone = {"delivery": PUBLISHED, "step": "create-1", "who": "nilufar", "began_at": NOON}
        connection.execute(sa.insert(takedowns).values(**gone, ended_at=NOON))
        edit = {"delivery": PUBLISHED, "hash": "1" * 64, "who": "nilufar", "began_at": NOON}
        connection.execute(sa.insert(edits).values(**edit, variant=a_variant(NASTY).as_json()))
        seen = {"delivery": PUBLISHED, "part": 0, "age": 3600, "name": "views", "value": 120}
        connection.execute(sa.insert(figures).values(**seen, at=NOON))
        line = {"at": NOON, "who": "nilufar", "action": "queued", "detail": NASTY}
        connection.execute(sa.insert(audit).values(delivery=SCHEDULED, **line))
        connection.execute(sa.delete(deliveries).where(deliveries.c.id == 99))
        if connection.dialect.name == "postgresql":  # numbers that are named are not counted
            counter = sa.func.pg_get_serial_sequence("deliveries", "id")
            connection.execute(sa.select(sa.func.setval(counter, 99)))


def a_step(delivery: int, position: int) -> dict[str, Any]:
    """One visible step."""
    name = f"create-{position + 1}"
    return {
        "delivery": delivery, "position": position, "name": name, "effect": "once",
        "step": {"name": name, "part": position},
    }  # fmt: skip


def an_attempt(delivery: int, **changes: Any) -> dict[str, Any]:
    """The first attempt at the first step; ended, but where a request is out."""
    ended = None if delivery in OPEN else NOON
    return {
        "delivery": delivery, "step": "create-1", "number": 1, "fence": 3,
        "began_at": NOON, "ended_at": ended, "outcome": "ok" if ended else "",
    } | changes  # fmt: skip


def a_receipt(delivery: int, **changes: Any) -> dict[str, Any]:
    """What the network gave back for the first step."""
    return {
        "delivery": delivery, "step": "create-1", "remote_id": str(delivery),
        "link": f"https://t.me/demo/{delivery}", "data": {"message_id": delivery}, "at": NOON,
    } | changes  # fmt: skip


def upkeep_of(url: str, folder: Path) -> Upkeep:
    """The database at that address, as Nilufar keeps it up."""
    return Upkeep(url, folder, who="nilufar")


def content(url: str, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in order."""
    engine = plain_engine(address(url, folder))
    with engine.connect().execution_options(reading=True) as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in content_tables()
        }


def execute(url: str, folder: Path, statement: str) -> Any:
    """Run one statement; its rows, if it brings any."""
    with plain_engine(address(url, folder)).begin() as connection:
        result = connection.exec_driver_sql(statement)
        return result.all() if result.returns_rows else None
