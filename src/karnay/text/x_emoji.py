"""By how much X's documents and its published counter differ on emoji.

"All emojis count as two characters, regardless of complexity"
(https://docs.x.com/fundamentals/counting-characters); twitter-text's table is of 2018 and adds up
the pieces of the newer ones. `karnay.text.x.measure` is the larger of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from karnay.text.measure import Additive
from karnay.text.richtext import RichText
from karnay.text.x import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEIGHT = 2  # of any emoji, by the documents
_PICTOGRAPH = r"\p{Extended_Pictographic}"
_SHOWN = r"(?:\ufe0f|\p{Emoji_Modifier}|[\U000e0020-\U000e007e]++\U000e007f)?+"
# Of several code points; of one, no emoji is heavier than any other character that is not light.
_SEQUENCE = regex.compile(
    rf"(?:\p{{Regional_Indicator}}{{2}}|[0-9#*]\ufe0f?+\u20e3"
    rf"|{_PICTOGRAPH}{_SHOWN}(?:\u200d{_PICTOGRAPH}{_SHOWN})*+)"
)
_JOINT = regex.compile(
    r"[\u200d\ufe0f\p{Emoji_Modifier}\p{Regional_Indicator}\U000e0020-\U000e007f]"
)


def _surpluses(text: str) -> Iterator[tuple[int, int]]:
    """The place of each emoji that the published counter counts as more than 2, and the rest."""
    for match in _SEQUENCE.finditer(text) if _JOINT.search(text) else ():
        if len(match[0]) > 1 and (more := measure(RichText(match[0])) - _WEIGHT) > 0:
            yield match.start(), more


def _weights(rich: RichText) -> list[int]:
    weights = [0] * len(rich.text)
    for start, more in _surpluses(rich.text):
        weights[start] = more
    return weights


surplus = Additive(lambda rich: sum(more for _, more in _surpluses(rich.text)), _weights)
"""How many characters the published counter counts more than the documents say."""
