"""What Facebook, Instagram and Threads make of a plain text, as far as Meta says.

No document gives the exact grammar, so these are the widest readings: whatever might become an
entity is one, so that it is never cut. All are linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from karnay.text.richtext import Kind, Span
from karnay.text.telegram_addresses import addresses, is_email

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_TAG = r"\p{L}\p{M}\p{N}_"
_HASHTAG = regex.compile(rf"(?<![{_IN_TAG}&#/])[#＃](?P<tag>[{_IN_TAG}]++)")
_NOT_ONLY_DIGITS = regex.compile(r"[\p{L}\p{M}_]")
_MENTION = regex.compile(rf"(?<![{_IN_TAG}@./])@(?P<name>[A-Za-z0-9._]++)")
_LONGEST_NAME = 30
_PAGE = regex.compile(r"@\[(?P<page>[0-9]{1,32}+)\]")


def hashtags(text: str) -> Iterator[Span]:
    """`#` and letters, digits and underscores, not digits alone; `value` is without the sign."""
    for match in _HASHTAG.finditer(text) if "#" in text or "＃" in text else ():
        if _NOT_ONLY_DIGITS.search(match["tag"]):
            yield Span(match.start(), match.end(), Kind.HASHTAG, match["tag"])


def mentions(text: str) -> Iterator[Span]:
    """`@name`: at most 30 ASCII letters, digits, dots and underscores; no dot at the end."""
    for match in _MENTION.finditer(text) if "@" in text else ():
        name = match["name"].rstrip(".")
        if 0 < len(name) <= _LONGEST_NAME:
            yield Span(match.start(), match.start() + 1 + len(name), Kind.MENTION, name)


def page_mentions(text: str) -> Iterator[Span]:
    """`@[page-id]`, which Facebook turns into the Page's name; `value` is the id."""
    for match in _PAGE.finditer(text) if "@[" in text else ():
        yield Span(match.start(), match.end(), Kind.MENTION, match["page"])


def links(text: str) -> Iterator[Span]:
    """Addresses, with or without a protocol."""
    for start, end in addresses(text):
        shown = text[start:end]
        if not is_email(shown):
            yield Span(start, end, Kind.LINK, shown)
