"""What a network takes of pictures, videos and documents; platforms fill these in."""

from __future__ import annotations

from dataclasses import dataclass

from karnay.media.asset import Kind

MEGABYTE = 1_000_000
"""Bytes; where a network says "MB" without saying which, the smaller one is meant."""


def in_words(size: int) -> str:
    """So many bytes, as people say it: `11.2 MB`."""
    units = (("MB", MEGABYTE), ("kB", 1000), ("bytes", 1))
    name, unit = next((unit for unit in units if size >= unit[1]), units[-1])
    return f"{size / unit:,.1f}".removesuffix(".0") + f" {name}"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Pictures: what does not fit is made to.

    `formats` are MIME types; a picture of another kind becomes one of the first. `max_bytes` is
    what the network takes, `max_side`, `max_sides` (width and height together), `max_pixels` and
    `min_width` are in pixels, ratios are width by height: outside of them, it is cropped round
    its focus. `animated` keeps a GIF that moves as it is, within `max_animated_bytes`,
    `max_animated_pixels` and `max_frames`; a network that shows only its first picture gets that.
    """

    formats: tuple[str, ...]
    max_bytes: int
    max_side: int | None = None
    max_sides: int | None = None
    max_width: int | None = None
    max_pixels: int | None = None
    min_width: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    animated: bool = False
    max_animated_bytes: int | None = None
    max_animated_pixels: int | None = None
    max_frames: int | None = None


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """Videos: sent as they are, or not at all.

    `formats` are MIME types, lengths in seconds, sides in pixels, ratios width by height, `codecs`
    and `audio_codecs` as FFmpeg names them; empty: any.
    """

    formats: tuple[str, ...]
    max_bytes: int
    min_bytes: int = 0
    min_seconds: float = 0
    max_seconds: float | None = None
    max_width: int | None = None
    max_height: int | None = None
    min_side: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    max_fps: float | None = None
    codecs: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Documents (PDF): sent as they are, or not at all."""

    formats: tuple[str, ...]
    max_bytes: int
    max_pages: int | None = None


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What one part may carry; a kind that is None is not taken at all.

    `most` files together, and at least `least`; `most_videos` and `most_documents` of these kinds.
    `mixed`: pictures and videos in one part. `animated_alone`: a GIF that moves goes with no other
    file. `alt` is the most code points that a description may have, and `described` the kinds that
    have a field for one; 0: the network has none. `fetched` are the kinds that the network takes by
    a public address only, and fetches itself.
    """

    most: int = 0
    least: int = 0
    images: ImageLimits | None = None
    videos: VideoLimits | None = None
    documents: DocumentLimits | None = None
    most_videos: int = 1
    most_documents: int = 1
    mixed: bool = False
    animated_alone: bool = False
    alt: int = 0
    described: frozenset[Kind] = frozenset(Kind)
    fetched: frozenset[Kind] = frozenset()
