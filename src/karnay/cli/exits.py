"""The exit codes, documented and stable; scripts rely on them (the numbers are sysexits.h's)."""

from __future__ import annotations

from enum import IntEnum

from karnay import errors


class Exit(IntEnum):
    """What the process's exit code says."""

    DONE = 0
    DELIVERY_FAILED = 1
    USAGE = 2
    INVALID_POST = 65
    NOT_THERE = 66
    UNAVAILABLE = 69
    RETRIED_LATER = 75
    LOG_IN = 77
    BAD_CONFIGURATION = 78
    INTERRUPTED = 130


_CODES: tuple[tuple[type[errors.KarnayError], Exit], ...] = (
    (errors.InvalidPost, Exit.INVALID_POST),
    (errors.BadConfiguration, Exit.BAD_CONFIGURATION),
    (errors.NotFound, Exit.NOT_THERE),
    (errors.StoreError, Exit.UNAVAILABLE),
    (errors.AccountError, Exit.LOG_IN),
    (errors.NotSent, Exit.RETRIED_LATER),
    (errors.Transient, Exit.RETRIED_LATER),
    (errors.RateLimited, Exit.RETRIED_LATER),
)


def exit_of(error: errors.KarnayError) -> Exit:
    """The exit code that tells of this error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.DELIVERY_FAILED)
