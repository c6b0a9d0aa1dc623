"""Putting RichText into what a network can show, and finding what the network itself will find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from karnay.text.editing import Edit, edited
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karnay.text.measure import Dialect

_ALWAYS = frozenset({Kind.ITEM, Kind.FLEX})
_CLOSED = (Kind.LINK, Kind.CODE, Kind.PRE)
_UNREAD = re.compile(r"^(?:https?://|mailto:|tel:)?(?:www\.)?|/$")
_CYRILLIC = regex.compile(r"\p{Script=Cyrillic}")
_QUOTED = regex.compile(r"\s*[\"«„“”‘']")


def adapted(text: RichText, dialect: Dialect) -> RichText:
    """The text as the network shows it, with a span over all that the network detects.

    What the dialect does not keep gets a plain form: a link becomes `words (address)`, or the
    address where the words are no other; a quotation gets quotation marks.
    """
    plain = _plain(text, dialect)
    found = _outside(dialect.detect(plain.text), plain.spans)
    if Kind.LINK not in dialect.keeps:
        return plain.with_spans(found)
    return _links_shown(plain.with_spans(found), dialect)


def _plain(text: RichText, dialect: Dialect) -> RichText:
    kept = dialect.keeps | _ALWAYS
    lost = [span for span in text.spans if span.kind not in kept]
    edits = sorted(edit for span in lost for edit in _plain_form(span, text.text))
    return edited(text.only(kept), edits)


def _plain_form(span: Span, text: str) -> list[Edit]:
    words = text[span.start : span.end]
    if span.kind is Kind.LINK:
        return _link_form(span, words)
    if span.kind is Kind.QUOTE and not _QUOTED.match(words):
        opening, closing = "«»" if _CYRILLIC.search(words) else "“”"
        return [Edit(span.start, span.start, opening), Edit(span.end, span.end, closing)]
    return []


def _link_form(span: Span, words: str) -> list[Edit]:
    if not _is_bare(words, span.value):
        return [Edit(span.end, span.end, f" ({span.value})")]
    if span.value.startswith(("http:", "https:")):
        return [Edit(span.start, span.end, span.value)]
    return []


def _is_bare(words: str, address: str) -> bool:
    """Whether the words are no other than the address."""
    return words == address or _read(words) == _read(address)


def _read(address: str) -> str:
    """What of an address people read: no scheme, no `www.`, no final slash, any case."""
    return _UNREAD.sub("", address.strip().lower())


def _outside(found: Iterable[Span], spans: Sequence[Span]) -> list[Span]:
    """Those found that touch no link and no code; both are few, or sorted, so this is linear."""
    closed = sorted(span for span in spans if span.kind in _CLOSED)
    free: list[Span] = []
    for span in sorted(found):
        while closed and closed[0].end <= span.start:
            closed.pop(0)
        if not closed or span.end <= closed[0].start:
            free.append(span)
    return free


def _links_shown(text: RichText, dialect: Dialect) -> RichText:
    links = [span for span in text.spans if span.kind is Kind.LINK]
    bare = [span for span in links if _is_bare(text.text[span.start : span.end], span.value)]
    edits = [edit for span in bare for edit in _shown(span, text.text, dialect)]
    return edited(text, edits)


def _shown(span: Span, text: str, dialect: Dialect) -> list[Edit]:
    words = text[span.start : span.end]
    shown = dialect.show_link(words)
    return [Edit(span.start, span.end, shown)] if shown not in ("", words) else []
