"""How Facebook counts and reads the message of a Page's post.

A message is plain text of at most 63,206 characters; no official page names the unit, so UTF-16
units are counted, of which a text never has fewer than characters. `@[page-id]` mentions a Page:
https://developers.facebook.com/docs/graph-api/reference/page/feed
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from karnay.text.meta import hashtags, links, page_mentions
from karnay.text.overlaps import without_overlaps
from karnay.text.sizes import utf16_units

if TYPE_CHECKING:
    from karnay.text.richtext import Span


def detect(text: str) -> tuple[Span, ...]:
    """Links, mentions of Pages and hashtags; of two that overlap, the one that begins first."""
    return without_overlaps(chain(links(text), page_mentions(text), hashtags(text)))


measure = utf16_units
"""UTF-16 units, the safe unit of the limit of 63,206."""
