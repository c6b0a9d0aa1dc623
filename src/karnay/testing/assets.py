"""Assets of the bench: pictures, a film and a document, as far as a network looks at them."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from karnay.media.asset import Asset, Kind

if TYPE_CHECKING:
    from karnay.media.limits import MediaLimits

SIZE = (1200, 900)
SECONDS = 12.5
ALTS = (
    "The two heads sign; a 🕊 and ўзбек flags",
    "Делегация у входа",
    'A "third" <picture> & more',
)


@dataclass
class Shelf:
    """Holds what the bench's assets are made of."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def open(self, name: str) -> BinaryIO:
        """The file of that hash."""
        return io.BytesIO(self.contents[name])

    def pictures(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """As many pictures as one part takes, three at most; none where none are taken."""
        if limits.images is None:
            return ()
        mime = limits.images.formats[0]
        numbers = range(min(limits.most, len(ALTS)))
        return tuple(self._asset(Kind.IMAGE, mime, number) for number in numbers)

    def film(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """A video, where the network takes any."""
        return (self._asset(Kind.VIDEO, limits.videos.formats[0], 0),) if limits.videos else ()

    def document(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """A document, where the network takes any."""
        taken = limits.documents
        return (self._asset(Kind.DOCUMENT, taken.formats[0], 0),) if taken else ()

    def _asset(self, kind: Kind, mime: str, number: int) -> Asset:
        content = _CONTENTS[kind](mime, number)
        name = hashlib.sha256(content).hexdigest()
        self.contents[name] = content
        width, height = (0, 0) if kind is Kind.DOCUMENT else SIZE
        return Asset(
            kind=kind,
            name=f"{kind.value}-{number}.{mime.partition('/')[2]}",
            hash=name,
            mime=mime,
            size=len(content),
            width=width,
            height=height,
            seconds=SECONDS if kind is Kind.VIDEO else 0,
            alt=ALTS[number],
        )


@cache
def picture(mime: str, number: int) -> bytes:
    """A picture in one colour, another for each number."""
    colour = ("#1d4f8b", "#c8102e", "#2f9e44")[number % 3]
    file = io.BytesIO()
    Image.new("RGB", SIZE, colour).save(file, mime.partition("/")[2])
    return file.getvalue()


@cache
def film(mime: str, number: int) -> bytes:
    """The beginning of a film without a scene: its kind, its length and its sides.

    https://developer.apple.com/documentation/quicktime-file-format
    """
    kind = b"qt  " if mime == "video/quicktime" else b"mp42"
    length = struct.pack(">12xII80x", 1000, int(SECONDS * 1000))
    width, height = SIZE
    sides = struct.pack(">76xII", width << 16, height << 16)
    moov = _box(b"mvhd", length) + _box(b"trak", _box(b"tkhd", sides))
    padding = _box(b"free", bytes([number]) * 100_000)
    return _box(b"ftyp", kind + bytes(4)) + _box(b"moov", moov) + padding


@cache
def document(_mime: str, number: int) -> bytes:
    """A PDF that says nothing."""
    return b"%PDF-1.7\n" + str(number).encode() * 100 + b"\n%%EOF\n"


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


_CONTENTS = {Kind.IMAGE: picture, Kind.VIDEO: film, Kind.DOCUMENT: document}
