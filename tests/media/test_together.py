"""What the files of one part may be together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from karnay.media.asset import Asset, Kind
from karnay.media.limits import MediaLimits
from karnay.media.together import together

LIMITS = MediaLimits(most=4, alt=10)
PICTURE = Asset(Kind.IMAGE, "hall.jpg", "0" * 64, "image/jpeg", 1)
VIDEO = replace(PICTURE, kind=Kind.VIDEO)
DOCUMENT = replace(PICTURE, kind=Kind.DOCUMENT)


@pytest.mark.parametrize(
    ("assets", "limits", "says"),
    [
        ([PICTURE] * 5, LIMITS, "5 files; this network takes 4 at most: leave some out"),
        ([], replace(LIMITS, least=1), "no file; this network wants 1 at least: add some"),
        ([VIDEO] * 2, LIMITS, "2 videos; this network takes 1 at most"),
        ([DOCUMENT] * 2, LIMITS, "2 documents; this network takes 1 at most"),
        (
            [PICTURE, VIDEO],
            LIMITS,
            "pictures and a video do not go together on this network: leave out one kind",
        ),
        (
            [PICTURE, DOCUMENT],
            replace(LIMITS, mixed=True),
            "a document goes with no other kind of file: leave out one kind",
        ),
        (
            [PICTURE, replace(PICTURE, name="loop.gif", animated=True)],
            replace(LIMITS, animated_alone=True),
            "loop.gif moves, and goes with no other file on this network: leave one out",
        ),
        (
            [replace(PICTURE, alt="e\u0301" * 5 + "!")],
            LIMITS,
            "the description of hall.jpg has 11 characters; this network takes 10 at most: shorten",
        ),
    ],
)
def test_what_does_not_go_together_is_said(
    assets: list[Asset], limits: MediaLimits, says: str
) -> None:
    assert together(assets, limits) == (says,)


@pytest.mark.parametrize(
    ("assets", "limits"),
    [
        ([PICTURE] * 4, LIMITS),
        ([], LIMITS),
        ([PICTURE, VIDEO], replace(LIMITS, mixed=True)),
        ([DOCUMENT] * 3, replace(LIMITS, most_documents=3)),
        ([replace(PICTURE, alt="as long as you like")], replace(LIMITS, alt=0)),
        (
            [replace(VIDEO, alt="as long as you like")],
            replace(LIMITS, described=frozenset({Kind.IMAGE})),
        ),
    ],
)
def test_what_goes_together_is_no_problem(assets: list[Asset], limits: MediaLimits) -> None:
    assert together(assets, limits) == ()
