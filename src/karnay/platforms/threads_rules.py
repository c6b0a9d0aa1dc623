"""What Threads takes, and how it says no, https://developers.facebook.com/docs/threads/overview."""

from __future__ import annotations

from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.media.asset import Kind
from karnay.media.limits import MEGABYTE, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.graph import CODES, GraphErrors
from karnay.rendering.limits import Doubt
from karnay.text.measure import Counter
from karnay.text.sizes import utf8_bytes

CHARACTERS, LINKS = 500, 5
"""https://developers.facebook.com/documentation/threads/posts"""

THREAD = 25
"""Parts: Threads takes 1,000 replies a day; but an announcement is no book."""

BYTES = Doubt(
    Counter("bytes", CHARACTERS, utf8_bytes),
    "{used} bytes of UTF-8: Threads' documents count characters, but its server has been seen to "
    "refuse more than {limit} bytes",
)
"""Seen by https://github.com/gitroomhq/postiz-app/pull/1946."""

NO_CARD = Doubt(
    Counter("cards", 0, lambda _text: 1),
    "the attached link is left out: Threads shows its card under words alone, not beside files",
)
"""https://developers.facebook.com/docs/threads/create-posts#link-attachments"""

ITEMS, ALT = 20, 1_000
"""https://developers.facebook.com/docs/threads/posts#carousel-posts and /posts/accessibility"""

MEDIA = MediaLimits(
    most=ITEMS,
    images=ImageLimits(
        formats=("image/jpeg", "image/png"),
        max_bytes=8 * MEGABYTE,
        max_width=1_440,
        min_width=320,
        min_ratio=1 / 10,
        max_ratio=10,
    ),
    videos=VideoLimits(
        formats=("video/mp4", "video/quicktime"),
        max_bytes=1_000 * MEGABYTE,
        max_seconds=300,
        max_width=1_920,
        min_ratio=0.01,
        max_ratio=10,
        max_fps=60,
        codecs=("h264", "hevc"),
        audio_codecs=("aac",),
    ),
    most_videos=ITEMS,
    mixed=True,
    alt=ALT,
    described=frozenset({Kind.IMAGE, Kind.VIDEO}),
    fetched=frozenset({Kind.IMAGE, Kind.VIDEO}),
)
"""https://developers.facebook.com/docs/threads/overview#image-specifications and what follows"""

ERRORS = GraphErrors(
    codes={
        **CODES,
        # The server's own trouble: nothing tells how far it got.
        **dict.fromkeys((-1, -2), OutcomeUnknown),
        2207051: OutcomeUnknown,  # "action is blocked": on Instagram, it has been public
        4279009: Transient,  # a container or a post that is not to be seen yet, though ready
        **dict.fromkeys((9004, 2207052), Transient),  # the file could not be fetched
        **dict.fromkeys((9, 2207042), RateLimited),  # as many posts as a day may have
        4279013: AccountError,  # the profile is restricted
        **dict.fromkeys((24, 4279071), Rejected),  # what is not there; a topic that is none
    }
)
"""No page of Meta's lists them; seen by https://github.com/gitroomhq/postiz-app/pull/2047 and by
https://github.com/gitroomhq/postiz-app/blob/main/libraries/nestjs-libraries/src/integrations/social/threads.provider.ts
"""

READING = GraphErrors(codes=ERRORS.codes, faults={(100, 33): Transient})
"""A container, or a post, that is not to be seen at times, and is there all the same."""
