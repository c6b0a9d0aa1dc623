"""Whether this daemon does what it promises: a snapshot is judged, and every check says why.

Pure: the vitals and what the database says are arguments. What only a person can mend (a paused
account, an unknown delivery, a failed one) is told, and makes no process unhealthy: no restart
would help.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from karnay.engine.vitals import Signs
from karnay.store.sight import Needs, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PATIENCE = timedelta(seconds=5)
"""For how long a due delivery may wait for its first request."""

TAKEN_OVER_WITHIN = timedelta(seconds=30)
"""How long a claim that ran out may wait for somebody to take it over."""

LONGEST_SILENCE = 30.0
"""Seconds without a beat after which a thread counts as hung; each beats every ten or oftener."""

LONGEST_WORK = 1800.0
"""Seconds after which a worker counts as hung; a thread of many parts takes a few minutes."""

WORKER_FAILURE_COUNTS = 300.0
"""Seconds for which a worker's failure is told."""

MOST_CLOCK_OFFSET = 30.0
"""Seconds by which our clock may differ from the networks'."""


class Standing(StrEnum):
    """How one check ended."""

    OK = "ok"
    ATTENTION = "needs a person"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One question, how it was answered, and a sentence about it."""

    name: str
    standing: Standing
    says: str

    def as_json(self) -> dict[str, str]:
        """The check as `/healthz` shows it."""
        return {"check": self.name, "state": self.standing.value, "says": self.says}


@dataclass(frozen=True, slots=True)
class Health:
    """All checks together."""

    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether the process does what it promises."""
        return all(check.standing is not Standing.BAD for check in self.checks)

    @property
    def needs_a_person(self) -> bool:
        """Whether something waits for a person."""
        return any(check.standing is Standing.ATTENTION for check in self.checks)

    def as_json(self) -> dict[str, object]:
        """The body of `/healthz`."""
        return {
            "status": "healthy" if self.healthy else "unhealthy",
            "needs_a_person": self.needs_a_person,
            "checks": [check.as_json() for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is judged. `unreadable` is why the database could not be asked, empty if it could."""

    at: datetime
    signs: Signs = field(default_factory=Signs)
    waiting: Waiting | None = None
    abandoned: int = 0
    needs: Needs = field(default_factory=Needs)
    unreadable: str = ""


def judge(snapshot: Snapshot) -> Health:
    """The health that the snapshot shows."""
    return Health(
        (
            _database(snapshot),
            threads(snapshot.signs),
            _workers(snapshot.signs),
            _clock(snapshot.signs),
            *_queue(snapshot),
        )
    )


def threads(signs: Signs) -> Check:
    """Whether all threads are alive; where they are not, the process has to be restarted."""
    hung = {name: silence for name, silence in signs.silences.items() if silence > LONGEST_SILENCE}
    said = ", ".join(f"{name} for {silence:.0f} s" for name, silence in sorted(hung.items()))
    return _check("threads", _of(f"no sign of life from: {said}", hung), "all threads are alive")


def _database(snapshot: Snapshot) -> Check:
    trouble = snapshot.unreadable or snapshot.signs.store_trouble
    return _check("database", trouble, "it reads and writes")


def _queue(snapshot: Snapshot) -> tuple[Check, ...]:
    found = (
        _due(snapshot),
        _claims(snapshot),
        _unknown(snapshot.needs),
        _failed(snapshot.needs),
        _accounts(snapshot.needs),
        _logins(snapshot.needs),
    )
    not_known = "not known: the database cannot be read"
    if snapshot.unreadable:
        return tuple(Check(check.name, Standing.BAD, not_known) for check in found)
    return found


def _due(snapshot: Snapshot) -> Check:
    waiting = snapshot.waiting
    if waiting is None:
        return Check("due", Standing.OK, "nothing that is due waits without a reason")
    late = (snapshot.at - waiting.since).total_seconds()
    return Check(
        "due",
        Standing.BAD,
        f"delivery {waiting.id} to {waiting.account} could have begun {late:.0f} s ago",
    )


def _claims(snapshot: Snapshot) -> Check:
    left = snapshot.abandoned
    trouble = _of(f"{left} of a daemon that is gone: not taken over, or not looked for", left)
    return _check("claims", trouble, "none is left by a daemon that is gone")


def _workers(signs: Signs) -> Check:
    ago, at_work = signs.worker_failed_ago, signs.longest_at_work
    lately = ago is not None and ago < WORKER_FAILURE_COUNTS
    failed = _of(f"a worker failed {ago or 0:.0f} s ago: see the log", lately)
    hangs = _of(f"a worker has been at one delivery for {at_work:.0f} s", at_work > LONGEST_WORK)
    return _check("workers", failed or hangs, f"{signs.busy} at work")


def _clock(signs: Signs) -> Check:
    offset = signs.clock_offset
    if offset is None:
        return Check("clock", Standing.OK, "nobody has told us the time lately")
    said = f"{abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} the networks' clocks"
    return _check("clock", _of(f"it is {said}", abs(offset) > MOST_CLOCK_OFFSET), said)


def _unknown(needs: Needs) -> Check:
    trouble = _of(f"{needs.asked} wait for `karnay resolve`", needs.asked)
    return _for_people("unknown", trouble, "none waits for a person")


def _failed(needs: Needs) -> Check:
    trouble = _of(f"{needs.failed} within the last day: see `karnay status`", needs.failed)
    return _for_people("failed", trouble, "none within the last day")


def _accounts(needs: Needs) -> Check:
    trouble = _of(f"paused: {_listed(needs.paused)}", needs.paused)
    return _for_people("accounts", trouble, "none is paused")


def _logins(needs: Needs) -> Check:
    trouble = _of(f"end soon, or have ended: {_listed(needs.logins)}", needs.logins)
    return _for_people("log-ins", trouble, "none ends within a week")


def _of(sentence: str, applies: object) -> str:
    return sentence if applies else ""


def _check(name: str, trouble: str, otherwise: str) -> Check:
    return Check(name, Standing.BAD if trouble else Standing.OK, trouble or otherwise)


def _for_people(name: str, trouble: str, otherwise: str) -> Check:
    return Check(name, Standing.ATTENTION if trouble else Standing.OK, trouble or otherwise)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
