"""The late policy: what becomes of a delivery whose time has gone by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from karnay.content.post import Late
from karnay.scheduling.late import Verdict, judge

DUE = datetime(2024, 12, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def verdict(after: timedelta, late: Late, expires_after: timedelta | None = None) -> Verdict:
    expires_at = None if expires_after is None else DUE + expires_after
    return judge(DUE, DUE + after, late=late, max_late=HOUR, expires_at=expires_at)


@pytest.mark.parametrize("late", list(Late))
@pytest.mark.parametrize("after", [-HOUR, timedelta(), timedelta(minutes=59), HOUR])
def test_up_to_max_late_every_delivery_goes(after: timedelta, late: Late) -> None:
    assert verdict(after, late) is Verdict.GO


@pytest.mark.parametrize(
    ("late", "expected"),
    [(Late.PUBLISH, Verdict.GO), (Late.HOLD, Verdict.HOLD), (Late.SKIP, Verdict.SKIP)],
)
def test_beyond_max_late_the_post_decides(late: Late, expected: Verdict) -> None:
    assert verdict(HOUR + timedelta(microseconds=1), late) is expected


@pytest.mark.parametrize("late", list(Late))
@pytest.mark.parametrize("after", [timedelta(minutes=30), timedelta(days=400)])
def test_what_has_expired_never_goes(after: timedelta, late: Late) -> None:
    assert verdict(after, late, expires_after=timedelta(minutes=30)) is Verdict.EXPIRED


def test_just_before_it_expires_a_delivery_goes() -> None:
    assert verdict(timedelta(minutes=29), Late.SKIP, timedelta(minutes=30)) is Verdict.GO
