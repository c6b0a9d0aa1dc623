"""How X weighs a text, written from its description.

https://docs.x.com/fundamentals/counting-characters
https://github.com/twitter/twitter-text/blob/master/config/v3.json
"""

from __future__ import annotations

import unicodedata

import regex

from karnay.sandbox.links import x_links

HEAVIEST = 280
_LINK = 23
_EMOJI = 2
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_NEVER = ("\ufffe", "\ufeff", "\uffff")
_PICTURE = r"\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?[\U000e0020-\U000e007f]*"
_EMOJI_SEQUENCE = regex.compile(
    rf"\p{{RI}}\p{{RI}}|[0-9#*]\ufe0f?\u20e3|[©®]\ufe0f|(?![©®]){_PICTURE}(?:\u200d{_PICTURE})*"
)


def weight(text: str) -> int:
    """Weighted units of the text in NFC: an address 23, an emoji 2, other characters 1 or 2."""
    text = unicodedata.normalize("NFC", text)
    total, done = 0, 0
    for start, end in x_links(text):
        total += _weight_of_words(text[done:start]) + _LINK
        done = end
    return total + _weight_of_words(text[done:])


def never_allowed(text: str) -> bool:
    """Whether the text holds a character that X takes in no post."""
    return any(character in text for character in _NEVER)


def _weight_of_words(text: str) -> int:
    rest, emoji = _EMOJI_SEQUENCE.subn("", text)
    return emoji * _EMOJI + sum(1 if _light(ord(character)) else 2 for character in rest)


def _light(code: int) -> bool:
    return any(first <= code <= last for first, last in _LIGHT)
