"""Every error of karnay, named for what happens next.

KarnayError                 something a person must read; never a traceback
├── InvalidPost             the post file is wrong: all its problems at once
├── BadConfiguration        karnay.toml, a template or a secret is wrong: all problems at once
├── NotFound                a post, account or delivery of that name is not there
├── NotPossible             understood, but not in this state (cancel what is published)
├── ClaimLost               somebody else has the delivery now: drop it, write nothing
├── StoreError              the database cannot be used: locked, full, newer, read-only
│   └── StoreGone           its file was moved or deleted under us: stop, write nothing
└── PublishingError         how one call to a network can end without a receipt
    ├── NotSent             nothing left this machine: later, no harm done
    ├── RateLimited         not before `until`; costs no attempt
    ├── Transient           later, with the same key
    ├── AccountError        the account is paused, its queue held, staff told
    ├── Rejected            failed, with the network's own words
    └── OutcomeUnknown      it may be public or not: look, then decide
        └── NoAnswer        the same, and the network may still be at work on it

What is neither listed nor foreseen after a request was sent is an OutcomeUnknown, too.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; line and column count from 1 (0: not known)."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:col`, the form that editors and terminals make clickable."""
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One sentence about what is wrong, where, and what to do about it.

    `path` names the key (`platforms.x.overflow`), empty where the place says it all.
    A `warning` is worth reading and stops nothing.
    """

    place: Place
    message: str
    path: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """`file:line:col: path: message`."""
        parts = [str(self.place), self.path, self.message]
        return ": ".join(part for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """The problem as every `--json` output shows it."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": self.path,
            "message": self.message,
            "severity": "warning" if self.warning else "error",
        }


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean "mastodon"?`, or nothing when no known word is near."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1)
    return f' Did you mean "{names[near[0]]}"?' if near else ""


class KarnayError(Exception):
    """Something that a person must read; its text says what, where and what to do."""


class ProblemsError(KarnayError):
    """Base of the errors that tell all problems at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidPost(ProblemsError):
    """A post cannot be used as it is written."""


class BadConfiguration(ProblemsError):
    """karnay.toml, a template or a secret reference is wrong."""

    @classmethod
    def of(cls, message: str, place: Place | None = None, path: str = "") -> BadConfiguration:
        """The error with a single problem."""
        return cls([Problem(place or Place(), message, path)])


class NotFound(KarnayError):
    """No post, account or delivery of that name."""


class NotPossible(KarnayError):
    """Understood, but it cannot be done in the present state."""


class ClaimLost(KarnayError):
    """The delivery was taken over meanwhile: stop, and leave it to its new owner."""


class StoreError(KarnayError):
    """The database cannot be used; nothing was changed."""


class StoreGone(StoreError):
    """The database's file is no longer where it was opened: stop, and write nothing more."""


class PublishingError(KarnayError):
    """One call to a network ended without a receipt."""


class NotSent(PublishingError):
    """Nothing left this machine (DNS, refused, TLS, connect timeout): later, no harm done."""


class RateLimited(PublishingError):
    """The network asks us to wait; `until` is an aware UTC moment. Costs no attempt."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Transient(PublishingError):
    """A step that may be repeated did not succeed: later, with the same key.

    `until`, where the network named it, is the aware UTC moment before which to leave it alone.
    """

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class NotReady(Transient):
    """What was asked for is still being made on the network's side: ask again, in a while."""


class AccountError(PublishingError):
    """The account cannot publish (token, permission, billing): paused, its queue held."""


class Rejected(PublishingError):
    """The network refused this content; its own words are in the message."""


class OutcomeUnknown(PublishingError):
    """A visible request was sent and its outcome is not known: look, never send blindly again.

    `until`, where the network named it, is the aware UTC moment before which to leave it alone.
    """

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class NoAnswer(OutcomeUnknown):
    """No answer came to the end: what was asked for may still happen, for a while."""
