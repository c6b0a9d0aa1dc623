"""Images, videos and documents: addresses that take bytes, and what is made of these.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api (videos-api,
documents-api)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.linkedin.asking import no
from karnay.sandbox.pictures import look

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

PIECE = 4_194_304
LIVES = timedelta(days=1)
"""How long an address takes bytes."""

WORKS_FOR: Mapping[str, timedelta] = {
    "image": timedelta(),
    "video": timedelta(seconds=3),
    "document": timedelta(seconds=2),
}
MOST_PIXELS, MOST_FRAMES = 36_152_319, 250
SMALLEST_FILM, LARGEST_FILM, LARGEST_DOCUMENT = 75_000, 500_000_000, 100_000_000
_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif"})


@dataclass
class Slot:
    """A file that was announced: its pieces so far, and what became of it."""

    urn: str
    kind: str
    owner: str
    size: int  # bytes that were announced; 0 where none were
    expires: datetime
    pieces: dict[int, bytes] = field(default_factory=dict)
    upload: Upload | None = None

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The first and the last byte of each piece."""
        return [(at, min(at + PIECE, self.size) - 1) for at in range(0, self.size, PIECE)] or [
            (0, 0)
        ]

    def etag(self, number: int) -> str:
        """What the piece's address answers."""
        return hashlib.sha256(self.pieces[number]).hexdigest()[:32]

    def content(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces[number] for number in sorted(self.pieces))


class Shelf:
    """The files of all members and organizations."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)
        self._slots: dict[str, Slot] = {}

    def announce(self, kind: str, owner: str, size: int = 0) -> Slot:
        """Make room for a file."""
        urn = f"urn:li:{kind}:C4E10AQ{next(self._numbers):012}"
        slot = Slot(urn, kind, owner, size, self.world.clock.now() + LIVES)
        self._slots[urn] = slot
        return slot

    def slot(self, urn: Any, kind: str) -> Slot:
        """The file of that URN. Raises Refusal."""
        found = self._slots.get(urn) if isinstance(urn, str) else None
        if found is None or found.kind != kind:
            raise no(400, f"Invalid URN: {urn}", "INVALID_URN_ID")
        return found

    def take(self, slot: Slot, number: int, content: bytes) -> str:
        """Take a piece; returns its ETag. Raises Refusal."""
        if self.world.clock.now() >= slot.expires:
            raise no(400, "The upload URL has expired", "EXPIRED_UPLOAD_URL")
        first, last = slot.ranges[number - 1]
        if not content or (slot.size and len(content) != last - first + 1):
            raise no(400, f"Expected bytes {first} to {last}", "UPDATING_ASSET_FAILED")
        slot.pieces[number] = content
        if not slot.size:
            self._work_on(slot)
        return slot.etag(number)

    def finish(self, slot: Slot, etags: Any) -> None:
        """Put the pieces together. Raises Refusal unless these are all, in their order."""
        held = [slot.etag(number) for number in sorted(slot.pieces)]
        if len(held) != len(slot.ranges) or etags != held:
            raise no(400, "uploadedPartIds do not match the upload", "UPDATING_ASSET_FAILED")
        self._work_on(slot)

    def _work_on(self, slot: Slot) -> None:
        slot.upload = self.world.media.put(
            "linkedin",
            slot.owner,
            slot.content(),
            name=slot.urn,
            now=self.world.clock.now(),
            takes=WORKS_FOR[slot.kind],
        )

    def status(self, slot: Slot) -> str:
        """What the API says of the file."""
        if slot.upload is None:
            return "WAITING_UPLOAD"
        if not slot.upload.is_ready(self.world.clock.now()):
            return "PROCESSING"
        return "PROCESSING_FAILED" if fault(slot) else "AVAILABLE"

    def attached(self, urn: Any, kind: str, author: str, alt: str = "") -> Upload:
        """The file for a post. Raises Refusal.

        A picture may still be worked on: the post is shown once it is ready.
        """
        slot = self.slot(urn, kind)
        if slot.owner != author:
            raise no(400, f"{urn} is not owned by {author}", "INVALID_URN_ID")
        status = self.status(slot)
        if slot.upload is None or (status == "PROCESSING" and kind != "image"):
            raise no(400, f"{urn} is waiting for its upload", "MEDIA_ASSET_WAITING_UPLOAD")
        if status == "PROCESSING_FAILED":
            raise no(400, f"{urn}: {fault(slot)}", "MEDIA_ASSET_PROCESSING_FAILED")
        return self.world.media.describe(slot.upload, alt)


def fault(slot: Slot) -> str:
    """Why nothing can be made of what was uploaded; empty where something can."""
    content = slot.content()
    seen = look(content)
    if seen.kind != slot.kind or not seen.whole:
        return f"no {slot.kind} that LinkedIn knows"
    return _FAULTS[slot.kind](seen, len(content))


def _image_fault(seen: Any, _size: int) -> str:
    if seen.mime not in _IMAGES:
        return f"{seen.mime} is not supported"
    if seen.width * seen.height > MOST_PIXELS or seen.frames > MOST_FRAMES:
        return "too many pixels or frames"
    return ""


def _video_fault(seen: Any, size: int) -> str:
    if seen.mime != "video/mp4":
        return f"{seen.mime} is not supported"
    if not 3 <= seen.seconds <= 1800:
        return "a video must be of 3 seconds to 30 minutes"
    return "" if SMALLEST_FILM <= size <= LARGEST_FILM else "a video must be of 75 KB to 500 MB"


def _document_fault(_seen: Any, size: int) -> str:
    return "" if size <= LARGEST_DOCUMENT else "a document must be of 100 MB at most"


_FAULTS = {"image": _image_fault, "video": _video_fault, "document": _document_fault}
