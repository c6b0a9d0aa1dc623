"""Files of a message, checked as Telegram does: https://core.telegram.org/bots/api#sending-files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.sandbox.http import Part
from karnay.sandbox.pictures import look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.sandbox.pictures import Look
    from karnay.sandbox.uploads import Upload

MEGABYTE = 1_000_000
LONGEST_CAPTION = 1_024
ALBUM = range(2, 11)
METHODS = {f"send{kind}": kind for kind in ("photo", "video", "animation", "document")}
"""The methods that send one file, in lower case, and the field that holds it."""

_ALBUM_KINDS = ("photo", "video", "document")


class BadFile(Exception):
    """Telegram's words for what is wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file that was sent, as what, with its own caption."""

    kind: str
    part: Part
    caption: str = ""
    entities: tuple[dict[str, Any], ...] = ()

    @property
    def look(self) -> Look:
        """What its bytes show."""
        return look(self.part.content)


def single(kind: str, given: Mapping[str, Any]) -> Item:
    """The file of a `sendPhoto` and its like. Raises BadFile."""
    return _checked(_item(kind, given.get(kind), given))


def album(given: Mapping[str, Any]) -> list[Item]:
    """The files of a `sendMediaGroup`. Raises BadFile."""
    media = given.get("media")
    if not isinstance(media, list) or not all(isinstance(one, dict) for one in media):
        raise BadFile("can't parse media JSON object")
    if len(media) not in ALBUM:
        raise BadFile("group send failed: 2 to 10 items are needed")
    kinds = {str(one.get("type")) for one in media}
    if not kinds <= set(_ALBUM_KINDS):
        raise BadFile(f"wrong type of the media: {', '.join(sorted(kinds))}")
    if "document" in kinds and len(kinds) > 1:
        raise BadFile("documents can be grouped with documents only")
    return [_checked(_item(str(one["type"]), _attached(one, given), one)) for one in media]


def shown(item: Item, upload: Upload) -> dict[str, Any]:
    """The file as a message tells of it."""
    seen = item.look
    base = {"file_id": f"sandbox-{upload.id}", "file_unique_id": upload.id}
    size = {"file_size": len(item.part.content)}
    sides = {"width": seen.width, "height": seen.height}
    if item.kind == "photo":
        return {"photo": [{**base, **sides, **size}]}
    named = {"file_name": item.part.name, "mime_type": seen.mime, **size}
    if item.kind == "document":
        return {"document": {**base, **named}}
    return {item.kind: {**base, **sides, "duration": int(seen.seconds), **named}}


def _item(kind: str, sent: Any, said: Mapping[str, Any]) -> Item:
    if not isinstance(sent, Part) or not sent.content:
        raise BadFile(f"there is no {kind} in the request")
    caption, entities = said.get("caption") or "", said.get("caption_entities") or []
    if not isinstance(caption, str) or not isinstance(entities, list):
        raise BadFile("can't parse caption")
    if len(caption) > LONGEST_CAPTION:
        raise BadFile("message caption is too long")
    return Item(kind, sent, caption, tuple(entities))


def _attached(said: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    scheme, _, name = str(said.get("media", "")).partition("://")
    if scheme != "attach":
        raise BadFile("wrong file identifier/HTTP URL specified")
    return given.get(name)


def _checked(item: Item) -> Item:
    for refuses, words in _RULES[item.kind]:
        if refuses(item):
            raise BadFile(words)
    return item


_Rule = tuple["Callable[[Item], bool]", str]


def _larger_than(megabytes: int) -> _Rule:
    return lambda item: len(item.part.content) > megabytes * MEGABYTE, "file is too big"


_RULES: dict[str, tuple[_Rule, ...]] = {
    "photo": (
        (lambda item: item.look.kind != "image" or not item.look.whole, "IMAGE_PROCESS_FAILED"),
        (lambda item: item.look.width + item.look.height > 10_000, "PHOTO_INVALID_DIMENSIONS"),
        (lambda item: not 1 / 20 <= item.look.ratio <= 20, "PHOTO_INVALID_DIMENSIONS"),
        _larger_than(10),
    ),
    "video": (
        (lambda item: item.look.kind != "video" or not item.look.whole, "wrong type of the file"),
        _larger_than(50),
    ),
    "animation": (
        (lambda item: item.look.frames < 2 and item.look.kind != "video", "wrong type of the file"),
        _larger_than(50),
    ),
    "document": (_larger_than(50),),
}
