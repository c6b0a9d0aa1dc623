"""What becomes of a delivery whose time has come, or has gone by."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from karnay.content.post import Late

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Verdict(StrEnum):
    """What to do with a delivery now."""

    GO = "go"
    HOLD = "hold"
    SKIP = "skip"
    EXPIRED = "expired"


_WHEN_LATE = {Late.PUBLISH: Verdict.GO, Late.HOLD: Verdict.HOLD, Late.SKIP: Verdict.SKIP}


def judge(
    due: datetime, now: datetime, *, late: Late, max_late: timedelta, expires_at: datetime | None
) -> Verdict:
    """The verdict for a delivery that was due then; all moments are aware.

    What has expired never goes out, whatever `late` says. Up to and including `max_late` nothing
    is late; what is not due yet is not late either.
    """
    if expires_at is not None and now >= expires_at:
        return Verdict.EXPIRED
    return _WHEN_LATE[late] if now - due > max_late else Verdict.GO
