"""Files on X: which it takes, and the requests that bring them there.

https://docs.x.com/x-api/media/quickstart/best-practices
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.errors import NotReady, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.base import Effect, Key, Receipt, Step
from karnay.platforms.calls import Call, File, Form, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from karnay.media.asset import Asset
    from karnay.platforms.calls import Body
    from karnay.platforms.x_desk import Details

LIMITS = MediaLimits(
    most=4,
    images=ImageLimits(
        formats=("image/jpeg", "image/png", "image/gif", "image/webp"),
        max_bytes=5_000_000,
        animated=True,
        max_animated_bytes=15_000_000,
        max_animated_pixels=1280 * 1080,
        max_frames=350,
    ),
    videos=VideoLimits(
        formats=("video/mp4", "video/quicktime", "video/webm", "video/mp2t"),
        max_bytes=512_000_000,
        min_seconds=0.5,
        max_seconds=140,
        max_width=1280,
        max_height=1024,
        min_side=32,
        min_ratio=1 / 3,
        max_ratio=3,
        max_fps=60,
        codecs=("h264",),
        audio_codecs=("aac",),
    ),
    animated_alone=True,
    alt=1000,
    described=frozenset({Kind.IMAGE}),
)
"""Four photographs, or one GIF that moves, or one video.

Descriptions are of pictures and GIFs alone:
https://developer.x.com/en/docs/media/upload-media/api-reference/post-media-metadata-create
"""

PIECE = 2_000_000
"""Bytes of a request: X names no limit, and 5 MB was too many for it.

https://github.com/abraham/twitteroauth/issues/1257; at most 1,000 pieces: https://api.x.com/2/openapi.json
"""

LOOK_AGAIN = timedelta(seconds=5)
"""How long a file is left alone that X works on, where it does not say `check_after_secs`."""


def carrying(assets: Sequence[Asset], details: Details, key: Key) -> list[Step]:
    """The steps that bring the files there, in their order, and describe them."""
    numbered = enumerate(assets, start=1)
    calls = (call for number, asset in numbered for call in _calls(asset, number, details.api))
    signed = {"Authorization": details.authorization}
    return [
        Step(name, Effect.SAFE, key.step(name), Call(method, url, signed, body, refs))
        for name, method, url, body, refs in calls
    ]


def attached(numbers: range) -> Mapping[str, Any]:
    """The part of a post's body that names its files, by their numbers among all of them."""
    return {"media": {"media_ids": [Ref(f"upload-{number}") for number in numbers]}}


_Call = tuple[str, str, str, "Body", "Mapping[str, Ref]"]


def _calls(asset: Asset, number: int, api: str) -> Iterator[_Call]:
    in_pieces = asset.animated or asset.kind is Kind.VIDEO
    yield from (_in_pieces if in_pieces else _at_once)(asset, number, api)
    if asset.alt and asset.kind in LIMITS.described:
        described = {"alt_text": {"text": asset.alt}}
        body = {"id": Ref(f"upload-{number}"), "metadata": described}
        yield f"describe-{number}", "POST", f"{api}/2/media/metadata", body, {}


def _at_once(asset: Asset, number: int, api: str) -> Iterator[_Call]:
    """https://docs.x.com/x-api/media/upload-media"""
    form = Form({"media_category": "tweet_image", "media": File(asset)})
    yield f"upload-{number}", "POST", f"{api}/2/media/upload", form, {}


def _in_pieces(asset: Asset, number: int, api: str) -> Iterator[_Call]:
    """https://docs.x.com/x-api/media/quickstart/media-upload-chunked"""
    uploads, refs = f"{api}/2/media/upload", {"media": Ref(f"upload-{number}")}
    begun = {
        "media_type": asset.mime,
        "total_bytes": asset.size,
        "media_category": "tweet_video" if asset.kind is Kind.VIDEO else "tweet_gif",
    }
    yield f"upload-{number}", "POST", f"{uploads}/initialize", begun, {}
    for index, start in enumerate(range(0, asset.size, PIECE)):
        piece = File(asset, start, min(PIECE, asset.size - start))
        form = Form({"segment_index": index, "media": piece})
        yield f"append-{number}-{index + 1}", "POST", f"{uploads}/{{media}}/append", form, refs
    yield f"finalize-{number}", "POST", f"{uploads}/{{media}}/finalize", None, refs
    yield f"await-{number}", "GET", f"{uploads}?command=STATUS&media_id={{media}}", None, refs


def reading(step: Step, now: datetime) -> Callable[[Any], Receipt] | None:
    """How to read the answer to a step that carries files; None for other steps.

    An answer that the file is not ready raises NotReady, that it cannot be used Rejected.
    """
    match step.name.partition("-")[0]:
        case "upload" | "finalize" | "describe":
            return _uploaded
        case "append":
            return lambda _: Receipt(step.name.rpartition("-")[2])
        case "await":
            return lambda body: _worked_on(body, now)
        case _:
            return None


def _uploaded(body: Mapping[str, Any]) -> Receipt:
    return Receipt(str(body["data"]["id"]))


def _worked_on(body: Mapping[str, Any], now: datetime) -> Receipt:
    """States: https://docs.x.com/x-api/media/get-media-upload-status; none: X is done with it."""
    work = body["data"].get("processing_info") or {"state": "succeeded"}
    match work["state"]:
        case "succeeded":
            return _uploaded(body)
        case "failed":
            why = (work.get("error") or {}).get("message") or "it does not say why"
            raise Rejected(f"X cannot use the file: {why}")
        case _:
            wait = timedelta(seconds=int(work.get("check_after_secs") or 0)) or LOOK_AGAIN
            raise NotReady("X is still working on the file", now + wait)
