"""What the bytes of a file show, as a network sees them: kind, size, frames, what else is told."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

_GPS, _ORIENTATION = 34853, 274
_PDF, _TYPE = b"%PDF-", b"ftyp"


@dataclass(frozen=True, slots=True)
class Look:
    """`kind` is image, video, document or unknown; sides in pixels, `seconds` of a video.

    `whole`: the file can be read to its end. `turned` and `located`: its metadata says that it is
    to be turned, and where it was taken.
    """

    kind: str
    mime: str
    width: int = 0
    height: int = 0
    frames: int = 1
    seconds: float = 0
    whole: bool = True
    turned: bool = False
    located: bool = False

    @property
    def ratio(self) -> float:
        """Width by height."""
        return self.width / self.height if self.height else 0


def look(content: bytes) -> Look:
    """What these bytes are."""
    if content.startswith(_PDF):
        return Look("document", "application/pdf", whole=b"%%EOF" in content[-2048:])
    if content[4:8] == _TYPE:
        return _film(content)
    try:
        return _picture(content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return Look("unknown", "application/octet-stream", whole=False)


def _picture(content: bytes) -> Look:
    with warnings.catch_warnings(), Image.open(io.BytesIO(content)) as image:
        warnings.simplefilter("ignore")
        exif = image.getexif()
        return Look(
            "image",
            Image.MIME[image.format or ""],
            *image.size,
            frames=getattr(image, "n_frames", 1),
            whole=_is_whole(content),
            turned=exif.get(_ORIENTATION, 1) != 1,
            located=bool(exif.get_ifd(_GPS)),
        )


def _is_whole(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _film(content: bytes) -> Look:
    """https://developer.apple.com/documentation/quicktime-file-format: atoms within atoms."""
    mime = "video/quicktime" if content[8:10] == b"qt" else "video/mp4"
    seconds, width, height = 0.0, 0, 0
    for name, body in _atoms(content):
        if name == b"mvhd":
            scale, length = struct.unpack(">II", body[12:20])
            seconds = length / scale if scale else 0
        if name == b"tkhd" and not width:
            width, height = (side >> 16 for side in struct.unpack(">II", body[-8:]))
    return Look("video", mime, width, height, seconds=seconds, whole=seconds > 0)


def _atoms(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        size = size if size >= 8 else len(content) - at  # 0: to the end of the file
        body = content[at + 8 : at + size]
        if name in (b"moov", b"trak"):
            yield from _atoms(body)
        else:
            yield name, body
        at += size
