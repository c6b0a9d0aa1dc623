"""When a post is due at an account: as asked, at the next free slot, or as the post says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from karnay.errors import NotPossible, Place, Problem
from karnay.scheduling.slots import next_free
from karnay.scheduling.wallclock import BadTime, resolve, zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.content.post import Post

NEXT = "next"
"""What `publish_at` says for the account's next free slot."""


@dataclass(frozen=True, slots=True)
class When:
    """When to publish: at a moment (aware UTC), at the next free slot, or as the post says."""

    moment: datetime | None = None
    next_slot: bool = False


AS_THE_POST_SAYS = When()


@dataclass(frozen=True, slots=True)
class Timetable:
    """Answers when, as of `now` (aware UTC), in a workspace whose zone is `timezone`."""

    now: datetime
    timezone: str

    def moment(
        self, post: Post, account: Account, when: When, taken: Collection[datetime] = ()
    ) -> datetime:
        """When the post is due at the account, aware UTC; slots in `taken` are passed over.

        Raises BadTime, and NotPossible where no time is given, it is past, or there are no slots.
        """
        if when.moment:
            return when.moment
        if when.next_slot or post.publish_at == NEXT:
            return self._next_slot(account, taken)
        moment = self.resolved(post, post.publish_at)
        if moment is None:
            raise NotPossible("no time is given: set `publish_at`, or use --at, --next or --now")
        if moment <= self.now:
            raise NotPossible(f'"{post.publish_at}" is past: change it, or use --at or --next')
        return moment

    def likely(self, post: Post, account: Account, when: When) -> datetime:
        """The moment for a preview: also a past one; where none is known, the next whole hour."""
        try:
            return self.resolved(post, post.publish_at) or self.moment(post, account, when)
        except (BadTime, NotPossible):
            return self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def resolved(self, post: Post, text: str) -> datetime | None:
        """The moment that a wall-clock text of the post names, or None. Raises BadTime."""
        if not text or text == NEXT:
            return None
        return resolve(text, zone(post.timezone or self.timezone))

    def problems(self, post: Post, moments: Iterable[datetime] = ()) -> Iterator[Problem]:
        """What is wrong with the post's times, and with these moments for it."""
        for path in ("publish_at", "expires_at"):
            try:
                self.resolved(post, getattr(post, path))
            except BadTime as error:
                yield Problem(post.place(path), str(error), path)
                return
        yield from self._expired(post, list(moments))

    def refusal(self, post: Post, when: When, error: Exception) -> Problem:
        """The problem that a post has no usable moment."""
        asked = when is not AS_THE_POST_SAYS
        return Problem(Place() if asked else post.place("publish_at"), str(error), "publish_at")

    def _expired(self, post: Post, moments: list[datetime]) -> Iterator[Problem]:
        expires_at = self.resolved(post, post.expires_at)
        own = self.resolved(post, post.publish_at)
        if expires_at and any(one >= expires_at for one in moments or filter(None, [own])):
            message = f"it would go out after it expires ({post.expires_at})"
            yield Problem(post.place("expires_at"), message, "expires_at")

    def _next_slot(self, account: Account, taken: Collection[datetime]) -> datetime:
        if not account.slots:
            raise NotPossible(f'account "{account.name}" has no `slots` in karnay.toml')
        return next_free(account.slots, account.zone, self.now, taken)
