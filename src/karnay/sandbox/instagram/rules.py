"""What Instagram refuses of a caption, and of the files that it has fetched.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karnay.sandbox.graph import invalid, no

if TYPE_CHECKING:
    from karnay.sandbox.http import Refusal
    from karnay.sandbox.pictures import Look

LONGEST, HASHTAGS, MENTIONS, LONGEST_ALT = 2_200, 30, 20, 1_000
FEWEST_ITEMS, MOST_ITEMS = 2, 10
MOST_PICTURE_BYTES, NARROWEST = 8 * 1024 * 1024, 320
TALLEST, WIDEST = 4 / 5, 1.91
MOST_VIDEO_BYTES, SHORTEST, LONGEST_VIDEO, WIDEST_VIDEO = 300_000_000, 3, 900, 1_920
VIDEOS = frozenset({"video/mp4", "video/quicktime"})
_ROUNDING = 0.01  # a ratio that no whole number of pixels meets exactly


def check_caption(text: str) -> None:
    """Its length, and how many hashtags and mentions are in it."""
    tags, names = re.findall(r"#\w", text), re.findall(r"(?<!\w)@\w", text)
    if len(text) > LONGEST or len(tags) > HASHTAGS or len(names) > MENTIONS:
        raise no(36004, "The caption is too long", subcode=2207010)


def check_alt(text: str, look: Look) -> None:
    """Only a picture is described."""
    if text and look.kind != "image":
        raise invalid("alt_text is supported for images only")
    if len(text) > LONGEST_ALT:
        raise invalid("alt_text is too long")


def check_picture(look: Look, size: int) -> None:
    """A whole JPEG, of a size and shape that Instagram shows."""
    if look.mime != "image/jpeg" or not look.whole:
        raise no(36001, "The image format is not supported", subcode=2207005)
    if size > MOST_PICTURE_BYTES:
        raise no(36000, "The image is too large", subcode=2207004)
    ratio = look.width / look.height
    if not TALLEST - _ROUNDING <= ratio <= WIDEST + _ROUNDING:
        raise no(36003, "The aspect ratio is not supported", subcode=2207009)
    if look.width < NARROWEST:
        raise no(36003, "The image is too narrow", subcode=2207009)


def fits(look: Look, size: int) -> bool:
    """Whether the bytes are a video that Instagram can make something of."""
    return (
        look.mime in VIDEOS
        and look.whole
        and size <= MOST_VIDEO_BYTES
        and SHORTEST <= look.seconds <= LONGEST_VIDEO
        and look.width <= WIDEST_VIDEO
    )


def not_fetched() -> Refusal:
    """The address gives no file."""
    return no(
        9004,
        "Only photo or video can be accepted as media type.",
        subcode=2207052,
        error_user_msg="The media could not be fetched from this URI.",
    )


def not_ready() -> Refusal:
    """The container is still being made."""
    return no(9007, "Media ID is not available", subcode=2207027)


def no_container() -> Refusal:
    """The container is another's, or too old, or never was."""
    return no(24, "The requested resource does not exist", subcode=2207006)


def over_quota() -> Refusal:
    """As many posts as a day may have."""
    return no(9, "You have reached the maximum number of posts", subcode=2207042)
