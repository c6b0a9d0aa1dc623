"""What Threads refuses of a text, of its topic and links, and of the files that it has fetched.

https://developers.facebook.com/docs/threads/posts and https://developers.facebook.com/docs/threads/overview
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from karnay.sandbox.graph import invalid, no
from karnay.sandbox.marks import detected

if TYPE_CHECKING:
    from karnay.sandbox.http import Refusal
    from karnay.sandbox.pictures import Look

NAME = "threads"
LONGEST, MOST_LINKS, LONGEST_ALT, LONGEST_TOPIC = 500, 5, 1_000, 50
FEWEST_ITEMS, MOST_ITEMS = 2, 20
MOST_PICTURE_BYTES, NARROWEST, STEEPEST = 8 * 1024 * 1024, 320, 10
MOST_VIDEO_BYTES, LONGEST_VIDEO, WIDEST_VIDEO = 1_000_000_000, 300, 1_920
PICTURES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4", "video/quicktime"})
AUDIENCES = frozenset(
    {
        "everyone",
        "accounts_you_follow",
        "mentioned_only",
        "parent_post_author_only",
        "followers_only",
    }
)
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Emoji_Modifier}")
_TAG = re.compile(r"#(?=\w)")


def check_text(text: str, attached: str) -> None:
    """Its length, an emoji counted as its bytes, and how many different links there are."""
    more = sum(len(found.encode()) - 1 for found in _EMOJI.findall(text))
    if len(text) + more > LONGEST:
        raise invalid("Param text must be at most 500 characters long.")
    links = {mark.target for mark in detected(text) if mark.kind == "link"}
    if len(links | ({attached} if attached else set())) > MOST_LINKS:
        raise no(100, "THREADS_API__LINK_LIMIT_EXCEEDED")


def check_topic(topic: str) -> None:
    """Up to 50 characters, no full stop and no ampersand."""
    if len(topic) > LONGEST_TOPIC or set(topic) & set(".&"):
        raise no(100, "The topic tag is invalid", subcode=4279071)


def check_attached(link: str, kind: str) -> None:
    """An address, under words alone."""
    if link and kind != "TEXT":
        raise invalid("link_attachment is only for posts whose media_type is TEXT")
    if link and not re.fullmatch(r"https?://\S+", link):
        raise invalid("Param link_attachment must be a valid URL")


def check_audience(name: str) -> None:
    """One of the five that are documented."""
    if name and name not in AUDIENCES:
        raise invalid("Param reply_control is none of its values")


def check_alt(text: str) -> None:
    """A picture or a video is described with up to 1,000 characters."""
    if len(text) > LONGEST_ALT:
        raise invalid("Param alt_text must be at most 1000 characters long.")


def shows(look: Look, size: int) -> bool:
    """Whether the bytes are a picture of a kind, size and shape that Threads shows."""
    return (
        look.mime in PICTURES
        and look.whole
        and size <= MOST_PICTURE_BYTES
        and look.width >= NARROWEST
        and 1 / STEEPEST <= look.ratio <= STEEPEST
    )


def plays(look: Look, size: int) -> str:
    """What keeps the bytes from being a video on Threads; empty where nothing does."""
    if look.mime not in VIDEOS or not look.whole:
        return "FAILED_PROCESSING_VIDEO"
    if not 0 < look.seconds <= LONGEST_VIDEO:
        return "INVALID_DURATION"
    return "" if size <= MOST_VIDEO_BYTES and look.width <= WIDEST_VIDEO else "UNKNOWN"


def with_topic(text: str) -> str:
    """The text as its post shows it: the first hashtag is its topic, and loses the sign."""
    return _TAG.sub("", text, count=1)


def not_fetched() -> Refusal:
    """The address gives no file that could be shown."""
    said = "The media could not be fetched from this URI."
    return no(100, "Media download has failed.", subcode=2207052, error_user_msg=said)


def not_there() -> Refusal:
    """The container, or the post, is another's, too old, not ready, or never was."""
    said = "The media with that id cannot be found."
    return no(
        24,
        "The requested resource does not exist",
        subcode=4279009,
        is_transient=False,
        error_user_title="Media Not Found",
        error_user_msg=said,
    )


def over_quota() -> Refusal:
    """As many posts, or replies, as a day may have."""
    return no(9, "You have reached the maximum number of posts", subcode=2207042)
