"""What must never happen, and the evidence: a delivery's journal beside what the witness saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.chaos.announcements import MOST_PARTS, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.chaos.verdict import Trial


class Crime(StrEnum):
    """What must never happen, whatever dies, by the name of its count."""

    DOUBLE = "doubles"
    LOSS = "losses"
    EARLY = "early"
    WRONG_REPORT = "wrong_reports"
    WRONG_ORDER = "wrong_order"


@dataclass(frozen=True, slots=True)
class Finding:
    """One crime, against one announcement."""

    crime: Crime
    number: int
    what: str


_AROUND = timedelta(seconds=5)


def evidence(finding: Finding, trial: Trial) -> str:
    """Everything that is known of the announcement, line by line."""
    head = f"{finding.crime}: announcement {finding.number}: {finding.what}"
    lines = (*_journal(finding, trial), *_requests(finding, trial), *_shown(finding, trial))
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _journal(finding: Finding, trial: Trial) -> Iterator[str]:
    delivery = trial.deliveries.get(finding.number)
    if delivery is None:
        return
    told = trial.queue.history(delivery.id)
    planned = _moment(delivery.order.planned_at)
    yield f"delivery {delivery.id} to {delivery.account}, planned {planned}: {delivery.state}"
    for attempt in told.attempts:
        ended = _moment(attempt.ended_at) if attempt.ended_at else "never"
        began = _moment(attempt.began_at)
        said = f"{attempt.outcome} {attempt.detail}"
        yield f"journal: {attempt.step} #{attempt.number} {began} to {ended}: {said}"
    for step, receipt in told.receipts.items():
        yield f"receipt: {step} {receipt.id} {receipt.link}"
    for entry in told.trail:
        yield f"trail: {_moment(entry.at)} {entry.who} {entry.action} {entry.detail}"


def _requests(finding: Finding, trial: Trial) -> Iterator[str]:
    borne = trial.witness.of(finding.number)
    if not borne:
        return
    since, until = borne[0].at - _AROUND, borne[-1].at + _AROUND
    for seen in trial.witness.about(borne[0].account, since, until):
        mark = f" part {seen.mark.part} of {seen.mark.number}" if seen.mark else ""
        yield f"witness: {seen}{mark}"


def _shown(finding: Finding, trial: Trial) -> Iterator[str]:
    for part in range(1, MOST_PARTS + 1):
        for one in trial.public.of(Mark(finding.number, part)):
            parent = one.reply_to or "nothing"
            yield f"public: part {part} {_moment(one.at)} {one.id} in reply to {parent}"


def _moment(at: datetime) -> str:
    return f"{at:%H:%M:%S.%f}"
