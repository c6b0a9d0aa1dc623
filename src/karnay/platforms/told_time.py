"""How far our clock is off, as a network's answer tells.

Every answer says when it was made, in whole seconds: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_PRECISION = timedelta(seconds=1)


def clock_offset(date: str, sent: datetime, received: datetime) -> float | None:
    """By how many seconds our clock is ahead of theirs at least (negative: behind).

    `date` is the answer's header, made somewhere between the two moments of our clock: however
    slow the network, it makes no right clock wrong. None where it is not understood.
    """
    made = _moment(date)
    if made is None:
        return None
    least, most = sent - made - _PRECISION, received - made
    return max(least, min(timedelta(), most)).total_seconds()


@lru_cache(maxsize=32)  # a burst is answered within the same few seconds
def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
