"""What was asked of the networks over the line, and when; and what they hold in the end."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import httpx

from bench.chaos.announcements import Mark
from karnay.platforms.wire import trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.chaos.messages import Request

PASSED = "passed"
_ACCOUNT = re.compile(r"chaos[-_](telegram|mastodon|bluesky|x)[-_](\d+)")


@dataclass(slots=True)
class Seen:
    """One request: when it came, for whom, bearing what, and what was done to it.

    `status` is that of the network's own answer, 0 where the network never got it.
    """

    at: datetime  # true
    account: str
    line: str
    mark: Mark | None
    deed: str = PASSED
    status: int = 0

    def __str__(self) -> str:
        """A line of evidence."""
        answered = self.status or "never reached it"
        return (
            f"{self.at:%H:%M:%S.%f} {self.account} {self.line} [{self.deed}; network: {answered}]"
        )


@dataclass
class Witness:
    """All requests, in the order of arrival."""

    log: list[Seen] = field(default_factory=list)

    def saw(self, request: Request, at: datetime) -> Seen:
        """Note a request; what was done to it is filled in later."""
        seen = Seen(at, _account(request), request.line, Mark.read(request.text))
        self.log.append(seen)
        return seen

    def deeds(self) -> Counter[str]:
        """How many requests met each fault."""
        return Counter(seen.deed for seen in self.log if seen.deed != PASSED)

    def of(self, number: int) -> list[Seen]:
        """The requests that bore a part of that announcement."""
        return [seen for seen in self.log if seen.mark and seen.mark.number == number]

    def about(self, account: str, since: datetime, until: datetime) -> list[Seen]:
        """The requests of an account in that time, whatever they bore."""
        return [seen for seen in self.log if seen.account == account and since <= seen.at <= until]


@dataclass(frozen=True, slots=True)
class Shown:
    """One part that is public; `place` counts all that is public in the order of publication."""

    mark: Mark
    id: str
    link: str
    reply_to: str
    at: datetime
    place: int


class Public:
    """All that is public, by mark."""

    def __init__(self, shown: Sequence[Shown]) -> None:
        self._by_mark: defaultdict[Mark, list[Shown]] = defaultdict(list)
        for one in shown:
            self._by_mark[one.mark].append(one)

    @classmethod
    def now(cls, url: str) -> Public:
        """Ask the networks at that address."""
        answer = httpx.get(f"{url}/_sandbox/published", timeout=60, verify=trust()).json()
        posts = [post for thread in answer["threads"] for post in thread]
        posts.sort(key=lambda post: datetime.fromisoformat(post["at"]))
        return cls([_shown(post, place) for place, post in enumerate(posts)])

    def of(self, mark: Mark) -> list[Shown]:
        """Every time that part is public: once, if all is well."""
        return self._by_mark.get(mark, [])


def _shown(post: Mapping[str, str], place: int) -> Shown:
    mark = Mark.read(post["text"])
    assert mark is not None, f"nobody ordered this: {post}"
    at = datetime.fromisoformat(post["at"])
    return Shown(mark, post["id"], post["link"], post["reply_to"], at, place)


def _account(request: Request) -> str:
    found = _ACCOUNT.search(request.text)
    return f"{found[1]}_{found[2]}" if found else ""
