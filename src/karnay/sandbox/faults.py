"""Faults on demand: what shall go wrong with the publishing requests of a platform."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from threading import Lock


class Kind(StrEnum):
    """What goes wrong. Nothing is stored where it does not say so."""

    REFUSE = "refuse"  # the network's documented refusal of a text
    RATE_LIMIT = "429"  # too many requests, with the moment to come back
    RATE_LIMIT_SILENT = "429-silent"  # the same, and no word of when
    BROKEN = "500"  # the network fails, in its own words
    BROKEN_MADE = "500-made"  # the same, but the post is stored
    UNAVAILABLE = "503"  # a page of HTML from something in between
    GATEWAY = "502"  # another one
    GATEWAY_MADE = "502-made"  # the same, but the post is stored
    PAGE = "html"  # a page of HTML with status 200
    PAGE_MADE = "html-made"  # the same, but the post is stored
    OTHER_JSON = "json-made"  # the post is stored, the answer is JSON of another shape
    CLOSE = "close"  # the connection is cut, unread and without an answer
    DROP = "drop"  # the post is stored, then the connection is cut without an answer
    HALF = "half"  # the post is stored, then the connection is cut in the middle of the answer
    SLOW = "slow"  # the post is stored at once, the answer comes late


@dataclass(frozen=True, slots=True)
class Fault:
    """`times` is how many publishing requests it meets, None for all until it is cleared.

    `seconds`: how late the answer of `slow` comes, and how long `429` asks to wait. `drawn` says
    that the weather made it, so it is not counted.
    """

    kind: Kind
    times: int | None = 1
    seconds: float = 0
    drawn: bool = False

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/faults` says of it."""
        return {"fault": self.kind.value, "times": self.times, "seconds": self.seconds}

    def __str__(self) -> str:
        """The same for people."""
        left = "until it is cleared" if self.times is None else f"{self.times} more times"
        return f"{self.kind.value} {left}"


@dataclass(frozen=True, slots=True)
class Weather:
    """Faults by chance: each publishing request meets one of them with that probability.

    The same seed, asked in the same order, makes the same weather.
    """

    kinds: tuple[Kind, ...]
    probability: float
    seed: int = 0
    seconds: float = 0
    _luck: Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Begin with the first draw."""
        object.__setattr__(self, "_luck", Random(self.seed))  # noqa: S311 - it must be repeatable

    def draw(self) -> Fault | None:
        """What the next request meets."""
        if self._luck.random() >= self.probability:
            return None
        return Fault(self._luck.choice(self.kinds), seconds=self.seconds, drawn=True)

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/faults` says of it."""
        told = {"probability": self.probability, "seed": self.seed, "seconds": self.seconds}
        return {"faults": [kind.value for kind in self.kinds], **told}

    def __str__(self) -> str:
        """The same for people."""
        kinds = ", ".join(kind.value for kind in self.kinds)
        return f"{kinds} to {self.probability:.0%} of all requests, until it is cleared"


class Faults:
    """At most one fault per platform, and weather behind it; new takes the place of old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: dict[str, Fault] = {}
        self._weather: dict[str, Weather] = {}

    def put(self, platform: str, fault: Fault) -> None:
        """From now on, this goes wrong there."""
        with self._lock:
            self._due[platform] = fault

    def let(self, platform: str, weather: Weather) -> None:
        """From now on, this may go wrong there, whenever no ordered fault is due."""
        with self._lock:
            self._weather[platform] = weather

    def take(self, platform: str) -> Fault | None:
        """The fault that this request meets, counted as met; None if all goes well."""
        if platform not in self._due and platform not in self._weather:
            return None
        with self._lock:
            fault = self._due.pop(platform, None)
            if fault is None:
                weather = self._weather.get(platform)
                return weather.draw() if weather else None
            if fault.times != 1:
                rest = None if fault.times is None else fault.times - 1
                self._due[platform] = replace(fault, times=rest)
            return fault

    def give_back(self, platform: str, fault: Fault) -> None:
        """Uncount a fault whose request published nothing anyway."""
        if fault.drawn:
            return
        with self._lock:
            rest = self._due.get(platform, replace(fault, times=0))
            times = None if rest.times is None else rest.times + 1
            self._due[platform] = replace(rest, times=times)

    def heal(self, platform: str | None = None) -> None:
        """Nothing goes wrong any more, there or anywhere."""
        with self._lock:
            for wrong in (self._due, self._weather):
                for name in [platform] if platform else list(wrong):
                    wrong.pop(name, None)

    def all(self) -> dict[str, Fault | Weather]:
        """What goes wrong next, by platform."""
        with self._lock:
            return {**self._weather, **self._due}
