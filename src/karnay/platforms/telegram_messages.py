"""What a message is to the Bot API: its method, its text with formatting, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.media.asset import Kind as FileKind
from karnay.platforms.calls import File, Form
from karnay.text.richtext import Kind, RichText, Span, utf16_offsets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.media.asset import Asset
    from karnay.platforms.calls import Body, Json
    from karnay.rendering.variant import Part

ENTITIES: Mapping[Kind, str] = {
    Kind.BOLD: "bold",
    Kind.ITALIC: "italic",
    Kind.STRIKE: "strikethrough",
    Kind.CODE: "code",
    Kind.PRE: "pre",
    Kind.QUOTE: "blockquote",
    Kind.LINK: "text_link",
}
"""Our spans by Telegram's names: https://core.telegram.org/bots/api#messageentity

Bare links, mentions and hashtags are found by Telegram itself, also beside given entities.
"""

METHODS: Mapping[FileKind, str] = {
    FileKind.IMAGE: "photo",
    FileKind.VIDEO: "video",
    FileKind.DOCUMENT: "document",
}
"""How the Bot API names the kinds of files: `sendPhoto` has a `photo`, an album's item a `type`."""

ALBUM = "sendMediaGroup"
"""https://core.telegram.org/bots/api#sendmediagroup"""

UNDER_FILES = frozenset({"link_preview_options"})
"""What a message with files cannot have."""


def message(part: Part, common: Mapping[str, Json]) -> tuple[str, Body]:
    """The method that sends the part, and the body; `common` goes with every message."""
    if not part.media:
        return "sendMessage", {**_text(part, "text", "entities"), **common}
    fitting = {name: value for name, value in common.items() if name not in UNDER_FILES}
    caption = _text(part, "caption", "caption_entities")
    if len(part.media) > 1:
        return ALBUM, Form({"media": _items(part.media, caption), **fitting, **_files(part.media)})
    (asset,) = part.media
    kind = "animation" if asset.animated else METHODS[asset.kind]
    return f"send{kind.capitalize()}", Form({**caption, **fitting, kind: File(asset)})


def words(fields: Mapping[str, Json]) -> str:
    """The text that a planned message shows, whichever method sends it."""
    (first, *_) = fields.get("media") or [{}]
    return str(fields.get("text") or fields.get("caption") or first.get("caption") or "")


def _text(part: Part, name: str, formatting: str) -> dict[str, Json]:
    told = entities(part.text)
    return {name: part.text.text, **({formatting: told} if told else {})}


def _items(assets: Sequence[Asset], caption: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Clients show the caption of an album's first item below all of it."""
    return [
        {
            "type": METHODS[asset.kind],
            "media": f"attach://file{number}",
            **(caption if number == 1 else {}),
        }
        for number, asset in enumerate(assets, start=1)
    ]


def _files(assets: Sequence[Asset]) -> dict[str, File]:
    return {f"file{number}": File(asset) for number, asset in enumerate(assets, start=1)}


def entities(text: RichText) -> list[dict[str, Any]]:
    """The formatting as Telegram wants it: offsets and lengths in UTF-16 code units."""
    units = utf16_offsets(text.text)
    spans = sorted(text.spans, key=lambda span: (span.start, -span.end))
    return [_entity(span, units) for span in spans if _is_told(span, text.text)]


def _is_told(span: Span, text: str) -> bool:
    shown = text[span.start : span.end]
    bare = span.kind is Kind.LINK and span.value in ("", shown)
    return span.kind in ENTITIES and bool(shown) and not bare


def _entity(span: Span, units: list[int]) -> dict[str, Any]:
    start, end = units[span.start], units[span.end]
    entity: dict[str, Any] = {
        "type": ENTITIES[span.kind],
        "offset": start,
        "length": end - start,
    }
    if span.kind is Kind.LINK:
        entity["url"] = span.value
    if span.kind is Kind.PRE and span.value:
        entity["language"] = span.value
    return entity
