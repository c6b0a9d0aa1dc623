"""What the sandbox remembers: everything published, asked for, and to go wrong; in memory only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from karnay.sandbox.bucket import Bucket
from karnay.sandbox.faults import Faults
from karnay.sandbox.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from karnay.clock import Clock
    from karnay.sandbox.marks import Mark
    from karnay.sandbox.uploads import Upload


@dataclass(frozen=True, slots=True)
class Published:
    """One thing that is public on one network.

    `account` is the name in its address, without an "@". `reply_to` is the id of the thing that
    it answers, or empty. `body` is the network's own object, as its API shows it.
    """

    platform: str
    account: str
    id: str
    link: str
    text: str
    at: datetime
    reply_to: str = ""
    language: str = ""  # empty where the network is not told
    marks: tuple[Mark, ...] = ()
    card: Mapping[str, str] | None = field(default=None, hash=False)
    media: tuple[Upload, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/published` says of it."""
        names = ("platform", "account", "id", "link", "text", "reply_to")
        told = {name: getattr(self, name) for name in names}
        return {
            **told,
            "at": self.at.isoformat(),
            "media": [upload.as_json() for upload in self.media],
        }


@dataclass(frozen=True, slots=True)
class Recorded:
    """One API request as it arrived; `status` is that of its answer, None where none was sent.

    `path` holds the query, too. Tokens in path and headers are masked; the body is exact.
    """

    platform: str
    method: str
    path: str
    headers: Mapping[str, str] = field(hash=False)
    body: str
    received_at: datetime
    status: int | None = None

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/requests` says of it."""
        names = ("platform", "method", "path", "headers", "body", "status")
        values = {name: getattr(self, name) for name in names}
        return {**values, "received_at": self.received_at.isoformat()}


class Ledger:
    """Everything that is public, in the order of publication.

    Whatever an API asks for is found without a walk over all that is stored.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._posts: dict[_Key, Published] = {}
        self._by_id: dict[tuple[str, str], Published] = {}
        self._shelves: defaultdict[tuple[str, str], dict[str, Published]] = defaultdict(dict)
        self._replies: defaultdict[_Key, dict[str, None]] = defaultdict(dict)

    def put(self, post: Published) -> None:
        """Make it public; one of the same platform, account and id is replaced in its place."""
        with self._lock:
            self._forget_reply(post)
            self._posts[_key(post)] = post
            self._by_id[post.platform, post.id] = post
            self._shelves[post.platform, post.account][post.id] = post
            if post.reply_to:
                self._replies[_parent(post)][post.id] = None

    def get(self, platform: str, account: str, identifier: str) -> Published | None:
        """The one of that account and id, or None."""
        with self._lock:
            return self._posts.get((platform, account, identifier))

    def find(self, platform: str, identifier: str) -> Published | None:
        """The same on a platform whose ids are unique over all accounts (not Telegram)."""
        with self._lock:
            return self._by_id.get((platform, identifier))

    def take_down(self, post: Published) -> None:
        """Make it no longer public."""
        with self._lock:
            self._forget_reply(post)
            self._posts.pop(_key(post), None)
            self._by_id.pop((post.platform, post.id), None)
            self._shelves[post.platform, post.account].pop(post.id, None)

    def _forget_reply(self, post: Published) -> None:
        old = self._posts.get(_key(post))
        if old is not None and old.reply_to:
            self._replies[_parent(old)].pop(old.id, None)

    def count(self, platform: str, account: str) -> int:
        """How many things are public there."""
        return len(self._shelves.get((platform, account), ()))

    def newest(self, platform: str, account: str) -> Iterator[Published]:
        """The account's posts, newest first, taken from the shelf as they are asked for.

        Only for the thread that publishes: nothing may be put or taken down meanwhile.
        """
        return reversed(self._shelves.get((platform, account), {}).values())

    def all(self, platform: str | None = None, account: str | None = None) -> list[Published]:
        """All of that platform and account, oldest first."""
        with self._lock:
            if platform is not None and account is not None:
                return list(self._shelves.get((platform, account), {}).values())
            posts = list(self._posts.values())
        return [
            post
            for post in posts
            if platform in (None, post.platform) and account in (None, post.account)
        ]

    def threads(
        self, platform: str | None = None, account: str | None = None
    ) -> list[list[Published]]:
        """The same, each post with the replies to it behind it."""
        threads: dict[_Key, list[Published]] = {}
        for post in self.all(platform, account):
            thread = threads.get(_parent(post), [])
            thread.append(post)
            threads[_key(post)] = thread
        return list({id(thread): thread for thread in threads.values()}.values())

    def thread(self, post: Published) -> list[Published]:
        """The thread that the post is of, as `threads` tells it."""
        with self._lock:
            while parent := self._posts.get(_parent(post)):
                post = parent
            members = self._with_replies(post)
            return sorted(members, key=lambda one: (one.at, len(one.id), one.id))

    def _with_replies(self, post: Published) -> Iterator[Published]:
        waiting = [post]
        while waiting:
            one = waiting.pop()
            yield one
            replies = self._replies.get(_key(one), ())
            waiting += [self._posts[one.platform, one.account, name] for name in replies]


_Key = tuple[str, str, str]


def _key(post: Published) -> _Key:
    return post.platform, post.account, post.id


def _parent(post: Published) -> _Key:
    return post.platform, post.account, post.reply_to


class Recorder:
    """Every API request in the order of arrival."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: list[Recorded] = []

    def add(self, request: Recorded) -> int:
        """Keep it; returns its number, for `answered`."""
        with self._lock:
            self._requests.append(request)
            return len(self._requests) - 1

    def answered(self, number: int, status: int) -> None:
        """Note the status of its answer."""
        with self._lock:
            self._requests[number] = replace(self._requests[number], status=status)

    def all(self, platform: str | None = None) -> list[Recorded]:
        """All requests to that platform, or to any."""
        with self._lock:
            requests = list(self._requests)
        return [request for request in requests if platform in (None, request.platform)]


class World:
    """All of it, with the clock that dates it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ledger = Ledger()
        self.recorder = Recorder()
        self.media = Uploads()
        self.bucket = Bucket()
        self.faults = Faults()
