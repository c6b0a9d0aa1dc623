"""What Meta's Graph APIs share: how they are asked, page by page, and how they say no.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from karnay.errors import AccountError, OutcomeUnknown, PublishingError, RateLimited, Rejected
from karnay.platforms.answers import Answer, ErrorTable, ambiguous, clipped, own_words
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.wire import Wire, secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.secrets import SecretRef

T = TypeVar("T")

BEARER = MappingProxyType({"Authorization": "Bearer {token}"})
"""The token as https://datatracker.ietf.org/doc/html/rfc6750#section-2.1 has it: in no URL."""

VERSION = r"^v\d+\.\d+$"
"""How a version is written: https://developers.facebook.com/docs/graph-api/changelog"""

_RATES = (4, 17, 32, 341, 613, *range(80000, 80007), 80008, 80009, 80014)
"""https://developers.facebook.com/docs/graph-api/overview/rate-limiting#error-codes"""

_BLOCKS = (368, 1390008)
"""For abuse, or for haste; either lasts for hours."""

_GONE = (100, 33)
"""Code and subcode for an object that does not exist, or that we may not see."""

_SHORT = 10_000
"""A subcode up to this means something only together with its code."""

_PAUSE, _LONG_PAUSE = timedelta(minutes=15), timedelta(hours=3)
"""Where no answer names one: to ask earlier makes it longer."""

CODES: Mapping[int, type[PublishingError]] = MappingProxyType(
    {
        **dict.fromkeys((*_RATES, *_BLOCKS), RateLimited),
        **dict.fromkeys((3, 10, 102, 190, *range(200, 300)), AccountError),
        **dict.fromkeys((1404006, 1404078, 1404112, 4854002), AccountError),  # for a person
        **dict.fromkeys((1, 2, 1363047, 1609010), OutcomeUnknown),  # it may have been done
        **dict.fromkeys((100, 321, 324, 1346003, 1366046, 1404102, 1609005, 1609008), Rejected),
    }
)
"""What a code means on all of them; such an answer has the status 400 as well as 403."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The `error` of an answer; 0 stands for a code or subcode that is not there."""

    code: int
    subcode: int
    transient: bool
    said: str


def fault_in(answer: Answer) -> Fault | None:
    """What the answer says went wrong, if it says so in the Graph APIs' way."""
    error = answer.member("error")
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return None
    subcode = error.get("error_subcode")
    return Fault(
        error["code"],
        subcode if isinstance(subcode, int) else 0,
        error.get("is_transient") is True,
        _said(error),
    )


def _said(error: Mapping[str, Any]) -> str:
    """The network's words for developers and for people, and what it asks for in a complaint."""
    words = [error.get(name) for name in ("message", "error_user_title", "error_user_msg")]
    numbers = [str(error[name]) for name in ("code", "error_subcode") if error.get(name)]
    trace = error.get("fbtrace_id")
    named = f"code {'/'.join(numbers)}{f', trace {trace}' if trace else ''}"
    return f"{' '.join(dict.fromkeys(str(word) for word in words if word))} ({named})"


def _words(answer: Answer) -> str:
    fault = fault_in(answer)
    return fault.said if fault else own_words(answer)


@dataclass(frozen=True, slots=True)
class GraphErrors(ErrorTable):
    """How one network of Meta's says no: by code and subcode, whatever the status below 500.

    `codes` may be subcodes, too, if they are of those that are long; `faults` are pairs of both,
    and go before.
    """

    words: Callable[[Answer], str] = _words
    codes: Mapping[int, type[PublishingError]] = field(default_factory=lambda: CODES, hash=False)
    faults: Mapping[tuple[int, int], type[PublishingError]] = field(
        default_factory=dict, hash=False
    )

    def error(self, answer: Answer, effect: Effect, now: datetime) -> PublishingError:
        """The one error that this answer, which is no success, is called."""
        fault = fault_in(answer)
        kind = self._kind(fault) if fault and answer.status < 500 else None
        if fault is None or kind is None:
            return ErrorTable.error(self, answer, effect, now)
        message = clipped(f"{answer.status} {fault.said}", 500)
        if kind is RateLimited:
            return RateLimited(message, now + _pause(answer, fault))
        return ambiguous(effect, message) if kind is OutcomeUnknown else kind(message)

    def _kind(self, fault: Fault) -> type[PublishingError] | None:
        return (
            self.faults.get((fault.code, fault.subcode))
            or (self.codes.get(fault.subcode) if fault.subcode > _SHORT else None)
            or self.codes.get(fault.code)
            or (OutcomeUnknown if fault.transient else None)
        )


def _pause(answer: Answer, fault: Fault) -> timedelta:
    """How long to leave the account alone: as the network reckons, else for an hour or three.

    https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
    """
    if {fault.code, fault.subcode} & set(_BLOCKS):
        return _LONG_PAUSE
    minutes = max(_minutes(answer.headers.get("x-business-use-case-usage", "")), default=0)
    return timedelta(minutes=minutes) or _PAUSE


def _minutes(header: str) -> Iterator[int]:
    """Each `estimated_time_to_regain_access` in the header, in minutes."""
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        for uses in json.loads(header).values():
            for use in uses:
                yield min(int(use.get("estimated_time_to_regain_access") or 0), 24 * 60)


@dataclass(frozen=True, slots=True)
class Graph:
    """One account's way to a Graph API; `base` is its address with the version."""

    base: str
    token: SecretRef
    wire: Wire
    table: ErrorTable

    def ask(self, call: Call, *, effect: Effect, read: Callable[[Any], T]) -> T:
        """Make the call as the account. Raises a PublishingError, and nothing else."""
        return self.wire.ask(
            call,
            effect=effect,
            table=self.table,
            read=read,
            secrets={"token": secret(self.token)},
        )

    def get(self, path: str, read: Callable[[Any], T], **query: str) -> T:
        """What is there; changes nothing. Raises a PublishingError."""
        asked = f"?{urlencode(query, safe=',().')}" if query else ""
        call = Call("GET", f"{self.base}{path}{asked}", BEARER)
        return self.ask(call, effect=Effect.SAFE, read=read)

    def delete(self, path: str) -> None:
        """Have that taken away; what is not there is no error. Raises a PublishingError."""
        call = Call("DELETE", f"{self.base}{path}", BEARER)
        secrets = {"token": secret(self.token)}
        answer = self.wire.send(call, effect=Effect.SAFE, secrets=secrets)
        fault = fault_in(answer)
        if fault is None or (fault.code, fault.subcode) != _GONE:
            self.wire.understood(answer, effect=Effect.SAFE, table=self.table, read=done)

    def pages(self, path: str, most: int, **query: str) -> Iterator[list[Mapping[str, Any]]]:
        """What an edge lists, as many pages of it as `most`. Raises a PublishingError.

        https://developers.facebook.com/docs/graph-api/results
        """
        after: dict[str, str] = {}
        for _ in range(most):
            listed, following = self.get(path, _page, **query, **after)
            yield listed
            if not following:
                return
            after = {"after": following}


def _page(body: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    """The page, and the cursor of the next one if there is one."""
    listed, paging = body["data"], body.get("paging") or {}
    if not isinstance(listed, list):
        raise TypeError("no list")
    more = paging["cursors"]["after"] if paging.get("next") else ""
    return listed, more


def done(body: Mapping[str, Any]) -> bool:
    """True. Raises ValueError or LookupError for any other answer than `{"success": true}`."""
    if body["success"] is not True:
        raise ValueError("no success")
    return True


def number(body: Mapping[str, Any], name: str = "id") -> str:
    """The id in an answer. Raises ValueError, LookupError or TypeError where there is none."""
    found = body[name]
    if not isinstance(found, str) or not found:
        raise ValueError(f"no {name}")
    return found


def moment(text: str) -> datetime:
    """A moment as the Graph APIs write it: `2026-11-24T04:00:00+0000`. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


def insights(names: Mapping[str, str]) -> Callable[[Mapping[str, Any]], dict[str, int]]:
    """Reads the newest value of each insight in an answer; `names` are ours, by the network's.

    https://developers.facebook.com/docs/graph-api/reference/insights
    """

    def read(body: Mapping[str, Any]) -> dict[str, int]:
        told = {item.get("name"): item for item in body["data"]}
        return {
            ours: int(told[theirs]["values"][-1]["value"])
            for theirs, ours in names.items()
            if theirs in told
        }

    return read
