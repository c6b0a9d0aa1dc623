"""RichText as HTML, for networks that take it, and HTML as RichText again."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TAGS: Mapping[Kind, str] = {
    Kind.BOLD: "strong",
    Kind.ITALIC: "em",
    Kind.STRIKE: "del",
    Kind.CODE: "code",
    Kind.PRE: "pre",
    Kind.QUOTE: "blockquote",
    Kind.LINK: "a",
}
"""The spans that HTML can say, by the names of its elements."""

_BLOCKS = frozenset({Kind.PRE, Kind.QUOTE})
_KINDS = {tag: kind for kind, tag in TAGS.items()}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_BESIDE_BLOCKS = re.compile(r"\n(?=<(?:pre|blockquote)>)|(?<=</pre>)\n|(?<=</blockquote>)\n")


def html(rich: RichText, *, line_break: str = "\n") -> str:
    """The text as HTML that reads as itself, `line_break` in the place of each of its own.

    Elements are well nested, whatever lies on what; a link in a link is left out. The line breaks
    right before and after a quotation or a listing are the elements' own.
    """
    spans = [span for span in set(rich.spans) if span.kind in TAGS and span.start < span.end]
    pieces: list[str] = []
    opened: list[Span] = []
    for start, end, wanted in _stretches(len(rich.text), spans):
        kept = _in_common(opened, wanted)
        pieces += [_end(span) for span in reversed(opened[kept:])]
        pieces += [_start(span) for span in wanted[kept:]]
        pieces.append(escape(rich.text[start:end], quote=False))
        opened = wanted
    pieces += [_end(span) for span in reversed(opened)]
    return _broken(_BESIDE_BLOCKS.sub("", "".join(pieces)), line_break)


def _stretches(length: int, spans: list[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    """The pieces of a text on which the same spans lie, each with these, the outermost first."""
    starting: dict[int, list[Span]] = {}
    for span in spans:
        starting.setdefault(span.start, []).append(span)
    edges = {0, length, *starting, *(span.end for span in spans)}
    lying: list[Span] = []
    for start, end in pairwise(sorted(edges)):
        lying = [span for span in lying if span.end > start] + starting.get(start, [])
        if len(lying) > 1:
            lying.sort(key=_outer_first)
        yield start, end, _without_inner_links(lying) if len(lying) > 1 else lying


def _outer_first(span: Span) -> tuple[bool, int, int, str]:
    return span.kind not in _BLOCKS, span.start, -span.end, span.kind


def _without_inner_links(spans: list[Span]) -> list[Span]:
    link = next((span for span in spans if span.kind is Kind.LINK), None)
    return [span for span in spans if span.kind is not Kind.LINK or span is link]


def _in_common(opened: list[Span], wanted: list[Span]) -> int:
    """How many of the outermost elements stay open."""
    pairs = enumerate(zip(opened, wanted, strict=False))
    shorter = min(len(opened), len(wanted))
    return next((number for number, (one, other) in pairs if one != other), shorter)


def tags(span: Span) -> str:
    """What is written round a span."""
    return _start(span) + _end(span)


def _start(span: Span) -> str:
    match span.kind:
        case Kind.LINK:
            return f'<a href="{escape(address(span.value))}">'
        case Kind.PRE:
            language = f' class="language-{escape(span.value)}"' if span.value else ""
            return f"<pre><code{language}>"
        case kind:
            return f"<{TAGS[kind]}>"


def _end(span: Span) -> str:
    return "</code></pre>" if span.kind is Kind.PRE else f"</{TAGS[span.kind]}>"


def address(link: str) -> str:
    """A link with its protocol, as `href` wants it."""
    return link if _SCHEME.match(link) else f"https://{link}"


def _broken(written: str, line_break: str) -> str:
    """With those line breaks, but as they are in listings."""
    pieces = re.split(r"(<pre>.*?</pre>)", written, flags=re.DOTALL)
    return "".join(
        piece if number % 2 else piece.replace("\n", line_break)
        for number, piece in enumerate(pieces)
    )


def parsed(written: str) -> RichText:
    """Such HTML as people see it; the inverse of `html`, but for line breaks beside blocks."""
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return RichText("".join(reader.pieces), tuple(sorted(reader.spans)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self._length = 0
        self._opened: list[tuple[str, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_data("\n")
            return
        told = dict(attrs)
        language = (told.get("class") or "").removeprefix("language-")
        self._opened.append((tag, self._length, told.get("href") or language))

    def handle_endtag(self, tag: str) -> None:
        if tag not in {opened for opened, _, _ in self._opened}:
            return
        opened, start, value = self._opened.pop()
        inner = (Kind.CODE, Kind.PRE)[any(above == "pre" for above, _, _ in self._opened)]
        kind = inner if opened == "code" else _KINDS.get(opened)
        if kind is not None and opened != "pre":
            self.spans.append(Span(start, self._length, kind, value))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
        self._length += len(data)
