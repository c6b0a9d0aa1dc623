"""How Telegram counts and reads a text."""

from __future__ import annotations

import regex

from karnay.text.domains import TELEGRAM
from karnay.text.measure import Additive
from karnay.text.richtext import Kind, RichText, Span

_LINK = regex.compile(r"(?:https?://)?(?:[\w-]+\.)+(?P<tld>[\w-]{2,})(?:[/?#][^\s<>«»\"]*)?")
_MENTION = regex.compile(r"(?<!\w)@([a-zA-Z0-9_]{4,32})(?!\w)")
_HASHTAG = regex.compile(r"(?<![\w#])#(\w*[^\W\d_]\w*)(?!#)")


def detect(text: str) -> tuple[Span, ...]:
    """What Telegram itself makes of a plain text."""
    links = [
        Span(m.start(), m.end(), Kind.LINK, m[0])
        for m in _LINK.finditer(text)
        if m["tld"].lower() in TELEGRAM
    ]
    mentions = [Span(m.start(), m.end(), Kind.MENTION, m[1]) for m in _MENTION.finditer(text)]
    tags = [Span(m.start(), m.end(), Kind.HASHTAG, m[1]) for m in _HASHTAG.finditer(text)]
    return tuple(sorted([*links, *mentions, *tags]))


def _weights(rich: RichText) -> list[int]:
    return [1] * len(rich.text)


measure = Additive(lambda rich: len(rich.text), _weights)
"""Unicode code points after entities are parsed, NOT UTF-16 units."""
