"""The engine broken on purpose, in one place each: the attack must notice every one.

A breakage replaces one function of the engine in the process of a daemon, wherever it is known by
name. Its crime is the one that must be found: not any that a broken engine happens to commit.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from bench.chaos.evidence import Crime
from karnay.delivery import rules
from karnay.delivery.delivery import Attempt, Progress
from karnay.delivery.rules import Decision
from karnay.delivery.states import Event, State
from karnay.engine.publisher import Point, Publisher
from karnay.errors import OutcomeUnknown, RateLimited, Transient
from karnay.platforms import answers
from karnay.platforms.base import Effect
from karnay.store import claims, entries
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.statements import Statement
from karnay.store.tables import accounts, deliveries

if TYPE_CHECKING:
    from collections.abc import Callable

    from karnay.delivery.delivery import Delivery
    from karnay.errors import PublishingError
    from karnay.platforms.base import Step

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Breakage:
    """What to do to the engine, the crime that must follow, and the engine on which it does.

    Where the crime takes a daemon that falls asleep at one point, nothing else goes wrong.
    """

    apply: Callable[[], None]
    crime: Crime
    engine: str = "sqlite"
    stops_at: Point | None = None


def everywhere(original: object, stand_in: object) -> None:
    """Replace a function or value in every module of karnay's that knows it."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "karnay":
            known = [key for key, value in vars(module).items() if value is original]
            for key in known:
                setattr(module, key, stand_in)


def begin_after_the_request() -> None:
    """An attempt is written down only together with its end."""
    begin = Journal.begin
    postponed: dict[int, Callable[[], Attempt | None]] = {}

    def begun(journal: Journal, delivery: Delivery, step: Step, now: datetime, *rest: Any, **more: Any) -> Attempt:  # fmt: skip # noqa: E501
        promised = Attempt(delivery.id, step.name, now, fence=delivery.fence)
        postponed[id(promised)] = lambda: begin(journal, delivery, step, now, *rest, **more)
        return promised

    def ending(method: Callable[..., Any]) -> Callable[..., Any]:
        def ended(journal: Journal, *values: Any, **named: Any) -> Any:
            real = (postponed.pop(id(value), lambda value=value: value)() for value in values)
            return method(journal, *real, **named)

        return ended

    Journal.begin = begun  # type: ignore[method-assign, assignment]
    for name in ("receive", "finish", "settle"):
        setattr(Journal, name, ending(getattr(Journal, name)))


def check_no_fence() -> None:
    """What is written does not ask whose the delivery is by now."""

    def open_to_all(part: Any, **_: Any) -> Any:
        asks = isinstance(part, sa.BinaryExpression) and getattr(part.right, "key", "") in (
            "its_fence",
            "its_state",
        )
        return sa.true() if asks else None

    def opened(clause: Any) -> Any:
        if hasattr(clause, "compile"):
            return visitors.replacement_traverse(clause, {}, open_to_all)  # type: ignore[call-overload]
        return lambda dialect: opened(clause(dialect))  # made for each kind of database

    for statement in vars(entries).values():
        if isinstance(statement, Statement):
            statement._clause = opened(statement._clause)


def call_doubt_transient() -> None:
    """A request without a clear answer is simply made again."""

    def transient(_: object, message: str, *__: object, **___: object) -> PublishingError:
        return Transient(message)

    everywhere(answers.ambiguous, transient)


def call_once_keyed() -> None:
    """Every visible step counts as one that may be repeated with its key."""
    planned = Publisher._planned

    def keyed(publisher: Publisher, *values: Any) -> Progress:
        known = planned(publisher, *values)
        return replace(known, steps=tuple(_as_keyed(step) for step in known.steps))

    Publisher._planned = keyed  # type: ignore[method-assign, assignment]


def _as_keyed(step: Step) -> Step:
    return replace(step, effect=Effect.KEYED) if step.effect is Effect.ONCE else step


def put_every_lost_claim_back() -> None:
    """Whatever a lost worker had begun, it is done again."""
    everywhere(rules.worker_lost, lambda _, now: Decision(Event.POSTPONED, due_at=now))


def believe_absence_at_once() -> None:
    """What is not listed at the first look was never sent."""
    looked = rules.looked

    def hasty(sighting: Any, delivery: Delivery, now: datetime, **terms: Any) -> Decision:
        certain = {**terms, "settled_at": LONG_AGO}
        return looked(sighting, replace(delivery, looks=99), now, **certain)

    everywhere(rules.looked, hasty)


def keep_no_receipt() -> None:
    """The receipts of all parts but the last are in memory alone."""

    def receive(_: Journal, delivery: Delivery, *__: Any) -> Delivery:
        return delivery

    Journal.receive = receive  # type: ignore[method-assign, assignment]


def begin_threads_anew() -> None:
    """A thread that was interrupted begins with its first part again."""
    progress = Journal.progress

    def forgetful(journal: Journal, delivery: Delivery) -> Progress:
        known = progress(journal, delivery)
        return known if delivery.state is State.UNKNOWN else replace(known, receipts={})

    Journal.progress = forgetful  # type: ignore[method-assign, assignment]


def change_keys() -> None:
    """Every attempt bears another key than the one before."""
    progress = Journal.progress

    def restless(journal: Journal, delivery: Delivery) -> Progress:
        known = progress(journal, delivery)
        return replace(known, steps=tuple(_with_other_key(step) for step in known.steps))

    Journal.progress = restless  # type: ignore[method-assign, assignment]


def _with_other_key(step: Step) -> Step:
    body, key = step.call.body, f"{random.getrandbits(128):032x}"
    if isinstance(body, dict) and "rkey" in body:
        body = {**body, "rkey": body["rkey"][:-1] + _digit()}
    return replace(step, key=key, call=replace(step.call, body=body))


def _digit() -> str:
    return random.choice("234567abcdefghijklmnopqrstuvwxyz")  # noqa: S311 - a record key's


def serve_the_last_first() -> None:
    """An account's deliveries go out in whatever order, the newest of those due first."""
    at = sa.bindparam("at", type_=deliveries.c.due_at.type)
    busy = sa.select(deliveries.c.account).where(deliveries.c.state == State.PUBLISHING)
    silent = sa.select(accounts.c.name).where(
        sa.or_(accounts.c.paused != "", accounts.c.quiet_until > at)
    )
    newest = (
        sa.select(sa.func.max(deliveries.c.id))
        .where(deliveries.c.state == State.SCHEDULED, deliveries.c.held == "")
        .where(deliveries.c.due_at <= at, deliveries.c.account.not_in(busy))
        .where(deliveries.c.account.not_in(silent))
        .group_by(deliveries.c.account)
    )
    values = {
        "state": State.PUBLISHING,
        "fence": deliveries.c.fence + 1,
        "claimed_by": sa.bindparam("owner"),
        "claimed_until": sa.bindparam("until"),
        "updated_at": sa.bindparam("at"),
    }
    taken = sa.update(deliveries).where(deliveries.c.id.in_(newest)).values(values)
    everywhere(claims.CLAIM, Statement(taken.returning(deliveries)))


def let_accounts_do_two_things() -> None:
    """An account's next delivery goes out while the one before is still under way.

    It takes two faults: the schema itself forbids it.
    """
    everywhere(claims._is_busy, lambda _: sa.false())
    everywhere(claims.CLAIM, claims.claiming())
    opened = Database._bring_up_to_date

    def unguarded(database: Database) -> None:
        opened(database)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP INDEX IF EXISTS uq_deliveries_one_at_a_time")

    Database._bring_up_to_date = unguarded  # type: ignore[method-assign, assignment]


def claim_early() -> None:
    """What is due within the next minute counts as due."""
    claim = Journal.claim

    def early(journal: Journal, now: datetime, *rest: Any, **more: Any) -> list[Delivery]:
        return claim(journal, now + timedelta(minutes=1), *rest, **more)

    Journal.claim = early  # type: ignore[method-assign, assignment]


def call_doubt_success() -> None:
    """No clear answer is good news."""
    _answer_to(OutcomeUnknown, Event.FINISHED)


def call_doubt_failure() -> None:
    """No clear answer is bad news, and bad news is believed without a look."""
    _answer_to(OutcomeUnknown, Event.REFUSED)
    everywhere(rules.if_not_there, lambda decision, *_: decision)


def call_rate_limits_refusals() -> None:
    """A network that asks to wait is taken to refuse the text."""
    _answer_to(RateLimited, Event.REFUSED)


def _answer_to(kind: type[PublishingError], event: Event) -> None:
    failed = rules.failed

    def decided(error: PublishingError, delivery: Delivery, now: datetime, luck: float) -> Decision:
        if isinstance(error, kind):
            return Decision(event, str(error), outcome=type(error).__name__)
        return failed(error, delivery, now, luck)

    everywhere(rules.failed, decided)


BREAKAGES: dict[str, Breakage] = {
    "attempt-after-request": Breakage(begin_after_the_request, Crime.DOUBLE),
    "doubt-is-transient": Breakage(call_doubt_transient, Crime.DOUBLE),
    "once-is-keyed": Breakage(call_once_keyed, Crime.DOUBLE),
    "lost-is-scheduled": Breakage(put_every_lost_claim_back, Crime.DOUBLE),
    "absence-at-once": Breakage(believe_absence_at_once, Crime.DOUBLE),
    "receipts-dropped": Breakage(keep_no_receipt, Crime.WRONG_REPORT),
    "threads-anew": Breakage(begin_threads_anew, Crime.DOUBLE),
    "keys-change": Breakage(change_keys, Crime.DOUBLE),
    "two-at-once": Breakage(let_accounts_do_two_things, Crime.WRONG_ORDER),
    "last-first": Breakage(serve_the_last_first, Crime.WRONG_ORDER),
    "early": Breakage(claim_early, Crime.EARLY),
    "doubt-is-success": Breakage(call_doubt_success, Crime.WRONG_REPORT),
    "doubt-is-failure": Breakage(call_doubt_failure, Crime.WRONG_REPORT),
    "limit-is-refusal": Breakage(call_rate_limits_refusals, Crime.LOSS),
    "no-fence": Breakage(check_no_fence, Crime.DOUBLE, "postgres", Point.RECEIVED),
}
