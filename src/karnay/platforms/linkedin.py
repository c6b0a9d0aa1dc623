"""LinkedIn: what it accepts in a post of a member or an organization,
https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING
from karnay.rendering.limits import Limits
from karnay.text.linkedin import detect, measure
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account

CHARACTERS = 3_000
"""Of the escaped text. The posts API names none; the older one refuses more:
https://learn.microsoft.com/linkedin/compliance/integrations/shares/ugc-post-api"""


def limits(
    account: Account,
    *,
    media: bool = False,
    options: Mapping[str, Any] = NOTHING,
) -> Limits:
    """3,000 characters of escaped text; there are no threads, and karnay describes the card."""
    return Limits(
        counters=(Counter("characters", CHARACTERS, measure),),
        dialect=Dialect(detect=detect),
        card=True,
    )
