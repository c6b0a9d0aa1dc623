"""How Threads counts and reads a text.

At most 500 characters, of which an emoji counts as its bytes of UTF-8 and any other character as
one, and at most five different links: https://developers.facebook.com/documentation/threads/posts
The server has been seen to refuse shorter texts with typographic quotation marks, as if it counted
all text in bytes: `utf8_bytes` of `karnay.text.sizes` is that stricter reading.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import regex

from karnay.text.measure import Additive
from karnay.text.meta import hashtags, links, mentions
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind
from karnay.text.sizes import number_of_different, utf8_size

if TYPE_CHECKING:
    from karnay.text.richtext import RichText, Span

# Every pictograph, also one that may be shown as text (©): too much is harmless, too little is not.
_PICTOGRAPH = r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]"
_EMOJI = regex.compile(
    rf"(?:[0-9#*]\ufe0f?+\u20e3|{_PICTOGRAPH}"
    rf"(?:\u200d{_PICTOGRAPH}|[\ufe0e\ufe0f\u20e3\u200d\p{{Emoji_Modifier}}\U000e0020-\U000e007f])*+)"
)


def detect(text: str) -> tuple[Span, ...]:
    """Links, mentions and hashtags; of two that overlap, the one that begins first."""
    return without_overlaps(chain(links(text), mentions(text), hashtags(text)))


def _total(rich: RichText) -> int:
    text = rich.text
    if text.isascii():
        return len(text)
    emoji = (match[0] for match in _EMOJI.finditer(text))
    return len(text) + sum(utf8_size(found) - len(found) for found in emoji)


def _weights(rich: RichText) -> list[int]:
    weights = [1] * len(rich.text)
    for match in _EMOJI.finditer(rich.text):
        weights[match.start() : match.end()] = [utf8_size(char) for char in match[0]]
    return weights


measure = Additive(_total, _weights)
"""Characters, an emoji as its bytes of UTF-8: the documented unit of the limit of 500."""

links_in = number_of_different(Kind.LINK, detect)
"""How many different links there are."""
