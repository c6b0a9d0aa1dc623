"""Which files a post may show."""

from __future__ import annotations

from typing import Any

import pytest

from karnay.sandbox.bluesky.embeds import embed_faults

RATIO = {"width": 4, "height": 3}


def a_blob(size: int = 81_234, mime: str = "image/jpeg") -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": "bafkrei"}, "mimeType": mime, "size": size}


def an_image(**changes: Any) -> dict[str, Any]:
    return {"image": a_blob(), "alt": "", "aspectRatio": RATIO, **changes}


def images(*items: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.images", "images": list(items)}


def gallery(*items: dict[str, Any]) -> dict[str, Any]:
    kind = {"$type": "app.bsky.embed.gallery#image"}
    return {"$type": "app.bsky.embed.gallery", "items": [{**kind, **item} for item in items]}


def a_video(**changes: Any) -> dict[str, Any]:
    video = {"video": a_blob(299_000_000, "video/mp4"), "aspectRatio": RATIO}
    return {"$type": "app.bsky.embed.video", **video, **changes}


@pytest.mark.parametrize(
    "embed",
    [
        images(*[an_image()] * 4),
        images({"image": a_blob(2_000_000), "alt": "Ҳаёт"}),
        gallery(*[an_image()] * 20),
        a_video(),
        a_video(alt="A film"),
    ],
)
def test_files_within_the_rules_are_taken(embed: dict[str, Any]) -> None:
    assert list(embed_faults(embed)) == []


@pytest.mark.parametrize(
    ("embed", "fault"),
    [
        (images(*[an_image()] * 5), "array too big (maximum 4, got 5) at $.embed.images"),
        (images({"image": a_blob()}), 'Missing required key "alt" at $.embed.images[0]'),
        (images(an_image(alt=7)), "Expected string value type at $.embed.images[0].alt"),
        (images(an_image(image=None)), "Expected blob value type"),
        (images("a picture"), "Expected object value type at $.embed.images[0]"),
        (images(an_image(image=a_blob(mime="video/mp4"))), "Expected image/*"),
        (
            images(an_image(image=a_blob(2_000_001))),
            "blob too big (maximum 2000000, got 2000001) at $.embed.images[0].image",
        ),
        (images(an_image(aspectRatio={"width": 0, "height": 3})), "integer too small"),
        (images(an_image(aspectRatio={"width": 4})), 'Missing required key "height"'),
        ({"$type": "app.bsky.embed.images"}, 'Missing required key "images"'),
        (gallery({"image": a_blob(), "alt": ""}), 'Missing required key "aspectRatio"'),
        (gallery(*[an_image()] * 21), "array too big (maximum 20, got 21) at $.embed.items"),
        (
            {"$type": "app.bsky.embed.gallery", "items": [an_image()]},
            "Expected app.bsky.embed.gallery#image",
        ),
        (a_video(video=a_blob(300_000_001, "video/mp4")), "blob too big"),
        (a_video(video=a_blob(1, "video/quicktime")), "Expected video/mp4*"),
        (a_video(alt=None), 'Missing required key "alt"'),
    ],
)
def test_files_against_the_rules_are_refused(embed: dict[str, Any], fault: str) -> None:
    assert fault in next(embed_faults(embed))
