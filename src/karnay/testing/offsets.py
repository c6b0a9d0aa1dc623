"""What the formatting of a request points at, in the ways in which networks count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.platforms.base import Sample


def marked(body: Any, sample: Sample) -> list[str]:
    """The pieces of text that a body's formatting marks, wherever it stands in it.

    Knows Telegram's `entities` (UTF-16 code units) and Bluesky's `facets` (UTF-8 bytes); the
    sample knows what its own platform marks within a text. Raises AssertionError for one that lies
    outside the text, and UnicodeDecodeError where it cuts a character.
    """
    ways = (_entities, _facets, sample.marks)
    return [piece for inner in _objects(body) for way in ways for piece in way(inner)]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _entities(body: dict[str, Any]) -> Iterator[str]:
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        units = body.get(text, "").encode("utf-16-le") if entities in body else b""
        for entity in body.get(entities, ()):
            start, end = entity["offset"], entity["offset"] + entity["length"]
            yield _cut(units, start * 2, end * 2).decode("utf-16-le")


def _facets(body: dict[str, Any]) -> Iterator[str]:
    units = body.get("text", "").encode() if "facets" in body else b""
    for facet in body.get("facets", ()):
        yield _cut(units, facet["index"]["byteStart"], facet["index"]["byteEnd"]).decode()


def _cut(units: bytes, start: int, end: int) -> bytes:
    assert 0 <= start < end <= len(units), f"[{start}, {end}) is not in a text of {len(units)}"
    return units[start:end]
