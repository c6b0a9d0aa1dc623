"""What is written together: each entry is a work of the writer, fenced by the claim it belongs to.

An entry begins by moving or touching its delivery; where that finds no row, the claim was taken
over, and nothing is written (ClaimLost).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from karnay.delivery.delivery import Attempt
from karnay.delivery.rules import after_it
from karnay.delivery.states import Event
from karnay.errors import ClaimLost
from karnay.secrets import redact
from karnay.store.accounts import PAUSE_UNLESS_A_PERSON_DID, QUIET
from karnay.store.audit import DAEMON, line
from karnay.store.statements import Statement
from karnay.store.tables import accounts, attempts, audit, deliveries, receipts, steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from karnay.delivery.delivery import Delivery
    from karnay.delivery.rules import Decision
    from karnay.platforms.base import Receipt, Step
    from karnay.store.writer import Ask, Writes

_mine = sa.and_(
    deliveries.c.id == sa.bindparam("its_id"),
    deliveries.c.fence == sa.bindparam("its_fence"),
    deliveries.c.state == sa.bindparam("its_state"),
)
_paused = sa.exists().where(accounts.c.name == deliveries.c.account, accounts.c.paused != "")


def _bound(*names: str) -> dict[str, Any]:
    return {name: sa.bindparam(name) for name in names}


_HOLD = Statement(sa.update(deliveries).where(_mine, ~_paused).values(_bound("claimed_until")))
_STILL_MINE = Statement(sa.select(deliveries.c.id).where(_mine))
_TOUCH = Statement(sa.update(deliveries).where(_mine).values(_bound("tries")))
_MOVED = (
    *("state", "error", "held", "due_at", "look_at", "looks", "blind_looks", "clear_fence"),
    *("tries", "claimed_by", "updated_at"),
)
_MOVE = Statement(
    sa.update(deliveries).where(_mine).values({**_bound(*_MOVED), "claimed_until": None})
)
_STEP = Statement(sa.insert(steps).values(_bound("delivery", "position", "name", "effect", "step")))
_TRIED = Statement(
    sa.select(sa.func.count().label("times")).where(
        attempts.c.delivery == sa.bindparam("delivery"), attempts.c.step == sa.bindparam("step")
    )
)
_BEGUN = ("delivery", "step", "fence", "began_at", "number")
_covered = sa.exists().where(_mine, ~_paused, deliveries.c.claimed_until >= sa.bindparam("covers"))
_BEGIN = Statement(
    sa.insert(attempts).from_select(
        _BEGUN,
        sa.select(*(sa.bindparam(name, type_=attempts.c[name].type) for name in _BEGUN)).where(
            _covered
        ),
    )
)
_END = Statement(  # a delivery has one attempt at a time
    sa.update(attempts)
    .where(attempts.c.delivery == sa.bindparam("its_id"), attempts.c.ended_at.is_(None))
    .values(_bound("ended_at", "outcome", "detail"))
)
_RECEIPT = ("delivery", "step", "remote_id", "link", "data", "at")
_KEEP = Statement(sa.insert(receipts).values(_bound(*_RECEIPT)))
_there_already = sa.exists().where(
    receipts.c.delivery == sa.bindparam("delivery"), receipts.c.step == sa.bindparam("step")
)
_KEEP_ONCE = Statement(
    sa.insert(receipts).from_select(
        _RECEIPT,
        sa.select(*(sa.bindparam(name, type_=receipts.c[name].type) for name in _RECEIPT)).where(
            ~_there_already
        ),
    )
)
_NOTE = Statement(
    sa.insert(audit).values(_bound("at", "who", "action", "delivery", "account", "detail"))
)


@dataclass(frozen=True, slots=True)
class Gain:
    """A receipt, and the step that it is for."""

    step: str
    receipt: Receipt


def begun(
    delivery: Delivery, step: Step, plan: Sequence[Step], now: datetime, until: datetime
) -> Writes[Attempt | None]:
    """Freeze the plan, if it is new, and write down that the step's request is about to leave.

    Gives the attempt, or None where the account is paused. The claim holds for half of its lease at
    least, that is longer than the request may take to leave: it is renewed where it would not.
    """
    number = (yield from _tried(delivery, step)) + 1
    attempt = Attempt(delivery.id, step.name, now, number, delivery.fence)
    values = {**_claim(delivery), **{name: getattr(attempt, name) for name in _BEGUN}}
    [begun] = yield [(_BEGIN, {**values, "covers": now + (until - now) / 2})]
    if not begun:
        [held] = yield [(_HOLD, {**_claim(delivery), "claimed_until": until})]
        if not held:
            [mine] = yield [(_STILL_MINE, _claim(delivery))]
            if not mine:
                raise _lost(delivery)
            return None
        yield [(_BEGIN, {**values, "covers": until})]
    yield [_planned(delivery, position, planned) for position, planned in enumerate(plan)]
    return attempt


def _tried(delivery: Delivery, step: Step) -> Writes[int]:
    """How often the step was tried; under its first claim it was not."""
    if delivery.fence <= 1:
        return 0
    [[row]] = yield [(_TRIED, {"delivery": delivery.id, "step": step.name})]
    times: int = row.times
    return times


def _planned(delivery: Delivery, position: int, step: Step) -> Ask:
    return _STEP, {
        "delivery": delivery.id,
        "position": position,
        "name": step.name,
        "effect": step.effect,
        "step": step.as_json(),
    }


def received(
    delivery: Delivery, attempt: Attempt, receipt: Receipt, now: datetime
) -> Writes[Delivery]:
    """Write down that the step ended well, and what the network gave back.

    To say it again changes nothing: the answer to the first commit may have been lost.
    """
    [touched] = yield [(_TOUCH, {**_claim(delivery), "tries": 0})]
    if not touched:
        raise _lost(delivery)
    yield [
        _ended(delivery, now, "ok", receipt.link or receipt.id),
        (_KEEP_ONCE, _receipt(delivery, Gain(attempt.step, receipt), now)),
    ]
    return replace(delivery, tries=0)


def settled(
    delivery: Delivery,
    decision: Decision,
    now: datetime,
    attempt: Attempt | None = None,
    gain: Gain | None = None,
) -> Writes[Delivery]:
    """Write down what becomes of the delivery, the attempt's other end, and what was gained."""
    moved = yield from _moved(delivery, decision, now)
    asks = _told(delivery, decision, now)
    if attempt is not None:
        asks.append(_end_of(delivery, decision, gain, now))
    elif _waits_anew(delivery, decision):
        asks.append(_noted(delivery, "waits", decision.error, now))  # no attempt tells of it
    if gain is not None:
        asks.append(_kept(delivery, gain, now))
    yield asks
    return moved


def found(delivery: Delivery, decision: Decision, now: datetime, gain: Gain) -> Writes[Delivery]:
    """Write down a receipt that a look brought, its attempt's end, and the move."""
    moved = yield from _moved(delivery, decision, now)
    yield [
        _ended(delivery, now, "found", gain.receipt.link or gain.receipt.id),
        _kept(delivery, gain, now),
        *_told(delivery, decision, now),
    ]
    return moved


def _claim(delivery: Delivery) -> dict[str, Any]:
    return {"its_id": delivery.id, "its_fence": delivery.fence, "its_state": delivery.state}


def _lost(delivery: Delivery) -> ClaimLost:
    return ClaimLost(f"delivery {delivery.id} was taken over")


def _moved(delivery: Delivery, decision: Decision, now: datetime) -> Writes[Delivery]:
    moved = after_it(delivery, decision, now)
    values = {name: getattr(moved, name) for name in _MOVED}
    [changed] = yield [(_MOVE, {**_claim(delivery), **values})]
    if not changed:
        raise _lost(delivery)
    return moved


def _end_of(delivery: Delivery, decision: Decision, gain: Gain | None, now: datetime) -> Ask:
    if gain is not None:
        return _ended(delivery, now, "ok", gain.receipt.link or gain.receipt.id)
    return _ended(delivery, now, decision.outcome or decision.event, decision.error)


def _ended(delivery: Delivery, now: datetime, outcome: str, detail: str) -> Ask:
    values = {"ended_at": now, "outcome": str(outcome), "detail": detail}
    return _END, {"its_id": delivery.id, **values}


def _kept(delivery: Delivery, gain: Gain, now: datetime) -> Ask:
    return _KEEP, _receipt(delivery, gain, now)


def _receipt(delivery: Delivery, gain: Gain, now: datetime) -> dict[str, Any]:
    return {
        "delivery": delivery.id,
        "step": gain.step,
        "remote_id": gain.receipt.id,
        "link": redact(gain.receipt.link),
        "data": dict(gain.receipt.data),
        "at": now,
    }


def _told(delivery: Delivery, decision: Decision, now: datetime) -> list[Ask]:
    """What the trail and the account are to know of it."""
    asks: list[Ask] = []
    if decision.event is not Event.POSTPONED:
        asks.append(_noted(delivery, decision.event, decision.error, now))
    if decision.pause:
        pause = {"name": delivery.account, "paused": decision.pause, "paused_by": DAEMON}
        asks.append((PAUSE_UNLESS_A_PERSON_DID, pause))
        asks.append(_noted(delivery, "paused", decision.pause, now))
    if decision.wait_until:
        quiet = {"name": delivery.account, "quiet_until": decision.wait_until}
        asks.append((QUIET, quiet))
    return asks


def _waits_anew(delivery: Delivery, decision: Decision) -> bool:
    """Whether the account waits for what it has not been told to wait for already."""
    waits = decision.event is Event.POSTPONED and decision.wait_until is not None
    return waits and decision.error != delivery.error


def _noted(delivery: Delivery, action: str, detail: str, now: datetime) -> Ask:
    return _NOTE, line(now, action, delivery=delivery, detail=detail)
