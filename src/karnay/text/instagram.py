"""How Instagram counts and reads a caption.

At most 2,200 characters, 30 hashtags and 20 mentions; no address in a caption is a link:
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
The unit is not documented, so UTF-16 units are counted, of which a text never has fewer than
characters.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from karnay.text.meta import hashtags, mentions
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind
from karnay.text.sizes import number_of, utf16_units

if TYPE_CHECKING:
    from karnay.text.richtext import Span


def detect(text: str) -> tuple[Span, ...]:
    """Mentions and hashtags; of two that overlap, the one that begins first."""
    return without_overlaps(chain(mentions(text), hashtags(text)))


measure = utf16_units
"""UTF-16 units, the safe unit of the limit of 2,200."""

hashtags_in = number_of(Kind.HASHTAG, detect)
"""How many hashtags there are."""

mentions_in = number_of(Kind.MENTION, detect)
"""How many mentions there are."""
