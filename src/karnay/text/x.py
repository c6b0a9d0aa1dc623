"""How X counts and reads a text."""

from __future__ import annotations

import unicodedata

import regex

from karnay.text.domains import X
from karnay.text.measure import Additive
from karnay.text.richtext import Kind, RichText, Span

_LINK = regex.compile(
    r"(?<![A-Za-z0-9@$#])(?:https?://)?(?:[\w-]+\.)+(?P<tld>[\w]{2,})(?:/[^\s()]*[\w/=&#-])?"
    r"(?:\?[a-zA-Z0-9=&_%.-]*[a-zA-Z0-9_&=#/-])?"
)
_MENTION = regex.compile(r"(?<![a-zA-Z0-9_!#$%&*@＠])[@＠]([a-zA-Z0-9_]{1,20})(?![a-zA-Z0-9_@])")
_HASHTAG = regex.compile(r"(?<![\w&])[#＃]([\w\u200c]*[^\W\d_][\w\u200c]*)(?![#＃])")
_CASHTAG = regex.compile(r"(?<!\S)\$([a-zA-Z]{1,6}(?:[._][a-zA-Z]{1,2})?)(?=\s|$|\p{P})")


def detect(text: str) -> tuple[Span, ...]:
    """What X makes of a plain text."""
    links = [
        Span(m.start(), m.end(), Kind.LINK, m[0])
        for m in _LINK.finditer(text)
        if m["tld"].lower() in X
    ]
    found = [Span(m.start(), m.end(), Kind.MENTION, m[1]) for m in _MENTION.finditer(text)]
    found += [Span(m.start(), m.end(), Kind.HASHTAG, m[1]) for m in _HASHTAG.finditer(text)]
    found += [Span(m.start(), m.end(), Kind.CASHTAG, m[1]) for m in _CASHTAG.finditer(text)]
    return tuple(sorted([*links, *(s for s in found if not _overlaps(s, links))]))


def _overlaps(span: Span, links: list[Span]) -> bool:
    return any(link.start < span.end and span.start < link.end for link in links)


def _weight(char: str) -> int:
    code = ord(char)
    light = code < 0x1100 or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F
    return 1 if light or 0x2032 <= code <= 0x2037 else 2


def _weights(rich: RichText) -> list[int]:
    weights = [_weight(char) for char in rich.text]
    for span in detect(rich.text):
        if span.kind is Kind.LINK:
            weights[span.start : span.end] = [23] + [0] * (span.end - span.start - 1)
    return weights


def _total(rich: RichText) -> int:
    return sum(_weights(RichText(unicodedata.normalize("NFC", rich.text))))


measure = Additive(_total, _weights)
"""Weighted characters, the unit of the limit of 280."""
