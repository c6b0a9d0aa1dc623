"""What must be true of every journal, as questions that find where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from karnay.delivery.states import State
from karnay.platforms.base import Effect
from karnay.store.tables import attempts, deliveries, receipts, steps

RESTORE = "restore a backup (`karnay db restore FILE --replace`)"
_LOOK = "see `karnay history {delivery}`, and look on the network before you do anything with it"


@dataclass(frozen=True, slots=True)
class Rule:
    """What must not be found: `finds` selects the columns that `sentence` and `remedy` name."""

    sentence: str
    finds: sa.Select[Any]
    remedy: str = RESTORE


_one = deliveries.c.id.label("delivery")
_state = deliveries.c.state
_plan = steps.c.delivery == deliveries.c.id
_got = sa.and_(receipts.c.delivery == steps.c.delivery, receipts.c.step == steps.c.name)
_other, _others_receipt = deliveries.alias("other"), receipts.alias("others_receipt")

RULES = (
    Rule(
        'delivery {delivery} is "{state}", which is no state',
        sa.select(_one, _state).where(_state.not_in([state.value for state in State])),
    ),
    Rule(
        'delivery {delivery}: step {name} has the effect "{effect}", which is none',
        sa.select(steps.c.delivery, steps.c.name, steps.c.effect).where(
            steps.c.effect.not_in([effect.value for effect in Effect])
        ),
    ),
    Rule(
        "delivery {delivery} is published, but its plan has no step",
        sa.select(_one).where(
            _state == State.PUBLISHED, ~sa.exists(sa.select(steps.c.id).where(_plan))
        ),
        _LOOK,
    ),
    Rule(
        "delivery {delivery} is published, but its step {name} has no receipt",
        sa.select(_one, steps.c.name)
        .join(steps, _plan)
        .outerjoin(receipts, _got)
        .where(_state == State.PUBLISHED, receipts.c.id.is_(None)),
        _LOOK,
    ),
    Rule(
        "delivery {delivery} has a receipt of {step}, which is no step of its plan",
        sa.select(receipts.c.delivery, receipts.c.step)
        .outerjoin(steps, _got)
        .where(steps.c.id.is_(None)),
    ),
    Rule(
        "delivery {delivery} is {state}, but its attempt {number} at {step} never ended",
        sa.select(_one, _state, attempts.c.number, attempts.c.step)
        .join(attempts, attempts.c.delivery == deliveries.c.id)
        .where(attempts.c.ended_at.is_(None))
        .where(_state.not_in([State.PUBLISHING, State.UNKNOWN])),
        _LOOK,
    ),
    Rule(
        "delivery {delivery}: {open} attempts are open at once",
        sa.select(attempts.c.delivery, sa.func.count().label("open"))
        .where(attempts.c.ended_at.is_(None))
        .group_by(attempts.c.delivery)
        .having(sa.func.count() > 1),
        _LOOK,
    ),
    Rule(
        "delivery {delivery}: attempt {number} at {step} is there {times} times",
        sa.select(
            attempts.c.delivery, attempts.c.step, attempts.c.number, sa.func.count().label("times")
        )
        .group_by(attempts.c.delivery, attempts.c.step, attempts.c.number)
        .having(sa.func.count() > 1),
    ),
    Rule(
        "delivery {delivery} is at fence {fence}, but its attempt {number} at {step} is at {at}",
        sa.select(
            _one,
            deliveries.c.fence,
            attempts.c.number,
            attempts.c.step,
            attempts.c.fence.label("at"),
        )
        .join(attempts, attempts.c.delivery == deliveries.c.id)
        .where(attempts.c.fence > deliveries.c.fence),
    ),
    Rule(
        "{busy} deliveries to {account} are publishing at once",
        sa.select(deliveries.c.account, sa.func.count().label("busy"))
        .where(_state == State.PUBLISHING)
        .group_by(deliveries.c.account)
        .having(sa.func.count() > 1),
    ),
    Rule(
        "delivery {delivery} is publishing, but nobody has claimed it",
        sa.select(_one).where(
            _state == State.PUBLISHING,
            sa.or_(deliveries.c.claimed_by == "", deliveries.c.claimed_until.is_(None)),
        ),
        "restart the daemon: it settles what nobody has in hand",
    ),
    Rule(
        "delivery {delivery} is unknown, but it was never attempted",
        sa.select(_one).where(
            _state == State.UNKNOWN,
            ~sa.exists(sa.select(attempts.c.id).where(attempts.c.delivery == deliveries.c.id)),
        ),
        "look on the network, then `karnay resolve {delivery} ...`",
    ),
    Rule(
        "deliveries {delivery} and {other} to {account} both say that {link} is theirs",
        sa.select(
            _one, _other.c.id.label("other"), deliveries.c.account, receipts.c.link
        )
        .join(receipts, receipts.c.delivery == deliveries.c.id)
        .join(_others_receipt, _others_receipt.c.link == receipts.c.link)
        .join(_other, _other.c.id == _others_receipt.c.delivery)
        .where(receipts.c.link != "", _other.c.account == deliveries.c.account)
        .where(_other.c.id > deliveries.c.id),
        "look on the network which one it is; see `karnay history {delivery}` and `{other}`",
    ),
)  # fmt: skip
"""What must be true of every journal; each rule finds where it is not."""
