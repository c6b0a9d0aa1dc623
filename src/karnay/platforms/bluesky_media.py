"""What a Bluesky post carries beside its text: blobs, and the embeds that refer to them.

https://docs.bsky.app/docs/advanced-guides/posts#embeds
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.errors import NotReady, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.atproto import BEARER, address
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call, File, Json, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.media.asset import Asset
    from karnay.platforms.base import Key
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Card, Part

_IMAGES, _GALLERY, _VIDEO, _EXTERNAL = (
    f"app.bsky.embed.{kind}" for kind in ("images", "gallery", "video", "external")
)

FEW, MANY = 4, 10
"""Pictures of `app.bsky.embed.images`, and of a gallery, which takes more, but asks clients not to:
https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/gallery.json"""

IMAGES = ImageLimits(
    # `image/*` in the lexicon; no GIF among them, as none is shown moving.
    formats=("image/jpeg", "image/png", "image/webp"),
    max_bytes=2_000_000,
    max_side=4_000,  # of what readers are shown: https://github.com/gesteves/denali/pull/1293
)
LIMITS = MediaLimits(
    most=MANY,
    images=IMAGES,
    videos=VideoLimits(formats=("video/mp4",), max_bytes=300_000_000, max_seconds=600),
    alt=2_000,
)
"""https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json and
`video.json`. Nothing limits a description; this is what Bluesky's own app lets people write."""

THUMBNAILS = replace(IMAGES, max_bytes=1_000_000)
"""https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/external.json"""

LOOK_AGAIN = timedelta(seconds=3)
"""How long a video is left alone that the service is still working on."""

_FAILED = "JOB_STATE_FAILED"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Plans how files get to the server of the account, and to the service that makes videos."""

    server: str
    video: str  # the service's address
    key: Key

    def steps(self, parts: Sequence[Part]) -> Iterator[Step]:
        """All that must be there before the first record may refer to it."""
        for number, asset in enumerate(_carried(parts), start=1):
            yield from self._film(asset, number) if _is_film(asset) else self._blob(asset, number)

    def _blob(self, asset: Asset, number: int) -> Iterator[Step]:
        url = address(self.server, "repo.uploadBlob")
        yield self._step(f"upload-{number}", Call("POST", url, BEARER, File(asset)))

    def _film(self, asset: Asset, number: int) -> Iterator[Step]:
        """Through the service, as only that has players show it from the beginning.

        https://docs.bsky.app/docs/tutorials/video
        """
        upload, file = f"upload-{number}", self.key.step(f"film-{number}")
        who = Call("GET", address(self.server, "server.getSession"), BEARER)
        yield self._step(f"owner-{number}", who)
        sent = f"{self.video}/xrpc/app.bsky.video.uploadVideo?did={{did}}&name={file}.mp4"
        refs = {"did": Ref(f"owner-{number}")}
        yield self._step(upload, Call("POST", sent, SERVICE, File(asset), refs))
        job = f"{self.video}/xrpc/app.bsky.video.getJobStatus?jobId={{job}}"
        yield self._step(f"await-{number}", Call("GET", job, refs={"job": Ref(upload)}))

    def _step(self, name: str, call: Call) -> Step:
        return Step(name, Effect.SAFE, self.key.step(name), call)


SERVICE: Mapping[str, str] = {"Authorization": "Bearer {service}"}
"""The headers of a call to the video service: a token that the account's server gave for it."""


def embed_of(parts: Sequence[Part], index: int) -> Json | None:
    """The one embed of a part: its files, else the card of its link."""
    part = parts[index]
    before = len(list(_carried(parts[:index])))
    blobs = [_blob_of(asset, number) for number, asset in enumerate(_carried([part]), before + 1)]
    if part.media:
        return _of_files(part.media, blobs)
    return _of_card(part.card, blobs) if part.card else None


def _carried(parts: Sequence[Part]) -> Iterator[Asset]:
    """The files of the parts in their order, the picture of a card among them."""
    for part in parts:
        yield from part.media
        if part.card and part.card.thumbnail:
            yield part.card.thumbnail


def _of_files(files: Sequence[Asset], blobs: Sequence[Json]) -> Json:
    if _is_film(files[0]):
        film = {"$type": _VIDEO, "video": blobs[0], **_shape(files[0])}
        return {**film, "alt": files[0].alt} if files[0].alt else film
    shown = [
        {"image": blob, "alt": file.alt, **_shape(file)}
        for file, blob in zip(files, blobs, strict=True)
    ]
    if len(files) <= FEW:
        return {"$type": _IMAGES, "images": shown}
    return {"$type": _GALLERY, "items": [{"$type": f"{_GALLERY}#image", **one} for one in shown]}


def _of_card(card: Card, blobs: Sequence[Json]) -> Json:
    said = {"uri": card.url, "title": card.title, "description": card.description}
    shown = {"thumb": blobs[0]} if blobs else {}
    return {"$type": _EXTERNAL, "external": {**said, **shown}}


def _shape(file: Asset) -> Mapping[str, Json]:
    """Its ratio, so that readers' pages do not jump; a gallery must have it."""
    sides = {"width": file.width, "height": file.height}
    return {"aspectRatio": sides} if all(sides.values()) else {}


def _is_film(asset: Asset) -> bool:
    return asset.kind is Kind.VIDEO


def _blob_of(asset: Asset, number: int) -> Json:
    """What the server said that it has: it may have seen another type in it than we did."""
    step = f"{'await' if _is_film(asset) else 'upload'}-{number}"
    return {
        "$type": "blob",
        "ref": {"$link": Ref(step)},
        "mimeType": Ref(step, "mime"),
        "size": Ref(step, "size", number=True),
    }


def uploaded(body: Mapping[str, Any]) -> Receipt:
    """The receipt of a blob, from the answer to its upload."""
    blob = body["blob"]
    data = {"mime": str(blob["mimeType"]), "size": str(int(blob["size"]))}
    return Receipt(_named(blob["ref"]["$link"]), data=data)


def begun(body: Mapping[str, Any]) -> Receipt:
    """The receipt of a video that the service works on: the name of its job.

    Answers hold the job itself, though the lexicon has it in a member `jobStatus`.
    """
    return Receipt(_named(body.get("jobStatus", body)["jobId"]))


def worked_on(wire: Wire) -> Callable[[Mapping[str, Any]], Receipt]:
    """Reads how far the service is: the blob once it is done; raises NotReady or Rejected."""

    def read(body: Mapping[str, Any]) -> Receipt:
        job = body["jobStatus"]
        if job.get("blob"):  # there, too, when the very same file was made before
            return uploaded(job)
        if job["state"] == _FAILED:
            raise Rejected(f"the video cannot be used: {job.get('message') or job.get('error')}")
        raise NotReady("the network is still working on the video", wire.clock.now() + LOOK_AGAIN)

    return read


def _named(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no name")
    return value
