"""What the eight networks take of pictures, as their documents say; MB are a million bytes."""

from __future__ import annotations

from karnay.media.limits import MEGABYTE, ImageLimits, MediaLimits

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"

PICTURES = {
    "telegram": ImageLimits(
        (JPEG, PNG), 10 * MEGABYTE, max_sides=10_000, min_ratio=1 / 20, max_ratio=20
    ),
    "facebook": ImageLimits((JPEG, PNG), 4 * MEGABYTE),
    "instagram": ImageLimits(
        (JPEG,), 8 * MEGABYTE, max_width=1440, min_width=320, min_ratio=0.8, max_ratio=1.91
    ),
    "x": ImageLimits((JPEG, PNG, GIF, WEBP), 5 * MEGABYTE),
    "linkedin": ImageLimits((JPEG, PNG, GIF), 20 * MEGABYTE, max_pixels=36_152_319),
    "threads": ImageLimits((JPEG, PNG), 8 * MEGABYTE, max_width=1440, min_width=320, max_ratio=10),
    "mastodon": ImageLimits((JPEG, PNG, GIF, WEBP), 16 << 20, max_pixels=33_177_600),
    "bluesky": ImageLimits((JPEG, PNG, WEBP), 2 * MEGABYTE, max_side=4000),
}


def limits() -> dict[str, MediaLimits]:
    """The networks by name."""
    return {name: MediaLimits(most=4, images=images) for name, images in PICTURES.items()}
