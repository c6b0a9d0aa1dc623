"""How Bluesky counts and reads a text.

Limits: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json (300
graphemes and 3,000 bytes of UTF-8). Detection follows `detectFacets` of @atproto/api, and the short
form of links the official app (`toShortUrl` of bluesky-social/social-app).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import regex

from karnay.text import graphemes as clusters
from karnay.text.domains import IANA
from karnay.text.measure import Additive
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHITE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # JavaScript's \s
_SPACE = rf"[{_WHITE}]"
_WORD_EDGE = r"(?:(?<=[a-zA-Z0-9])(?![a-zA-Z0-9_])|(?<=[.-])(?=[a-zA-Z0-9_]))"  # JavaScript's \b
_MENTION = regex.compile(rf"(?:^|{_SPACE}|\()@(?P<handle>[a-zA-Z0-9.-]+){_WORD_EDGE}")
_LINK = re.compile(
    rf"(?<![^{_WHITE}(])(?P<link>[Hh][Tt][Tt][Pp][Ss]?://[^{_WHITE}]+"
    rf"|(?P<domain>[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+)[^{_WHITE}]*)"
)
_UNSEEN = r"\u00AD\u2060\u200A\u200B\u200C\u200D\u20e2"
_TAG = re.compile(rf"(?<![^{_WHITE}])[#＃](?!\ufe0f)(?P<tag>[^{_WHITE}{_UNSEEN}]+)")
_TAG_HAS = regex.compile(r"[^0-9\s\p{P}]")
_TAG_END = regex.compile(r"\p{P}+\Z")
_TICKER = regex.compile(
    rf"(?:^|{_SPACE}|\()\$(?P<ticker>[A-Za-z][A-Za-z0-9]{{0,4}})(?={_SPACE}|$|[.,;:!?)\"'\u2019])"
)
_LONGEST_TAG = 64  # units of UTF-16, which the app counts; the lexicon allows as many graphemes
_LONGEST_PATH, _SHOWN_PATH = 15, 13  # characters of a link that the app shows


def detect(text: str) -> tuple[Span, ...]:
    """The facets of a text: links, mentions (`value` is the handle), hashtags and cashtags."""
    return tuple(sorted({*_mentions(text), *_links(text), *_hashtags(text), *_cashtags(text)}))


def show_link(address: str) -> str:
    """A bare address as the app shows it: no scheme, and at most 13 characters after the host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return address
    path = quote("" if parts.path == "/" else parts.path, safe="/%!$&'()*+,;=:@-._~")
    rest = (
        path
        + (f"?{parts.query}" if parts.query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )
    return parts.netloc + (f"{rest[:_SHOWN_PATH]}..." if len(rest) > _LONGEST_PATH else rest)


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text) if "@" in text else ():
        handle = match["handle"]
        if _is_domain(handle) or handle.endswith(".test"):
            yield Span(match.start("handle") - 1, match.end("handle"), Kind.MENTION, handle)


def _links(text: str) -> Iterator[Span]:
    for match in _LINK.finditer(text) if "." in text or "://" in text else ():
        shown = match["link"]
        if not shown.startswith("http") and not _is_domain(match["domain"] or ""):
            continue
        shown = _without_end(shown)
        address = shown if shown.startswith("http") else f"https://{shown}"
        start = match.start("link")
        yield Span(start, start + len(shown), Kind.LINK, address)


def _without_end(link: str) -> str:
    """Without one sign of punctuation, and without a parenthesis that closes none."""
    link = link[:-1] if link[-1] in ".,;:!?" else link
    return link[:-1] if link.endswith(")") and "(" not in link else link


def _hashtags(text: str) -> Iterator[Span]:
    for match in _TAG.finditer(text) if "#" in text or "＃" in text else ():
        tag = _TAG_END.sub("", match["tag"])
        if tag and _TAG_HAS.search(tag) and not _too_long(tag):
            start = match.start("tag")
            yield Span(start - 1, start + len(tag), Kind.HASHTAG, tag)


def _too_long(tag: str) -> bool:
    return len(tag.encode("utf-16-le", "surrogatepass")) // 2 > _LONGEST_TAG


def _cashtags(text: str) -> Iterator[Span]:
    for match in _TICKER.finditer(text) if "$" in text else ():
        yield Span(
            match.start("ticker") - 1, match.end("ticker"), Kind.CASHTAG, match["ticker"].upper()
        )


def _is_domain(host: str) -> bool:
    """Whether the last label is a top-level domain, in lower case as the reference wants it."""
    _, dot, label = host.rpartition(".")
    return bool(dot) and label in IANA


def _grapheme_weights(rich: RichText) -> list[int]:
    weights = [0] * len(rich.text)
    for start in clusters.starts(rich.text)[:-1]:
        weights[start] = 1
    return weights


def _byte_weights(rich: RichText) -> list[int]:
    return [len(char.encode("utf-8", "surrogatepass")) for char in rich.text]


graphemes = Additive(lambda rich: clusters.count(rich.text), _grapheme_weights)
"""Grapheme clusters, the unit of the limit of 300."""

utf8_bytes = Additive(lambda rich: len(rich.text.encode("utf-8", "surrogatepass")), _byte_weights)
"""Bytes of UTF-8, the unit of the limit of 3,000."""
