"""X's list of a user's posts, and how a text that one knows is found in it.

https://docs.x.com/x-api/users/get-posts
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from karnay.platforms import sightings
from karnay.platforms.base import Absent, CannotTell, Receipt
from karnay.platforms.sightings import Seen, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.platforms.base import Sighting
    from karnay.platforms.sightings import Wanted

PAGE = 100
"""The most posts in one answer: https://docs.x.com/x-api/users/get-posts"""

PAGES = 8
"""Pages that are looked through: X bills every post of them, and lists no more than 3,200."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer of the timeline, newest first; `following` is the token of the next one."""

    posts: tuple[Seen, ...]
    following: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> _Page:
        """An answer without posts has no `data`."""
        posts = body["data"] if body["meta"]["result_count"] else ()
        return cls(tuple(map(_seen, posts)), body["meta"].get("next_token", ""))


def _seen(post: Mapping[str, Any]) -> Seen:
    made = datetime.fromisoformat(post["created_at"]).astimezone(UTC)
    text = essence(_as_written(post))
    return Seen(Receipt(str(post["id"])), made, text, _reply_to(post), _edited(post))


def _renamed(post: Mapping[str, Any], *names: str) -> Any:
    """The member by whichever of its names X uses: it is calling its tweets posts by and by."""
    return next((post[name] for name in names if post.get(name)), None)


def _reply_to(post: Mapping[str, Any]) -> str | None:
    references = _renamed(post, "referenced_tweets", "referenced_posts") or ()
    return next((str(it["id"]) for it in references if it["type"] == "replied_to"), None)


def _as_written(post: Mapping[str, Any]) -> str:
    """The text before X cut, escaped it, and put its own short addresses in place of the links."""
    whole = _renamed(post, "note_tweet", "note_post") or post
    text = html.unescape(whole["text"])
    for link in (whole.get("entities") or post.get("entities") or {}).get("urls", ()):
        text = text.replace(link["url"], "" if _is_a_file(link) else link["expanded_url"])
    return text


def _is_a_file(link: Mapping[str, Any]) -> bool:
    """Whether X itself put the link behind the text, for a file that goes with the post."""
    return "media_key" in link or bool(_FILE.search(link["expanded_url"]))


_FILE = re.compile(r"^https://(?:x|twitter)\.com/\w+/status/\d+/(?:photo|video)/\d+$")


def _edited(post: Mapping[str, Any]) -> bool:
    return len(_renamed(post, "edit_history_tweet_ids", "edit_history_post_ids") or ()) > 1


def essence(text: str) -> str:
    """What of a text X surely keeps: it may fold white space, and complete and encode addresses."""
    return re.sub(r"https?://|/", "", sightings.essence(unquote(text)).casefold())


class Look(Protocol):
    """Asks X for something that changes nothing."""

    def __call__(self, path: str, read: Callable[[Any], _Page], **query: str) -> _Page:
        """The answer as `read` reads it. Raises a PublishingError."""
        ...


@dataclass(frozen=True, slots=True)
class Timeline:
    """A user's own posts, replies among them: https://docs.x.com/x-api/users/get-posts."""

    user: str
    look: Look
    link: Callable[[str], str]

    def since(self, earliest: datetime) -> Iterator[Seen]:
        """All posts since then, newest first. Raises Unsure, or a PublishingError."""
        start = f"{earliest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        page = self._page(start_time=start)
        for _ in range(PAGES - 1):
            yield from map(self._linked, page.posts)
            if not page.following:
                return
            page = self._page(start_time=start, pagination_token=page.following)
        yield from map(self._linked, page.posts)
        if page.following:
            too_many = f"more than {PAGES * PAGE} posts since {earliest:%H:%M} UTC"
            raise Unsure(too_many, for_good=True)

    def without_older(self, wanted: Wanted) -> Sighting:
        """Absent, unless one of the newest posts of any age has the same text."""
        alike = (
            post for post in map(self._linked, self._page().posts) if post.essence == wanted.essence
        )
        older = next(alike, None)
        if older is None:
            return Absent()
        day, link = f"{older.made:%Y-%m-%d}", older.receipt.link
        why = f"X has this text already, of {day}, and takes none twice: {link}"
        return CannotTell(why, for_good=True)

    def _page(self, **query: str) -> _Page:
        fields = "created_at,entities,referenced_tweets,note_tweet"
        asked = {"max_results": str(PAGE), "tweet.fields": fields, "exclude": "retweets", **query}
        return self.look(f"/2/users/{self.user}/tweets", _Page.read, **asked)

    def _linked(self, post: Seen) -> Seen:
        number = post.receipt.id
        return replace(post, receipt=Receipt(number, self.link(number)))
