"""Which records are posts: the lexicon app.bsky.feed.post, checked as the server checks it.

https://github.com/bluesky-social/atproto `lexicons/app/bsky/feed/post.json`, `richtext/facet.json`.
Facets must also stand on the text, which the lexicon only describes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import regex

from karnay.sandbox.bluesky.embeds import URI, embed_faults

POST = "app.bsky.feed.post"
GRAPHEMES, BYTES = 300, 3000
TAG_GRAPHEMES, TAG_BYTES = 64, 640

_SELF_LABELS = "com.atproto.label.defs#selfLabels"
_GRAPHEME = regex.compile(r"\X")
_DATETIME = regex.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)")
_LANGUAGE = regex.compile(r"(i|[a-z]{2,3}|[A-Za-z]{4,8})(-[A-Za-z0-9]{1,8})*")
_DID = regex.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_TID = regex.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")

Found = Iterator[str]
"""What is wrong, each as `... at $.path`."""


def is_tid(key: str) -> bool:
    """Whether this may be the record key of a post."""
    return bool(_TID.fullmatch(key))


def faults(record: dict[str, Any]) -> Found:
    """Everything that keeps this record from being a post."""
    yield from _text(record.get("text"))
    yield from created_faults(record.get("createdAt"))
    yield from _languages(record.get("langs", []))
    yield from _tags(record.get("tags", []))
    yield from _reply(record.get("reply"))
    yield from embed_faults(record.get("embed"))
    yield from _labels(record.get("labels"))
    yield from _facets(record.get("facets", []), record.get("text"))


def _text(text: object) -> Found:
    if not isinstance(text, str):
        yield _needed("text", "$", text)
        return
    yield from _size(text, (GRAPHEMES, BYTES), "$.text")


def _size(text: str, most: tuple[int, int], path: str) -> Found:
    graphemes, size = len(_GRAPHEME.findall(text)), len(text.encode())
    if size > most[1]:
        yield f"string too big (maximum {most[1]}, got {size}) at {path}"
    elif graphemes > most[0]:
        yield f"grapheme too big (maximum {most[0]}, got {graphemes}) at {path}"


def _needed(key: str, path: str, value: object) -> str:
    if value is None:
        return f'Missing required key "{key}" at {path}'
    return f"Expected string value type at {path}.{key}"


def created_faults(moment: object) -> Found:
    """What is wrong with the moment in a record."""
    if not isinstance(moment, str):
        yield _needed("createdAt", "$", moment)
    elif not _DATETIME.fullmatch(moment) or moment.endswith("-00:00") or not _real(moment):
        yield f'Invalid datetime value "{moment}" at $.createdAt'


def _real(moment: str) -> bool:
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return False
    return True


def _languages(languages: object) -> Found:
    if not isinstance(languages, list):
        yield "Expected array value type at $.langs"
        return
    if len(languages) > 3:
        yield f"array too big (maximum 3, got {len(languages)}) at $.langs"
    for number, language in enumerate(languages):
        if not _matches(_LANGUAGE, language):
            yield f"Invalid language value at $.langs[{number}]"


def _tags(tags: object) -> Found:
    if not isinstance(tags, list):
        yield "Expected array value type at $.tags"
        return
    if len(tags) > 8:
        yield f"array too big (maximum 8, got {len(tags)}) at $.tags"
    for number, tag in enumerate(tags):
        yield from _size(str(tag), (TAG_GRAPHEMES, TAG_BYTES), f"$.tags[{number}]")


def _reply(reply: Any) -> Found:
    if reply is None:
        return
    for name in ("root", "parent"):
        reference = reply.get(name) if isinstance(reply, dict) else None
        if not _is_reference(reference):
            yield f'Missing required key "{name}" at $.reply'


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(key), str) for key in ("uri", "cid")
    )


def _labels(labels: Any) -> Found:
    if labels is None:
        return
    values = labels.get("values") if isinstance(labels, dict) else None
    if not isinstance(values, list) or labels.get("$type") != _SELF_LABELS:
        yield f"Expected {_SELF_LABELS} at $.labels"
        return
    if len(values) > 10:
        yield f"array too big (maximum 10, got {len(values)}) at $.labels.values"
    for number, value in enumerate(values):
        if not isinstance(value, dict) or not isinstance(value.get("val"), str):
            yield f'Missing required key "val" at $.labels.values[{number}]'


def _facets(facets: object, text: object) -> Found:
    if not isinstance(facets, list) or not isinstance(text, str):
        yield "Expected array value type at $.facets"
        return
    for number, facet in enumerate(facets):
        path = f"$.facets[{number}]"
        if not isinstance(facet, dict):
            yield f"Expected object value type at {path}"
            continue
        yield from _slice(facet.get("index"), text.encode(), f"{path}.index")
        yield from _features(facet.get("features"), f"{path}.features")


def _slice(index: Any, text: bytes, path: str) -> Found:
    start, end = (_offset(index, name) for name in ("byteStart", "byteEnd"))
    if not 0 <= start < end <= len(text):
        yield f"slice {start}..{end} is empty or not within {len(text)} bytes at {path}"
    elif any(_within_character(text, edge) for edge in (start, end)):
        yield f"slice {start}..{end} cuts a character at {path}"


def _offset(index: Any, name: str) -> int:
    value = index.get(name) if isinstance(index, dict) else None
    return value if type(value) is int else -1


def _within_character(text: bytes, offset: int) -> bool:
    return offset < len(text) and text[offset] & 0xC0 == 0x80


def _features(features: object, path: str) -> Found:
    if not isinstance(features, list):
        yield f"Expected array value type at {path}"
        return
    for number, feature in enumerate(features):
        check = _FEATURES.get(feature.get("$type", "") if isinstance(feature, dict) else "")
        if check is None or not check(feature):
            yield f"Invalid facet feature at {path}[{number}]"


def _matches(pattern: regex.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_tag(feature: dict[str, Any]) -> bool:
    tag = feature.get("tag")
    fits = isinstance(tag, str) and not list(_size(tag, (TAG_GRAPHEMES, TAG_BYTES), ""))
    return fits and bool(tag) and not str(tag).startswith("#")


_FEATURES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "app.bsky.richtext.facet#link": lambda feature: _matches(URI, feature.get("uri")),
    "app.bsky.richtext.facet#mention": lambda feature: _matches(_DID, feature.get("did")),
    "app.bsky.richtext.facet#tag": _is_tag,
}
