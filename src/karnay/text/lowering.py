"""The walk over Markdown's tokens that writes RichText."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from karnay.text.flex import MARK, order_of
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token

_BULLET = "• "
_INDENT = "  "

_SPANS = {
    "strong_open": Kind.BOLD,
    "heading_open": Kind.BOLD,
    "em_open": Kind.ITALIC,
    "s_open": Kind.STRIKE,
    "blockquote_open": Kind.QUOTE,
}
_IN_ORDER = attrgetter("start", "end", "kind", "value")  # as spans compare, but many times as fast


@dataclass(slots=True)
class _Open:
    """A span that has begun; `start` is not known before the first character is written."""

    kind: Kind
    value: str = ""
    start: int = -1


@dataclass(slots=True)
class _List:
    """A list that is being written; `number` is 0 for bullets."""

    number: int

    def sign(self) -> str:
        """What stands before the next item."""
        if not self.number:
            return _BULLET
        self.number += 1
        return f"{self.number - 1}. "


@dataclass(slots=True)
class Lowering:
    """Writes the text and the spans of one part after another."""

    _chunks: list[str] = field(default_factory=list)
    _length: int = 0
    _spans: list[Span] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _begun: list[_Open] = field(default_factory=list)  # open, and nothing written since
    _flex: list[_Open] = field(default_factory=list)  # may cross the others, so on their own
    _lists: list[_List] = field(default_factory=list)
    _separator: str = ""
    _sign_end: int = -1  # where the sign of the item ends that was begun last
    _line: int = -1  # the source line after the last paragraph
    _parts: list[RichText] = field(default_factory=list)

    def parts(self, tokens: Sequence[Token]) -> list[RichText]:
        """All parts, at least one."""
        for token in tokens:
            self._take(token)
        self._finish_part()
        return self._parts or [RichText()]

    def _take(self, token: Token) -> None:
        action = _ACTIONS.get(token.type)
        if action:
            action(self, token)

    def _paragraph(self, token: Token) -> None:
        self._separate_block()
        self._line = token.map[1] if token.map else -1

    def _block_span(self, token: Token) -> None:
        self._separate_block()
        self._span(token)

    def _span(self, token: Token) -> None:
        self._begin(_SPANS[token.type])

    def _link(self, token: Token) -> None:
        self._begin(Kind.LINK, str(token.attrs.get("href", "")))

    def _list(self, token: Token) -> None:
        """No blank line before a list that its paragraph leads."""
        led = token.map is not None and token.map[0] == self._line
        self._separate_block("\n" if led or self._lists else "\n\n")
        ordered = token.type == "ordered_list_open"
        self._lists.append(_List(int(token.attrs.get("start", 1)) if ordered else 0))

    def _end_list(self, _token: Token) -> None:
        self._lists.pop()

    def _item(self, _token: Token) -> None:
        self._separate_block()
        self._begin(Kind.ITEM)
        self._write(_INDENT * (len(self._lists) - 1) + self._lists[-1].sign())
        self._sign_end = self._length

    def _end_span(self, _token: Token) -> None:
        self._end()

    def _inline(self, token: Token) -> None:
        if not token.children:
            self._text(token)
        for child in token.children or ():
            self._take(child)

    def _text(self, token: Token) -> None:
        self._write_marked(token.content)

    def _code(self, token: Token) -> None:
        self._begin(Kind.CODE)
        self._write_marked(token.content)
        self._end()

    def _block_of_code(self, token: Token) -> None:
        self._separate(self._distance())
        self._begin(Kind.PRE, token.info.strip().partition(" ")[0])
        self._write_marked(token.content.removesuffix("\n"))
        self._end()

    def _soft_break(self, _token: Token) -> None:
        self._write(" ")

    def _hard_break(self, _token: Token) -> None:
        self._write("\n")

    def _image(self, token: Token) -> None:
        self._begin(Kind.LINK, str(token.attrs.get("src", "")))
        self._inline(token)
        self._end()

    def _rule(self, token: Token) -> None:
        if token.level == 0:
            self._finish_part()
        else:
            self._separate("\n\n")

    def _separate_block(self, separator: str = "") -> None:
        self._separate(separator or self._distance())
        self._line = -1

    def _distance(self) -> str:
        """A blank line between blocks, but not in a list."""
        return "\n" if self._lists else "\n\n"

    def _separate(self, separator: str) -> None:
        if self._length and self._length != self._sign_end:
            self._separator = max(self._separator, separator, key=len)

    def _write_marked(self, content: str) -> None:
        """Text in which regions may begin (a mark with its order) and end."""
        if not MARK.search(content):
            self._write(content)
            return
        text, *rest = MARK.split(content)
        self._write(text)
        for order, following in zip(rest[::2], rest[1::2], strict=True):
            self._cross_mark(order)
            self._write(following)

    def _cross_mark(self, order: str | None) -> None:
        if order is not None:
            self._flex.append(self._opened(_Open(Kind.FLEX, order_of(order))))
        elif self._flex:
            self._record(self._flex.pop())

    def _write(self, text: str) -> None:
        if not text:
            return
        self._chunks += (self._separator, text)
        start = self._length + len(self._separator)
        self._length = start + len(text)
        self._separator = ""
        for span in self._begun:
            span.start = start
        self._begun.clear()

    def _begin(self, kind: Kind, value: str = "") -> None:
        self._open.append(self._opened(_Open(kind, value)))

    def _opened(self, span: _Open) -> _Open:
        self._begun.append(span)
        return span

    def _end(self) -> None:
        self._record(self._open.pop())

    def _record(self, span: _Open) -> None:
        if 0 <= span.start < self._length:
            self._spans.append(Span(span.start, self._length, span.kind, span.value))
        if self._begun and span.start < 0:
            self._begun = [begun for begun in self._begun if begun is not span]

    def _finish_part(self) -> None:
        """Put the part away; a region that is open goes on in the next one."""
        for region in self._flex:
            self._record(region)
        if self._length:
            spans = sorted(set(self._spans), key=_IN_ORDER)
            self._parts.append(RichText("".join(self._chunks), tuple(spans)))
        self._chunks, self._spans = [], []
        self._length, self._separator, self._sign_end = 0, "", -1
        self._flex = [self._opened(_Open(region.kind, region.value)) for region in self._flex]


_ACTIONS: dict[str, Callable[[Lowering, Token], None]] = {
    "paragraph_open": Lowering._paragraph,
    "inline": Lowering._inline,
    "text": Lowering._text,
    "strong_open": Lowering._span,
    "strong_close": Lowering._end_span,
    "em_open": Lowering._span,
    "em_close": Lowering._end_span,
    "s_open": Lowering._span,
    "s_close": Lowering._end_span,
    "link_open": Lowering._link,
    "link_close": Lowering._end_span,
    "image": Lowering._image,
    "code_inline": Lowering._code,
    "softbreak": Lowering._soft_break,
    "hardbreak": Lowering._hard_break,
    "bullet_list_open": Lowering._list,
    "bullet_list_close": Lowering._end_list,
    "ordered_list_open": Lowering._list,
    "ordered_list_close": Lowering._end_list,
    "list_item_open": Lowering._item,
    "list_item_close": Lowering._end_span,
    "heading_open": Lowering._block_span,
    "heading_close": Lowering._end_span,
    "blockquote_open": Lowering._block_span,
    "blockquote_close": Lowering._end_span,
    "code_block": Lowering._block_of_code,
    "fence": Lowering._block_of_code,
    "hr": Lowering._rule,
}
