"""What Facebook refuses of a Page's post, picture or video.

https://developers.facebook.com/docs/graph-api/reference/page/feed
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from karnay.sandbox.graph import invalid, no

if TYPE_CHECKING:
    from karnay.sandbox.http import Refusal
    from karnay.sandbox.pictures import Look

LONGEST = 63_206  # UTF-16 units; on no official page
MOST_PICTURES = 10
MOST_PICTURE_BYTES = 4_000_000
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"})
VIDEOS = frozenset({"video/mp4", "video/quicktime"})
LONGEST_ALT = 1_000


def check_text(text: str) -> None:
    """At most 63,206 units."""
    if len(text.encode("utf-16-le")) // 2 > LONGEST:
        raise invalid("Message is too long")


def check_link(link: str) -> None:
    """An address that Facebook can read; the sandbox takes any but those of `.invalid`."""
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise no(100, "(#100) link URL is not properly formatted", subcode=1500)
    if parts.hostname.endswith(".invalid"):
        raise no(100, "The link could not be read.", subcode=1609005)


def check_picture(look: Look, size: int, alt: str) -> None:
    """A whole picture of a known kind that does not move, of 4 MB at most."""
    if look.mime not in PICTURES or not look.whole or look.frames > 1 or size > MOST_PICTURE_BYTES:
        said = "Your photos couldn't be uploaded. Photos should be less than 4 MB and saved as "
        raise no(324, f"{said}JPG, PNG, GIF or TIFF files.", subcode=1366046)
    if len(alt) > LONGEST_ALT:
        raise invalid("alt_text_custom is too long")


def check_video(look: Look) -> None:
    """A whole video of a known kind."""
    if look.mime not in VIDEOS or not look.whole:
        raise no(352, "The video file you selected is in a format that we don't support.")


def duplicate() -> Refusal:
    """The words are those of the last post."""
    return no(506, "(#506) Duplicate status message")


def used() -> Refusal:
    """A picture is in another post already."""
    return no(100, "These photos were already posted.", subcode=1366051)
