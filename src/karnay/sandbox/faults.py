"""Faults on demand: what shall go wrong with the next publishing requests of a platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock


class Kind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"  # the network's documented refusal of a text; nothing is stored
    RATE_LIMIT = "429"  # too many requests, with the moment to come back; nothing is stored
    BROKEN = "500"  # the network fails; nothing is stored
    DROP = "drop"  # the post is stored, then the connection is cut without an answer
    SLOW = "slow"  # the post is stored at once, the answer comes late


@dataclass(frozen=True, slots=True)
class Fault:
    """`times` is how many publishing requests it meets, None for all until it is cleared.

    `seconds`: how late the answer of `slow` comes, and how long `429` asks to wait.
    """

    kind: Kind
    times: int | None = 1
    seconds: float = 0

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/faults` says of it."""
        return {"fault": self.kind.value, "times": self.times, "seconds": self.seconds}


class Faults:
    """At most one fault per platform; a new one takes the place of the old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: dict[str, Fault] = {}

    def put(self, platform: str, fault: Fault) -> None:
        """From now on, this goes wrong there."""
        with self._lock:
            self._due[platform] = fault

    def take(self, platform: str) -> Fault | None:
        """The fault that this request meets, counted as met; None if all goes well."""
        with self._lock:
            fault = self._due.pop(platform, None)
            if fault is not None and fault.times != 1:
                rest = None if fault.times is None else fault.times - 1
                self._due[platform] = replace(fault, times=rest)
            return fault

    def give_back(self, platform: str, fault: Fault) -> None:
        """Uncount a fault whose request published nothing anyway."""
        with self._lock:
            rest = self._due.get(platform, replace(fault, times=0))
            times = None if rest.times is None else rest.times + 1
            self._due[platform] = replace(rest, times=times)

    def heal(self, platform: str | None = None) -> None:
        """Nothing goes wrong any more, there or anywhere."""
        with self._lock:
            for name in [platform] if platform else list(self._due):
                self._due.pop(name, None)

    def all(self) -> dict[str, Fault]:
        """What is due to go wrong, by platform."""
        with self._lock:
            return dict(self._due)
