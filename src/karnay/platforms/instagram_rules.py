"""What Instagram takes, and how it says no.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference
"""

from __future__ import annotations

from karnay.errors import AccountError, OutcomeUnknown, RateLimited, Rejected, Transient
from karnay.media.limits import MEGABYTE, ImageLimits, VideoLimits
from karnay.platforms.graph import CODES, GraphErrors
from karnay.rendering.limits import Doubt
from karnay.text.instagram import hashtags_in
from karnay.text.measure import Counter

CHARACTERS, HASHTAGS, MENTIONS = 2_200, 30, 20
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"""

FEW_HASHTAGS = Doubt(
    Counter("hashtags", 5, hashtags_in),
    "{used} hashtags: Instagram's documents allow 30, but its app has begun to take {limit} only",
)
"""The app's roll-out, as Ayrshare's documents tell: whether the API follows is not known."""

ITEMS, ALT = 10, 1_000
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"""

IMAGES = ImageLimits(
    formats=("image/jpeg",),
    max_bytes=8 * MEGABYTE,
    max_width=1_440,
    min_width=320,
    min_ratio=4 / 5,
    max_ratio=1.91,
)
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media#image-specifications"""

VIDEOS = VideoLimits(
    formats=("video/mp4", "video/quicktime"),
    max_bytes=300 * MEGABYTE,
    min_seconds=3,
    max_seconds=900,
    max_width=1_920,
    min_ratio=0.01,
    max_ratio=10,
    max_fps=60,
    codecs=("h264", "hevc"),
    audio_codecs=("aac",),
)
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media#reel-specifications"""

ERRORS = GraphErrors(
    codes={
        **CODES,
        # The server's own trouble, or that of fetching a file: nothing is public because of it.
        **dict.fromkeys((-1, -2, 2207001, 2207003, 2207032, 2207053, 2207082), OutcomeUnknown),
        2207051: OutcomeUnknown,  # "action is blocked", and yet it has been public
        1772107: OutcomeUnknown,  # the comment is there, its answer could not be made
        **dict.fromkeys((9004, 9007, 2207008, 2207027, 2207052, 2207077), Transient),
        **dict.fromkeys((9, 2207042), RateLimited),
        **dict.fromkeys((25, 2207050), AccountError),
        **dict.fromkeys((24, 352, 2207006, 2207020, 2207026), Rejected),
        **dict.fromkeys((2207023, 2207028, *range(2207035, 2207038), 2207040), Rejected),
        **dict.fromkeys((36000, 36001, 36003, 36004, 2207057, 2207081), Rejected),
        **dict.fromkeys((2207004, 2207005, 2207009, 2207010), Rejected),
    }
)
"""https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes"""

READING = GraphErrors(codes=ERRORS.codes, faults={(100, 33): Transient})
"""A container, or a post, that is not to be seen at times, and is there all the same."""
