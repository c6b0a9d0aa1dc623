"""Time zones by their IANA names."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from karnay.errors import did_you_mean


class BadZone(ValueError):
    """No time zone of that name; the message names the nearest one."""


def zone(name: str) -> ZoneInfo:
    """The zone of that name, as in `Asia/Tashkent`. Raises BadZone."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: "Asia" is a directory
        hint = did_you_mean(name, available_timezones()) or " Write it as Asia/Tashkent."
        raise BadZone(f'unknown time zone "{name[:60]}".{hint}') from None
