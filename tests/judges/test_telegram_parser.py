"""Telegram's own parser puts formatting where we put it, and counts what we count.

The same rich text goes to Telegram's HTML parser, which knows no offsets, and to our entities.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

import pytest

from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from karnay.rendering.variant import Part
    from karnay.testing.lab import Lab

Parse = Any
"""Makes Telegram's `formattedText` of a text in HTML."""

TAGS = {
    Kind.BOLD: "b",
    Kind.ITALIC: "i",
    Kind.STRIKE: "s",
    Kind.CODE: "code",
    Kind.QUOTE: "blockquote",
}
TYPES = {
    "textEntityTypeBold": "bold",
    "textEntityTypeItalic": "italic",
    "textEntityTypeStrikethrough": "strikethrough",
    "textEntityTypeCode": "code",
    "textEntityTypePre": "pre",
    "textEntityTypePreCode": "pre",
    "textEntityTypeBlockQuote": "blockquote",
    "textEntityTypeTextUrl": "text_link",
}
BEFORE = {
    "ascii": "",
    "a surrogate pair": "😀",
    "a family": "👨‍👩‍👧‍👦 ",
    "combining marks": "a\u0301 е\u0306 ",
    "right to left": "\u202eمؤتمر ",
    "a line separator": "\u2028",
    "markup": "<b>&amp;</b> ",
}


@pytest.fixture(scope="session")
def parse() -> Parse:
    """TDLib's parser, which needs neither a log-in nor a network."""
    tdjson = pytest.importorskip("tdjson", reason="judge missing: tdjson")

    def execute(request: dict[str, Any]) -> dict[str, Any]:
        return dict(json.loads(tdjson.td_execute(json.dumps(request).encode())))

    execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})
    mode = {"@type": "textParseModeHTML"}
    return lambda text: execute({"@type": "parseTextEntities", "text": text, "parse_mode": mode})


def as_html(rich: RichText) -> str:
    """The text in Telegram's HTML; spans lie in each other or apart, as they do in Markdown."""
    marks = [(place, mark) for span in rich.spans for place, mark in _marks(span)]
    pieces, last = [], 0
    for (place, _, _), mark in sorted(marks):
        pieces += [html.escape(rich.text[last:place], quote=False), mark]
        last = place
    return "".join([*pieces, html.escape(rich.text[last:], quote=False)])


def _marks(span: Span) -> list[tuple[tuple[int, int, int], str]]:
    """What ends comes before what begins; of what begins at a place, the longest comes first."""
    opening, closing = _tags(span)
    size = span.end - span.start
    return [((span.start, 1, -size), opening), ((span.end, 0, size), closing)]


def _tags(span: Span) -> tuple[str, str]:
    if span.kind is Kind.LINK:
        return f'<a href="{html.escape(span.value)}">', "</a>"
    if span.kind is Kind.PRE:
        named = f'<code class="language-{span.value}">' if span.value else ""
        return f"<pre>{named}", f"{'</code>' if named else ''}</pre>"
    return f"<{TAGS[span.kind]}>", f"</{TAGS[span.kind]}>"


def seen(parsed: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Telegram's entities in the Bot API's words."""
    return sorted(
        (
            TYPES[entity["type"]["@type"]],
            entity["offset"],
            entity["length"],
            entity["type"].get("url", ""),
            entity["type"].get("language", ""),
        )
        for entity in parsed["entities"]
    )


def told(body: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Our entities in the same form."""
    return sorted(
        (
            entity["type"],
            entity["offset"],
            entity["length"],
            entity.get("url", ""),
            entity.get("language", ""),
        )
        for entity in body.get("entities", [])
    )


def judge(parse: Parse, lab: Lab, part: Part) -> None:
    """Raises where Telegram sees another text, other entities or another length than we do."""
    rich = part.text.without({Kind.ITEM, Kind.MENTION, Kind.HASHTAG, Kind.CASHTAG})
    links = lab.platform.limits(lab.account).dialect.detect(rich.text)
    formatting = RichText(rich.text, tuple(set(rich.spans) - set(links)))
    body = lab.plan(lab.variant(part.text))[0].call.body
    parsed = parse(as_html(formatting))
    assert (parsed["text"], seen(parsed)) == (body["text"], told(body))
    assert lab.platform.limits(lab.account).used(part.text) == len(parsed["text"])


def test_every_text_is_read_as_it_is_meant(
    parse: Parse,
    lab_of: Callable[[str], Lab],
    rich: RichText,
    worded: Callable[..., tuple[Part, ...]],
) -> None:
    lab = lab_of("telegram")
    [part] = worded(rich, lab.platform.limits(lab.account))
    judge(parse, lab, part)


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((kind, "") for kind in TAGS),
        (Kind.PRE, ""),
        (Kind.PRE, "python"),
        (Kind.LINK, "https://example.org/?a=b&c=д"),
    ],
)
def test_formatting_is_where_it_is_meant(
    parse: Parse,
    lab_of: Callable[[str], Lab],
    worded: Callable[..., tuple[Part, ...]],
    before: str,
    kind: Kind,
    value: str,
) -> None:
    lab, words = lab_of("telegram"), "янги é👩‍🎓 words"
    span = Span(len(before), len(before + words), kind, value)
    rich = RichText(f"{before}{words} after", (span,))
    [part] = worded(rich, lab.platform.limits(lab.account))
    judge(parse, lab, part)


def test_formatting_may_lie_in_formatting(
    parse: Parse, lab_of: Callable[[str], Lab], worded: Callable[..., tuple[Part, ...]]
) -> None:
    spans = (
        Span(0, 12, Kind.QUOTE),
        Span(2, 12, Kind.BOLD),
        Span(4, 10, Kind.LINK, "https://example.org/a"),
        Span(4, 8, Kind.ITALIC),
    )
    lab = lab_of("telegram")
    [part] = worded(RichText("😀 bold words!", spans), lab.platform.limits(lab.account))
    judge(parse, lab, part)


def test_the_judge_is_awake(parse: Parse) -> None:
    assert parse("<p>no such tag</p>")["@type"] == "error"
