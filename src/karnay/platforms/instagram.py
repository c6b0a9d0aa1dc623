"""Instagram: what it accepts in a caption of a professional account,
https://developers.facebook.com/docs/instagram-platform/content-publishing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING
from karnay.rendering.limits import Doubt, Limits
from karnay.text.instagram import detect, hashtags_in, measure, mentions_in
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account

CHARACTERS, HASHTAGS, MENTIONS = 2_200, 30, 20
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"""

FEW_HASHTAGS = Doubt(
    Counter("hashtags", 5, hashtags_in),
    "{used} hashtags: Instagram's documents allow 30, but its app has begun to take {limit} only",
)
"""The app's roll-out, as Ayrshare's documents tell: whether the API follows is not known."""


def limits(
    account: Account,
    *,
    media: bool = False,
    options: Mapping[str, Any] = NOTHING,
) -> Limits:
    """2,200 characters, 30 hashtags and 20 mentions; there are no threads and no links."""
    return Limits(
        counters=(
            Counter("characters", CHARACTERS, measure),
            Counter("hashtags", HASHTAGS, hashtags_in),
            Counter("mentions", MENTIONS, mentions_in),
        ),
        dialect=Dialect(detect=detect),
        doubts=(FEW_HASHTAGS,),
    )
