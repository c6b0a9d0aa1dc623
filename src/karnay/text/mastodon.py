"""How Mastodon counts and reads a text."""

from __future__ import annotations

from functools import cache

import regex

from karnay.text import graphemes
from karnay.text.measure import Additive, Measure
from karnay.text.richtext import Kind, RichText, Span

_LINK = regex.compile(
    r"https?://(?:[\w-]+\.)+[\w-]{2,}(?:/[^\s<>()?]*[\w/=&#-])?(?:\?[^\s]*[\w/=&#-])?"
)
_MENTION = regex.compile(
    r"(?<![=/\w])@(([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)(?:@[\w.-]+\w+)?)", regex.I
)
_HASHTAG = regex.compile(r"(?<![/)\w])#(\w*[^\W\d]\w*)")


def detect(text: str) -> tuple[Span, ...]:
    """What Mastodon makes of a plain text."""
    links = [Span(m.start(), m.end(), Kind.LINK, m[0]) for m in _LINK.finditer(text)]
    found = [Span(m.start(), m.end(), Kind.MENTION, m[1]) for m in _MENTION.finditer(text)]
    found += [Span(m.start(), m.end(), Kind.HASHTAG, m[1]) for m in _HASHTAG.finditer(text)]
    keep = [
        s for s in found if not any(link.start < s.end and s.start < link.end for link in links)
    ]
    return tuple(sorted([*links, *keep]))


@cache
def measuring(url_weight: int = 23) -> Measure:
    """The measure of a server that counts each address as `url_weight` characters."""

    def weights(rich: RichText) -> list[int]:
        units = [0] * len(rich.text)
        for start in graphemes.starts(rich.text)[:-1]:
            units[start] = 1
        for span in detect(rich.text):
            shown = span.end - span.start
            if span.kind is Kind.LINK:
                units[span.start : span.end] = [url_weight] + [0] * (shown - 1)
            elif span.kind is Kind.MENTION:
                local = len(span.value.partition("@")[0]) + 1
                units[span.start : span.end] = [1] * local + [0] * (shown - local)
        return units

    return Additive(lambda rich: sum(weights(rich)), weights)
