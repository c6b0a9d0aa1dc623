"""A backup made the present: what had not settled by then may have gone out since.

The backup shows a moment that is over. A delivery that was scheduled then was perhaps published,
moved or called off after it, and nothing in the file can tell: nothing that a backup brings back
goes out before a person has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.errors import NotPossible, OutcomeUnknown, StoreError
from karnay.store import migrate, schema_info
from karnay.store.addresses import file_of, shown
from karnay.store.alone import alone, is_alone
from karnay.store.audit import note
from karnay.store.backups import BESIDE, back_up, readied
from karnay.store.checking import damage
from karnay.store.copying import clear, copy, counts
from karnay.store.engines import plain_engine
from karnay.store.remedies import translated
from karnay.store.tables import attempts, audit, deliveries, receipts, steps, vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.engine import Connection

_ABOVE_ALL_CLAIMS = 1 << 20
"""Added to every fence: what a daemon still holds of the replaced database opens nothing."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    `held` deliveries wait for a person to let them go, and the `in_doubt`, which were under way,
    for one to say what became of them.
    `kept` is where the replaced database is now, None where it was empty.
    """

    taken_at: datetime
    rows: Mapping[str, int]
    held: int
    in_doubt: int
    kept: Path | None


def restore(
    url: sa.URL, file: Path, now: datetime, *, who: str, keep_in: Path | None = None
) -> Restored:
    """Put the backup in the database's place, in one transaction, and hold all that is not settled.

    With `keep_in`, a database that is not empty is first backed up into that folder - or moved
    there, if it is damaged or newer and a file. Without, it is refused (NotPossible).
    """
    with readied(file) as (backup, taken_at):
        kept = _made_ready(url, now, keep_in)
        with alone(url, now) as present:
            clear(present)
            rows = copy(backup, present)
            held, in_doubt = _hold(present, taken_at, now, who)
    return Restored(taken_at, rows, held, in_doubt, kept)


def _made_ready(url: sa.URL, now: datetime, keep_in: Path | None) -> Path | None:
    """Give the database the newest schema, and keep what is in it; where that is now."""
    try:
        rows = _usable_rows(url)
    except StoreError as error:
        return _set_aside(url, now, keep_in, error)
    if not rows:
        return None
    if keep_in is None:
        raise NotPossible(
            f"{shown(url)} is not empty: `--replace` makes a backup of it, and puts the other "
            "in its place"
        )
    return back_up(url, _kept_name(keep_in, now), now).file


def _usable_rows(url: sa.URL) -> int:
    """How many rows there are, once the schema is the newest. Raises StoreError for damage."""
    engine, reading = plain_engine(url), {"reading": True}
    with translated(url):
        migrate.bring_up_to_date(engine, alone=is_alone(url))
        with engine.connect().execution_options(**reading) as connection:
            broken = damage(connection)
            if broken:
                raise StoreError(f"{shown(url)}: {broken[0].sentence}")
            return sum(counts(connection).values())


def _set_aside(url: sa.URL, now: datetime, keep_in: Path | None, error: StoreError) -> Path:
    """Move a file that cannot be read out of the way, with what SQLite keeps beside it."""
    file = file_of(url)
    if file is None or keep_in is None or not file.is_file():
        hint = " (`--replace` moves it out of the way)" if file and file.is_file() else ""
        raise StoreError(f"{error}{hint}") from None
    aside = _kept_name(keep_in, now)
    for ending in (*BESIDE, ""):
        beside = file.with_name(file.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    migrate.bring_up_to_date(plain_engine(url))
    return aside


def _kept_name(folder: Path, now: datetime) -> Path:
    return folder / f"before-restore-{now:%Y%m%d-%H%M%S-%f}.db"


def _hold(connection: Connection, taken_at: datetime, now: datetime, who: str) -> tuple[int, int]:
    """Let nothing go out by itself; how many wait for a person, and how many are in doubt."""
    why = f"restored from a backup of {taken_at:%Y-%m-%d %H:%M} UTC"
    note(connection, now, "restored", detail=f"backup of {taken_at:%Y-%m-%d %H:%M} UTC", who=who)
    _settle_claims(connection, now, f"{why}: look on the network, then `karnay resolve`")
    look = f"{why}: look whether it was published since, then `karnay queue cancel` or `move` it"
    held = _change(connection, State.SCHEDULED, held=look, updated_at=now)
    doubt = sa.literal(f"{why}: look on the network, then `karnay resolve`; ")
    in_doubt = _change(
        connection, State.UNKNOWN, error=doubt + deliveries.c.error, look_at=None, updated_at=now
    )
    _note_each(connection, now, who, why)
    _doubt_log_ins(connection, taken_at)
    connection.execute(sa.update(deliveries).values(fence=deliveries.c.fence + _ABOVE_ALL_CLAIMS))
    schema_info.write(connection, taken_at=None)
    return held, in_doubt


def _doubt_log_ins(connection: Connection, taken_at: datetime) -> None:
    """What was renewed since the backup has spent the refresh tokens in it, for all we know."""
    doubted = {"leased_by": "", "leased_until": None, "sent_at": taken_at}
    connection.execute(sa.update(vault).where(vault.c.renew_at.is_not(None)).values(doubted))


def _settle_claims(connection: Connection, now: datetime, why: str) -> None:
    """What was under way when the backup was made: its worker went on, and is gone."""
    _change(connection, State.PUBLISHING, _all_received(), state=State.PUBLISHED)
    _change(connection, State.PUBLISHING, ~_attempted(), state=State.SCHEDULED)
    _change(connection, State.PUBLISHING, state=State.UNKNOWN)
    unclaimed = {"claimed_by": "", "claimed_until": None}
    connection.execute(sa.update(deliveries).values(unclaimed))
    ended = {"ended_at": now, "outcome": OutcomeUnknown.__name__, "detail": why}
    connection.execute(sa.update(attempts).where(attempts.c.ended_at.is_(None)).values(ended))


def _change(
    connection: Connection, was: State, *which: sa.ColumnElement[bool], **values: Any
) -> int:
    changed = sa.update(deliveries).where(deliveries.c.state == was, *which).values(values)
    return connection.execute(changed).rowcount


def _note_each(connection: Connection, now: datetime, who: str, why: str) -> None:
    told = sa.select(
        sa.literal(now, audit.c.at.type),
        sa.literal(who),
        sa.literal("held"),
        deliveries.c.id,
        deliveries.c.account,
        sa.literal(why),
    ).where(deliveries.c.state.in_([State.SCHEDULED, State.UNKNOWN]))
    columns = ["at", "who", "action", "delivery", "account", "detail"]
    connection.execute(sa.insert(audit).from_select(columns, told))


def _attempted() -> sa.ColumnElement[bool]:
    return sa.exists(sa.select(attempts.c.id).where(attempts.c.delivery == deliveries.c.id))


def _all_received() -> sa.ColumnElement[bool]:
    planned = sa.select(steps.c.id).where(steps.c.delivery == deliveries.c.id)
    got = sa.select(receipts.c.step).where(receipts.c.delivery == deliveries.c.id)
    missing = planned.where(steps.c.name.not_in(got.correlate(deliveries)))
    return sa.and_(sa.exists(planned), ~sa.exists(missing))
