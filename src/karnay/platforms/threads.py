"""Threads: what it accepts in a post, https://developers.facebook.com/documentation/threads/posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING
from karnay.rendering.limits import Doubt, Limits
from karnay.text.measure import Counter, Dialect
from karnay.text.sizes import utf8_bytes
from karnay.text.threads import detect, links_in, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account

CHARACTERS, LINKS = 500, 5
"""https://developers.facebook.com/documentation/threads/posts"""

THREAD = 25
"""Parts: Threads takes 1,000 replies a day; but an announcement is no book."""

BYTES = Doubt(
    Counter("bytes", CHARACTERS, utf8_bytes),
    "{used} bytes of UTF-8: Threads' documents count characters, but its server has been seen to "
    "refuse more than {limit} bytes",
)
"""Seen by https://github.com/gitroomhq/postiz-app/pull/1946."""


def limits(
    account: Account,
    *,
    media: bool = False,
    options: Mapping[str, Any] = NOTHING,
) -> Limits:
    """500 characters, an emoji as its bytes, and five different links; media take nothing of it."""
    return Limits(
        counters=(
            Counter("characters", CHARACTERS, measure),
            Counter("links", LINKS, links_in),
        ),
        dialect=Dialect(detect=detect),
        parts=THREAD,
        doubts=(BYTES,),
    )
