"""How X counts and reads a text.

Weights: https://docs.x.com/fundamentals/counting-characters and twitter-text's configuration v3.
Detection follows https://github.com/twitter/twitter-text (Apache-2.0).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import regex

from karnay.text import graphemes
from karnay.text.addresses import LATIN
from karnay.text.emoji import KNOWN_TO_X
from karnay.text.measure import Additive
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind, RichText, Span
from karnay.text.x_addresses import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS_WEIGHT = 23
"""What any address counts, however long it is: X wraps it in a t.co one."""

_LIGHT = "\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037"
_LIGHT_ONLY = (
    "\u0000-\u0022\u0024-\u0029\u002b-\u002f\u003a-\u00a8\u00aa-\u00ad\u00af-\u10ff"
    "\u2000-\u200c\u2010-\u201f\u2032-\u2037"
)  # ... but for #, *, digits, ©, ® and the joiner, which are parts of emoji
_HEAVY = re.compile(f"[^{_LIGHT}]")
_CHUNK = re.compile(f"[^{_LIGHT_ONLY}][^{_LIGHT_ONLY}]*")  # all emoji lie within one
_HEAVY_OR_EMOJI = re.compile(f"{KNOWN_TO_X}|[^{_LIGHT}]")
_EMOJI_WEIGHT = 2

_SPECIAL = (
    "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb"
    "\u3003\u0f0b\u0f0c\u00b7"
)
_HASHTAG = regex.compile(
    rf"(?:^|\ufe0e|\ufe0f|[^\p{{L}}\p{{M}}\p{{Nd}}{_SPECIAL}&])[#＃](?!\ufe0f|\u20e3)"
    rf"(?P<tag>(?=[\p{{Nd}}{_SPECIAL}]*+[\p{{L}}\p{{M}}])[\p{{L}}\p{{M}}\p{{Nd}}{_SPECIAL}]++)"
)
_NO_HASHTAG_BEFORE = regex.compile(r"[#＃]|://")

_MENTION = re.compile(
    r"(?:^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)"
    r"[@＠](?P<name>[a-zA-Z0-9_]{1,20}(?:/[a-zA-Z][a-zA-Z0-9_-]{0,24})?)"
)
_NO_MENTION_BEFORE = re.compile(f"[@＠{LATIN}]|://")

_SPACE = r"\x09-\x0d\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CASHTAG = re.compile(
    rf"(?:^|[{_SPACE}])\$(?P<tag>[a-zA-Z]{{1,6}}(?:[._][a-zA-Z]{{1,2}})?)"
    r"(?=\Z|[\s\ufeff]|[!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])"
)


def detect(text: str) -> tuple[Span, ...]:
    """What X makes of a plain text; of two that overlap, the one that begins first."""
    links = (Span(start, end, Kind.LINK, text[start:end]) for start, end, _ in addresses(text))
    found = chain(links, _mentions(text), _hashtags(text), _cashtags(text))
    return without_overlaps(found)


def _mentions(text: str) -> Iterator[Span]:
    """Mentions and lists (`value` is `name/list`)."""
    for match in _MENTION.finditer(text) if "@" in text or "＠" in text else ():
        if not _NO_MENTION_BEFORE.match(text, match.end()):
            yield Span(match.start("name") - 1, match.end(), Kind.MENTION, match["name"])


def _hashtags(text: str) -> Iterator[Span]:
    for match in _HASHTAG.finditer(text) if "#" in text or "＃" in text else ():
        if not _NO_HASHTAG_BEFORE.match(text, match.end()):
            yield Span(match.start("tag") - 1, match.end(), Kind.HASHTAG, match["tag"])


def _cashtags(text: str) -> Iterator[Span]:
    for match in _CASHTAG.finditer(text) if "$" in text else ():
        yield Span(match.start("tag") - 1, match.end(), Kind.CASHTAG, match["tag"])


def _total(rich: RichText) -> int:
    text = rich.text if rich.text.isascii() else unicodedata.normalize("NFC", rich.text)
    units, place = 0, 0
    for start, _, rest in addresses(text):
        units += _plain_weight(text[place:start]) + ADDRESS_WEIGHT
        place = rest
    return units + _plain_weight(text[place:] if place else text)


def _plain_weight(text: str) -> int:
    """The weight of a text without addresses."""
    if text.isascii() or not _HEAVY.search(text):
        return len(text)
    return len(text) + sum(_EMOJI_WEIGHT - len(match[0]) for match in _heavy_ones(text))


def _heavy_ones(text: str) -> Iterator[re.Match[str]]:
    """What does not weigh 1: emoji of one or several code points, and single heavy ones."""
    for chunk in _CHUNK.finditer(text):
        yield from _HEAVY_OR_EMOJI.finditer(text, chunk.start(), chunk.end())


def _weights(rich: RichText) -> list[int]:
    """What each code point weighs; of an emoji or an address all at its first one."""
    text = rich.text
    weights = _plain_weights(text)
    for start, _, rest in addresses(text):
        weights[start:rest] = [ADDRESS_WEIGHT] + [0] * (rest - start - 1)
    return weights


def _plain_weights(text: str) -> list[int]:
    weights = [1] * len(text)
    if not unicodedata.is_normalized("NFC", text):
        return _weights_of_graphemes(text)
    for match in _heavy_ones(text):
        weights[match.start() : match.end()] = [_EMOJI_WEIGHT] + [0] * (len(match[0]) - 1)
    return weights


def _weights_of_graphemes(text: str) -> list[int]:
    """The same where normalising will change the number of code points."""
    weights = [0] * len(text)
    for start, end in pairwise(graphemes.starts(text)):
        weights[start] = _plain_weight(unicodedata.normalize("NFC", text[start:end]))
    return weights


measure = Additive(_total, _weights)
"""Weighted characters, the unit of the limit of 280; a newer emoji counts more than 2."""
