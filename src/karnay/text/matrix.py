"""How Matrix takes a text: plain, and beside it as HTML where it is formatted.

https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes
Limited is the whole event, in bytes of JSON, so that is what is counted.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from karnay.text import html
from karnay.text.measure import Additive
from karnay.text.meta import links
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Span
from karnay.text.sizes import utf8_size

if TYPE_CHECKING:
    from karnay.text.richtext import Kind, RichText


def detect(text: str) -> tuple[Span, ...]:
    """The links that clients find by themselves."""
    return without_overlaps(links(text))


def said(text: RichText) -> dict[str, str]:
    """The members of an event that say the text: `body`, and where need be its HTML."""
    if not text.only(html.TAGS).spans:
        return {"body": text.text}
    formatted = html.html(text, line_break="<br>")
    return {
        "body": text.text,
        "format": "org.matrix.custom.html",
        "formatted_body": formatted,
    }


def _size(text: str) -> int:
    """Bytes of JSON that a text takes between its quotation marks."""
    return utf8_size(json.dumps(text, ensure_ascii=False)) - 2


def _measured(text: RichText) -> int:
    told = said(text)
    return _size(told["body"]) + _size(told.get("formatted_body", ""))


def _weights(text: RichText) -> list[int]:
    """What each code point takes; what a span's tags take is all at its first one."""
    spans = [span for span in text.only(html.TAGS).spans if span.start < span.end]
    formatted = bool(spans)
    each = {char: _alone(char) + formatted * _shown(char) for char in set(text.text)}
    weights = [each[char] for char in text.text]
    for span in spans:
        weights[span.start] += _round(span.kind, span.value)
    return weights


@lru_cache(maxsize=1024)
def _round(kind: Kind, value: str) -> int:
    """What the tags of such a span take."""
    return _size(html.tags(Span(0, 1, kind, value)))


@lru_cache(maxsize=4096)
def _alone(char: str) -> int:
    return _size(char)


def _shown(char: str) -> int:
    return _IN_HTML.get(char) or _alone(char)


_IN_HTML = {"\n": 4, "<": 4, ">": 4, "&": 5}


measure = Additive(_measured, _weights)
"""Bytes of JSON that the text takes in an event."""
