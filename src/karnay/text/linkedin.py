"""How LinkedIn counts and reads a text: its "little text format".

15 reserved characters stand for themselves only behind a backslash; where one does not, LinkedIn
publishes the text up to it and says nothing. `@[Name](urn)` is a mention, `#word` and
`{hashtag|\\#|word}` are hashtags:
https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
The limit of 3,000 is of what is sent, backslashes included; its unit is not documented, so UTF-16
units are counted, of which a text never has fewer than characters.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import regex

from karnay.text.measure import Additive
from karnay.text.meta import links
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind, RichText, Span, sum_of
from karnay.text.sizes import utf16_size

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED = r"|{}@[]()<>#\*_~"
"""The characters that must be escaped."""

_ESCAPES = str.maketrans({char: f"\\{char}" for char in RESERVED})
_ANY_RESERVED = regex.escape(RESERVED, special_only=False)

_URN = r"urn:li:[A-Za-z]{1,40}+:[A-Za-z0-9_-]{1,100}+"
_NAME = r"[^\n@\[\]()]{1,200}+"
_MENTION = regex.compile(
    rf"@(?:\[(?P<name>{_NAME})\]|(?P<name>[^\n@\[\]()]{{1,200}}) )\((?P<urn>{_URN})\)"
)
_IN_WORD = r"\p{L}\p{M}\p{N}_"
_HASHTAG = regex.compile(rf"(?<![{_IN_WORD}&/#＃])[#＃](?P<tag>[{_IN_WORD}]++)")
_LETTER = regex.compile(r"\p{L}")


def detect(text: str) -> tuple[Span, ...]:
    """Links, mentions and hashtags; of two that overlap, the one that begins first.

    A mention is written `@[Name](urn:li:organization:1234)`, with the name exactly as LinkedIn has
    it, or as that reads once it went through Markdown: `@Name (urn:li:organization:1234)`. Its
    `value` is the URN.
    """
    return without_overlaps(chain(_mentions(text), links(text), _hashtags(text)))


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text) if "@" in text and "urn:li:" in text else ():
        yield Span(match.start(), match.end(), Kind.MENTION, match["urn"])


def _hashtags(text: str) -> Iterator[Span]:
    for match in _HASHTAG.finditer(text) if "#" in text or "＃" in text else ():
        if _LETTER.search(match["tag"]):
            yield Span(match.start(), match.end(), Kind.HASHTAG, match["tag"])


def escape(text: str) -> str:
    """Plain text as little text that reads as itself."""
    return text.translate(_ESCAPES)


def escaped(rich: RichText) -> str:
    """The text as LinkedIn is sent it: all escaped, but for its mention and hashtag spans.

    A mention span whose value is no URN is plain text, since LinkedIn can link no other.
    """
    pieces, place = [], 0
    for span in _composed(rich):
        pieces += [
            escape(rich.text[place : span.start]),
            _entity(rich.text[span.start : span.end], span),
        ]
        place = span.end
    return "".join([*pieces, escape(rich.text[place:])])


def _composed(rich: RichText) -> tuple[Span, ...]:
    """The spans that are more than their words."""
    return without_overlaps(
        span
        for span in rich.spans
        if span.kind is Kind.HASHTAG
        or (span.kind is Kind.MENTION and span.value.startswith("urn:li:"))
    )


def _entity(words: str, span: Span) -> str:
    if span.kind is Kind.MENTION:
        return f"@[{escape(_name(words))}]({span.value})"
    if "_" in span.value:  # which a bare hashtag would have to escape, and end there
        return rf"{{hashtag|\#|{escape(span.value)}}}"
    return f"#{span.value}"


def _name(words: str) -> str:
    written = _MENTION.fullmatch(words)
    return (written.capturesdict()["name"][0] if written else words).removeprefix("@")


_TOKEN = regex.compile(
    rf"\\(?P<char>[{_ANY_RESERVED}])"
    rf"|@\[(?P<name>(?:[^{_ANY_RESERVED}]|\\[{_ANY_RESERVED}])*+)\]\((?P<urn>[^\s()]++)\)"
    rf"|\{{hashtag\|(?:\\?\#|＃)\|(?P<tag>(?:[^{_ANY_RESERVED}\s]|\\[{_ANY_RESERVED}])++)\}}"
    rf"|[#＃](?P<word>[\p{{L}}\p{{M}}\p{{N}}]++)"
    rf"|(?P<plain>[^{_ANY_RESERVED}＃]++|＃)"
)
_ESCAPED = regex.compile(rf"\\([{_ANY_RESERVED}])")


def parsed(text: str) -> RichText:
    """Little text as LinkedIn shows it; the inverse of `escaped`.

    It ends at the first reserved character that is neither escaped nor part of an entity.
    """
    pieces, place = [], 0
    while (token := _TOKEN.match(text, place)) is not None:
        pieces.append(_shown(token))
        place = token.end()
    return sum_of(pieces)


def _shown(token: regex.Match[str]) -> RichText:
    if token["urn"]:
        return _spanned(_unescaped(token["name"]), Kind.MENTION, token["urn"])
    tag = token["tag"] or token["word"]
    if tag:
        return _spanned(f"#{_unescaped(tag)}", Kind.HASHTAG, _unescaped(tag))
    return RichText(token["char"] or token["plain"])


def _spanned(words: str, kind: Kind, value: str) -> RichText:
    return RichText(words, (Span(0, len(words), kind, value),))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _weights(rich: RichText) -> list[int]:
    """What each code point takes; what an entity takes is all at its first one."""
    weights = [2 if char in RESERVED or char > "\uffff" else 1 for char in rich.text]
    for span in _composed(rich):
        units = utf16_size(_entity(rich.text[span.start : span.end], span))
        weights[span.start : span.end] = [units, *[0] * (span.end - span.start - 1)]
    return weights


measure = Additive(lambda rich: utf16_size(escaped(rich)), _weights)
"""UTF-16 units of the escaped text, the safe unit of the limit of 3,000."""
