"""Which texts and entities Telegram takes, in its own words.

https://core.telegram.org/bots/api#messageentity
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from karnay.sandbox.marks import Mark, detected

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 4096
"""Code points after parsing: TDLib compares its `utf8_length` with this (MessageContent.cpp)."""

MOST_ENTITIES = 100
"""Further ones are ignored by the server (tdlib#820)."""

_DETECTED = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
}  # fmt: skip
_NEEDS = {  # each type with the member that it cannot do without
    **dict.fromkeys(
        [
            *_DETECTED, "bold", "italic", "underline", "strikethrough", "spoiler",
            "blockquote", "expandable_blockquote", "code", "pre",
        ],
        "",
    ),
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}  # fmt: skip
TYPES = frozenset(_NEEDS)
"""The types of a MessageEntity."""

_EXACTLY_AS_SENT = {"code", "pre"}


def refusal_of_text(text: str) -> str:
    """Why Telegram does not take this text, in its words; empty if it does."""
    if not text.strip():
        return "message text is empty"
    return "message is too long" if len(text) > LONGEST else ""


def refusal_of_entities(text: str, entities: object) -> str:
    """Why Telegram does not take these entities, in TDLib's words; empty if it does."""
    if not isinstance(entities, list):
        return "can't parse entities JSON object"
    borders = [0, *accumulate(_units(character) for character in text)]
    reasons = (_refusal(entity, borders) for entity in entities)
    return next(filter(None, reasons), "")


def _units(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _refusal(entity: Any, borders: Sequence[int]) -> str:
    if not isinstance(entity, dict) or entity.get("type") not in _NEEDS:
        return "can't parse MessageEntity: unsupported type specified"
    needed = _NEEDS[entity["type"]]
    if needed and not entity.get(needed):
        return f"can't parse MessageEntity: Can't find field \"{needed}\""
    return _refusal_of_place(entity, borders)


def _refusal_of_place(entity: dict[str, Any], borders: Sequence[int]) -> str:
    offset, length = _whole(entity.get("offset")), _whole(entity.get("length"))
    if offset < 0:
        return f"receive an entity with incorrect offset {offset}"
    if length <= 0:
        return f"receive an entity with incorrect length {length}"
    return _refusal_of_edges(offset, offset + length, borders)


def _refusal_of_edges(start: int, end: int, borders: Sequence[int]) -> str:
    if end > borders[-1]:
        return f"entity beginning at UTF-16 offset {start} ends after the end of the text"
    if not _is_border(start, borders):
        return f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}"
    if not _is_border(end, borders):
        return f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol"
    return ""


def _whole(value: object) -> int:
    return value if type(value) is int else -1


def _is_border(offset: int, borders: Sequence[int]) -> bool:
    return borders[bisect_left(borders, offset)] == offset


def marks(text: str, entities: Sequence[dict[str, Any]]) -> tuple[Mark, ...]:
    """The entities, and what Telegram links by itself, as marks in code points."""
    borders = [0, *accumulate(_units(character) for character in text)]
    sent = [_mark(entity, borders, text) for entity in entities]
    covered = [mark for mark in sent if mark.kind in {"link", *_DETECTED, *_EXACTLY_AS_SENT}]
    own = (mark for mark in detected(text) if not _touches(mark, covered))
    return (*sent, *own)


def _mark(entity: dict[str, Any], borders: Sequence[int], text: str) -> Mark:
    start = bisect_left(borders, entity["offset"])
    end = bisect_left(borders, entity["offset"] + entity["length"])
    if entity["type"] in {"text_link", "url"}:
        return Mark(start, end, "link", entity.get("url") or text[start:end])
    return Mark(start, end, entity["type"])


def _touches(mark: Mark, others: Sequence[Mark]) -> bool:
    return any(other.start < mark.end and mark.start < other.end for other in others)
