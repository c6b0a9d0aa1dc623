"""Answers: what came back, and which one named error it is where it is no success."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from karnay.errors import (
    AccountError,
    NoAnswer,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Effect
from karnay.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_PAUSE = timedelta(hours=24)
"""However long a network says to wait: after that it is asked again."""


PAUSE = timedelta(minutes=1)

_LONGEST_WORDS = 500  # characters of the network's own words that an error keeps


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deep") from None

    def member(self, name: str) -> Any:
        """That member of a JSON object, or None for any other body."""
        with contextlib.suppress(ValueError):
            body = self.json()
            return body.get(name) if isinstance(body, dict) else None
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a platform's error table: this status, with these words in the body, is that error.

    `says` is compared in lower case; empty means any body.
    """

    status: int
    says: str
    error: type[PublishingError]

    def matches(self, answer: Answer) -> bool:
        """Whether the answer is of this line."""
        return self.status == answer.status and self.says in answer.text.lower()


DEFAULTS = (
    *(Row(status, "", AccountError) for status in (401, 402, 403, 404)),
    Row(429, "", RateLimited),
    *(Row(status, "", Rejected) for status in (400, 405, 406, 410, 411, 413, 414, 415, 422)),
    *(Row(status, "", NoAnswer) for status in (502, 504)),  # whoever is behind works on
)
"""What a clear no means where a platform's own table is silent.

An unknown 403 or 404 is about the account or the address more often than about the text, and
holding an account loses nothing. Whatever is not listed (3xx, 5xx, 408, 409) is not a clear no.
"""


def own_words(answer: Answer) -> str:
    """What the network itself said, from the members that networks use for it."""
    for name in ("description", "detail", "message", "error_description", "error", "title"):
        said = answer.member(name)
        if isinstance(said, str) and said:
            return said
    return " ".join(answer.text.split())


def named_moment(answer: Answer, now: datetime) -> datetime | None:
    """The moment in `Retry-After` (seconds or a date, RFC 9110 section 10.2.3), or None."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return now + timedelta(seconds=int(value[:9]))
    with contextlib.suppress(ValueError, OverflowError):
        moment = parsedate_to_datetime(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def epoch_moment(answer: Answer, header: str) -> datetime | None:
    """The moment that this header gives in seconds since 1970, or None."""
    value = answer.headers.get(header, "").strip()
    return datetime.fromtimestamp(int(value[:10]), UTC) if value.isdecimal() else None


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """How one platform says no: its rows before the defaults, its words, its way to name a time."""

    rows: tuple[Row, ...] = ()
    words: Callable[[Answer], str] = own_words
    moment: Callable[[Answer, datetime], datetime | None] = named_moment

    def error(self, answer: Answer, effect: Effect, now: datetime) -> PublishingError:
        """The one error that this answer, which is no success, is called."""
        message = clipped(f"{answer.status} {self.words(answer)}".strip(), _LONGEST_WORDS)
        row = next((row for row in (*self.rows, *DEFAULTS) if row.matches(answer)), None)
        until = self._until(answer, now)
        if row is None:
            return ambiguous(effect, message, until)
        if row.error is RateLimited:
            return RateLimited(message, until or now + PAUSE)
        if issubclass(row.error, OutcomeUnknown):
            return ambiguous(effect, message, until, kind=row.error)
        return row.error(message)

    def _until(self, answer: Answer, now: datetime) -> datetime | None:
        try:
            moment = self.moment(answer, now) or named_moment(answer, now)
            soonest, latest = now + timedelta(seconds=1), now + LONGEST_PAUSE
            return min(max(moment, soonest), latest) if moment else None
        except (ValueError, OverflowError):  # a year that no calendar knows
            return None


def ambiguous(
    effect: Effect,
    message: str,
    until: datetime | None = None,
    *,
    kind: type[OutcomeUnknown] = OutcomeUnknown,
) -> PublishingError:
    """What a lost or unclear answer means: harmless to repeat, or not to be guessed about.

    Where no answer came to the end, the `kind` is NoAnswer.
    """
    return (kind if effect is Effect.ONCE else Transient)(message, until)


def clipped(text: str, longest: int) -> str:
    """The first characters of it, for a message; secrets masked."""
    # Masked before it is cut: half a secret would no longer be known for one.
    return redact(text)[:longest]
