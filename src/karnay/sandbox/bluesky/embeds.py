"""What a post may show beside its text: the lexicons app.bsky.embed.*, checked as the server does.

https://github.com/bluesky-social/atproto `lexicons/app/bsky/embed/`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import regex

URI = regex.compile(r"[A-Za-z][A-Za-z0-9.+-]*:[^\s]+")
THUMB_BYTES, IMAGE_BYTES, VIDEO_BYTES = 1_000_000, 2_000_000, 300_000_000
IMAGES, GALLERY = 4, 20

Found = Iterator[str]


def embed_faults(embed: Any) -> Found:
    """Everything that keeps this from being an embed."""
    if embed is None:
        return
    kind = embed.get("$type") if isinstance(embed, dict) else None
    if kind not in _EMBEDS:
        yield f"the sandbox takes only {', '.join(_EMBEDS)}, got {kind} at $.embed"
        return
    yield from _EMBEDS[kind](embed)


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that a record refers to, and what the record says that it shows."""

    blob: dict[str, Any]
    alt: str = ""


def files_of(embed: Any) -> list[Shown]:
    """The pictures and the video of a valid embed."""
    if not embed:
        return []
    items = [*embed.get("images", ()), *embed.get("items", ())]
    pictures = [Shown(item["image"], item["alt"]) for item in items]
    film = [Shown(embed["video"], embed.get("alt", ""))] if "video" in embed else []
    return [*pictures, *film]


def blobs_of(embed: Any) -> list[dict[str, Any]]:
    """All blobs that a valid embed refers to."""
    thumb = (embed or {}).get("external", {}).get("thumb")
    return [*(shown.blob for shown in files_of(embed)), *([thumb] if thumb else [])]


def _card(embed: dict[str, Any]) -> Found:
    card, path = embed.get("external"), "$.embed.external"
    if not isinstance(card, dict):
        yield 'Missing required key "external" at $.embed'
        return
    for key in ("uri", "title", "description"):
        yield from _string(card, key, path)
    if isinstance(card.get("uri"), str) and not URI.fullmatch(card["uri"]):
        yield f"Invalid uri value at {path}.uri"
    if "thumb" in card:
        yield from _blob(card["thumb"], f"{path}.thumb", "image/", THUMB_BYTES)


def _string(value: dict[str, Any], key: str, path: str) -> Found:
    if value.get(key) is None:
        yield f'Missing required key "{key}" at {path}'
    elif not isinstance(value[key], str):
        yield f"Expected string value type at {path}.{key}"


def _images(embed: dict[str, Any]) -> Found:
    for item, path in _items(embed, "images"):
        yield from _image(item, path)
    yield from _too_many(embed, "images", IMAGES)


def _gallery(embed: dict[str, Any]) -> Found:
    for item, path in _items(embed, "items"):
        kind = item.get("$type") if isinstance(item, dict) else None
        if kind != "app.bsky.embed.gallery#image":
            yield f"Expected app.bsky.embed.gallery#image, got {kind} at {path}"
            continue
        yield from _image(item, path)
        if "aspectRatio" not in item:
            yield f'Missing required key "aspectRatio" at {path}'
    yield from _too_many(embed, "items", GALLERY)


def _items(embed: dict[str, Any], name: str) -> Iterator[tuple[Any, str]]:
    items = embed.get(name)
    for number, item in enumerate(items if isinstance(items, list) else []):
        yield item, f"$.embed.{name}[{number}]"


def _too_many(embed: dict[str, Any], name: str, most: int) -> Found:
    items = embed.get(name)
    if not isinstance(items, list):
        yield f'Missing required key "{name}" at $.embed'
    elif len(items) > most:
        yield f"array too big (maximum {most}, got {len(items)}) at $.embed.{name}"


def _image(item: Any, path: str) -> Found:
    if not isinstance(item, dict):
        yield f"Expected object value type at {path}"
        return
    yield from _string(item, "alt", path)
    yield from _blob(item.get("image"), f"{path}.image", "image/", IMAGE_BYTES)
    yield from _ratio(item, path)


def _video(embed: dict[str, Any]) -> Found:
    yield from _blob(embed.get("video"), "$.embed.video", "video/mp4", VIDEO_BYTES)
    yield from _ratio(embed, "$.embed")
    if "alt" in embed:
        yield from _string(embed, "alt", "$.embed")


def _ratio(value: dict[str, Any], path: str) -> Found:
    if "aspectRatio" not in value:
        return
    sides = value["aspectRatio"]
    for side in ("width", "height"):
        length = sides.get(side) if isinstance(sides, dict) else None
        if type(length) is not int:
            yield f'Missing required key "{side}" at {path}.aspectRatio'
        elif length < 1:
            yield f"integer too small (minimum 1, got {length}) at {path}.aspectRatio.{side}"


def _blob(blob: Any, path: str, accept: str, most: int) -> Found:
    if not _is_blob(blob):
        yield f"Expected blob value type at {path}"
    elif not blob["mimeType"].startswith(accept):
        yield f"Expected {accept}*, got {blob['mimeType']} at {path}.mimeType"
    elif blob["size"] > most:
        yield f"blob too big (maximum {most}, got {blob['size']}) at {path}"


def _is_blob(blob: Any) -> bool:
    if not isinstance(blob, dict) or blob.get("$type") != "blob":
        return False
    ref = blob.get("ref")
    linked = isinstance(ref, dict) and isinstance(ref.get("$link"), str)
    return linked and isinstance(blob.get("mimeType"), str) and type(blob.get("size")) is int


_EMBEDS: dict[str, Callable[[dict[str, Any]], Found]] = {
    "app.bsky.embed.images": _images,
    "app.bsky.embed.gallery": _gallery,
    "app.bsky.embed.video": _video,
    "app.bsky.embed.external": _card,
}
