"""What can happen to one request on its way: a table of faults, and how often each is met."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.chaos.messages import answer
from bench.chaos.witness import PASSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from bench.chaos.messages import Request

LATEST = 90.0
"""Seconds of the attack's clock by which a request may reach its network after it was cut off.

Less than any platform's settling time: within it, absence means nothing yet.
"""

_SLOWEST = 8.0  # seconds of the attack's clock until a slow answer comes


class Passage(Protocol):
    """One request on its way, as a fault may deal with it."""

    request: Request
    luck: Random

    async def ask(self) -> bytes:
        """Pass the request on; the network's whole answer."""
        ...

    async def tell(self, answer: bytes) -> None:
        """Give the daemon that for an answer."""
        ...

    def cut(self) -> None:
        """Reset the daemon's connection."""
        ...

    async def wait(self, seconds: float) -> None:
        """Let that time of the attack's clock pass."""
        ...


async def pass_on(passage: Passage) -> None:
    """No fault: the request reaches the network, and its answer comes back."""
    await passage.tell(await passage.ask())


async def answer_slowly(passage: Passage) -> None:
    """The answer takes its time."""
    said = await passage.ask()
    await passage.wait(passage.luck.uniform(1, _SLOWEST))
    await passage.tell(said)


async def lose(passage: Passage) -> None:
    """Cut before the network got anything."""
    passage.cut()


async def drop(passage: Passage) -> None:
    """The network got it, and the connection is cut without an answer."""
    await passage.ask()
    passage.cut()


async def halve(passage: Passage) -> None:
    """The answer breaks off in the middle."""
    said = await passage.ask()
    await passage.tell(said[: len(said) - 1 - passage.luck.randrange(len(said) // 2)])
    passage.cut()


async def delay(passage: Passage) -> None:
    """Cut, and yet on its way: the network gets it a while later."""
    passage.cut()
    await passage.wait(passage.luck.uniform(2, LATEST))
    await passage.ask()


async def fall_silent(passage: Passage) -> None:
    """The network got it, and says nothing at all, until the daemon has waited long enough."""
    await passage.ask()
    await passage.wait(90)
    passage.cut()


def answering(make: Callable[[Passage], bytes]) -> Callable[[Passage], Awaitable[None]]:
    """The network does not get it; something in between answers."""

    async def act(passage: Passage) -> None:
        await passage.tell(make(passage))

    return act


def answering_afterwards(make: Callable[[Passage], bytes]) -> Callable[[Passage], Awaitable[None]]:
    """The network got it; something in between answers in its place."""

    async def act(passage: Passage) -> None:
        await passage.ask()
        await passage.tell(make(passage))

    return act


def _broken(passage: Passage) -> bytes:
    status = passage.luck.choice((500, 502, 503, 504))
    return answer(status, b'{"error": "something went wrong"}')


def _html(_passage: Passage) -> bytes:
    return answer(200, b"<!doctype html><title>Please log in to the WiFi</title>", "text/html")


_OTHER_JSON = (b"{}", b'{"ok": true}', b'{"data": null}', b'"yes"', b'{"result": {"id": []}}')
"""Not `[]`: as a listing that is a lie in good form, which nobody can see through."""


def _other_json(passage: Passage) -> bytes:
    return answer(200, passage.luck.choice(_OTHER_JSON))


def _too_many(passage: Passage) -> bytes:
    seconds = passage.luck.randrange(1, 20)
    named = {"retry_after": str(seconds)} if passage.luck.random() < _NAMES_A_TIME else {}
    body = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests",
        **({"parameters": {"retry_after": seconds}} if named else {}),
    }
    return answer(429, json.dumps(body).encode(), **named)


_NAMES_A_TIME = 0.8


def _logged_out(_passage: Passage) -> bytes:
    return answer(401, b'{"ok": false, "error": "AuthenticationRequired", "description": "no"}')


_REFUSALS = {
    "telegram": (
        400,
        {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"},
    ),
    "mastodon": (422, {"error": "Validation failed: Text character limit of 500 exceeded"}),
    "bluesky": (400, {"error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record"}),
    "x": (400, {"title": "Invalid Request", "detail": "Your Tweet text is too long."}),
}
"""Each network's clear no to a text, as its documents have it."""


def _refused(passage: Passage) -> bytes:
    status, body = _REFUSALS[passage.request.platform]
    return answer(status, json.dumps(body).encode())


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault: how many of a thousand requests meet it, publishing ones and all others."""

    act: Callable[[Passage], Awaitable[None]]
    publishing: int
    looking: int
    cuts: bool = False  # the connection


REFUSED = "refused"

TROUBLES: dict[str, Trouble] = {
    PASSED: Trouble(pass_on, 0, 0),
    "slow": Trouble(answer_slowly, 30, 20),
    "lost": Trouble(lose, 60, 50, cuts=True),
    "dropped": Trouble(drop, 110, 40, cuts=True),
    "half an answer": Trouble(halve, 60, 50, cuts=True),
    "delayed": Trouble(delay, 70, 0, cuts=True),
    "silent": Trouble(fall_silent, 4, 2, cuts=True),
    "429": Trouble(answering(_too_many), 40, 30),
    "5xx": Trouble(answering(_broken), 50, 50),
    "5xx after": Trouble(answering_afterwards(_broken), 60, 20),
    "html": Trouble(answering(_html), 30, 30),
    "html after": Trouble(answering_afterwards(_html), 40, 20),
    "other json": Trouble(answering(_other_json), 30, 30),
    "other json after": Trouble(answering_afterwards(_other_json), 40, 20),
    "401": Trouble(answering(_logged_out), 4, 4),
    REFUSED: Trouble(answering(_refused), 6, 0),
}

STORMS = ("lost", "429", "5xx", "html", "dropped", "slow")
"""What may befall all requests to a network for a while."""


def chosen(request: Request, luck: Random) -> str:
    """The name of what this request meets."""
    kind = "publishing" if request.publishes else "looking"
    weights = {name: getattr(trouble, kind) for name, trouble in TROUBLES.items()}
    weights[PASSED] = 1000 - sum(weights.values())
    return luck.choices(list(weights), list(weights.values()))[0]
