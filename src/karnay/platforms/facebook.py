"""Facebook: what it accepts in a post of a Page,
https://developers.facebook.com/docs/graph-api/reference/page/feed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING
from karnay.rendering.limits import Limits
from karnay.text.facebook import detect, measure
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account

CHARACTERS = 63_206
"""On no official page; Postiz, BrightBean and letmepost agree on it:
https://github.com/gitroomhq/postiz-app"""


def limits(
    account: Account,
    *,
    media: bool = False,
    options: Mapping[str, Any] = NOTHING,
) -> Limits:
    """63,206 characters, with or without media; there are no threads, Facebook makes the card."""
    return Limits(
        counters=(Counter("characters", CHARACTERS, measure),), dialect=Dialect(detect=detect)
    )
