"""How Telegram counts and reads a text.

Length: Unicode code points after entities are parsed and the text is trimmed, NOT UTF-16 units
(`utf8_length` in https://github.com/tdlib/td/blob/master/td/telegram/MessageContent.cpp); offsets
of entities are in UTF-16. Detection follows MessageEntity.cpp of the same source (BSL-1.0).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import regex

from karnay.text.measure import Additive
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind, RichText, Span
from karnay.text.telegram_addresses import addresses, is_email, own_addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = r"\p{L}\p{N}_"
_MENTION = regex.compile(rf"(?<![{_WORD}])@(?P<name>[a-zA-Z0-9_]++)(?![{_WORD}])")
_SHORT_NAMES = frozenset({"gif", "nft", "pic", "ufc", "vid"})
_NAME_LENGTHS = range(4, 33)

_IN_TAG = r"\p{L}\p{Nd}_\u200c\u00b7\u0d80-\u0dff"
_HASHTAG = regex.compile(
    rf"(?<![{_IN_TAG}])#(?P<tag>[{_IN_TAG}]++)(?P<account>@[a-zA-Z0-9_]{{3,32}}+)?+"
)
_LETTER = regex.compile(r"\p{L}")
_LONGEST_TAG = 256
_CASHTAG = regex.compile(
    rf"(?<![${_IN_TAG}])\$(?P<tag>(?:1INCH|[A-Z]{{1,8}}+)"
    rf"(?:@[a-zA-Z0-9_]{{3,32}}+(?![a-zA-Z0-9_]))?+)(?![${_IN_TAG}])"
)
_COMMAND = regex.compile(
    rf"(?<![{_WORD}/<>])/[a-zA-Z0-9_]{{1,64}}+(?:@[a-zA-Z0-9_]{{3,32}}+)?+(?![{_WORD}/<>@])"
)
_MOMENT = regex.compile(
    rf"(?<![{_WORD}:])(?:[0-9]{{1,4}}|[0-9]{{1,2}}:[0-5]?[0-9]):[0-5][0-9](?![{_WORD}:])"
)


def detect(text: str) -> tuple[Span, ...]:
    """What Telegram itself makes of a plain text; of two that overlap the one that begins first.

    Bot commands, moments of a video (`19:00`) and e-mail addresses count as nothing, but take the
    place of what they overlap.
    """
    finders = (_mentions, _commands, _hashtags, _cashtags, _links, _moments)
    found = chain.from_iterable(find(text) for find in finders)
    longest_first = sorted(found, key=lambda span: -span.end)
    return tuple(span for span in without_overlaps(longest_first) if span.value)


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text) if "@" in text else ():
        name = match["name"]
        if len(name) in _NAME_LENGTHS or name.lower() in _SHORT_NAMES:
            yield Span(match.start(), match.end(), Kind.MENTION, name)


def _commands(text: str) -> Iterator[Span]:
    for match in _COMMAND.finditer(text) if "/" in text else ():
        yield Span(match.start(), match.end(), Kind.MENTION)


def _moments(text: str) -> Iterator[Span]:
    for match in _MOMENT.finditer(text) if ":" in text else ():
        yield Span(match.start(), match.end(), Kind.LINK)


def _hashtags(text: str) -> Iterator[Span]:
    for match in _HASHTAG.finditer(text) if "#" in text else ():
        tag, end = match["tag"], match.end()
        if len(tag) > _LONGEST_TAG:
            end = match.start("tag") + _LONGEST_TAG
        if not text.startswith("#", match.end()) and _LETTER.search(tag, 0, _LONGEST_TAG):
            yield Span(match.start(), end, Kind.HASHTAG, text[match.start() + 1 : end])


def _cashtags(text: str) -> Iterator[Span]:
    for match in _CASHTAG.finditer(text) if "$" in text else ():
        yield Span(match.start(), match.end(), Kind.CASHTAG, match["tag"])


def _links(text: str) -> Iterator[Span]:
    for start, end in chain(own_addresses(text), addresses(text)):
        shown = text[start:end]
        yield Span(start, end, Kind.LINK, "" if is_email(shown) else shown)


def _weights(rich: RichText) -> list[int]:
    return [1] * len(rich.text)


measure = Additive(lambda rich: len(rich.text), _weights)
"""Unicode code points, the unit of the limits of 4,096 and, with media, 1,024."""
