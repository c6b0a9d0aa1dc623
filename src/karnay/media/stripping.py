"""Takes everything out of a picture's file that is not the picture, without encoding it anew.

Where it was taken, by which camera, notes, thumbnails, colour profiles, further pictures behind it.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from karnay.media.sniffing import GIF, JPEG, PNG, WEBP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_JFIF, _ADOBE = 0xE0, 0xEE  # density, and which colour space the numbers are in
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # ITU-T T.81, B.1.1.2; RSTn belong to a scan
_SCAN, _END = 0xDA, 0xD9
_APPLICATIONS, _COMMENT = range(0xE0, 0xF0), 0xFE

# https://www.w3.org/TR/png-3/#11Chunks: what decides how the picture looks
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"IDAT", b"IEND"}
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class Damaged(ValueError):
    """The file ends too early, or is not built as its kind must be."""


def stripped(content: bytes, mime: str) -> bytes | None:
    """The same picture, and nothing else; None for a kind that has to be encoded anew.

    Raises Damaged.
    """
    strip = _STRIPPERS.get(mime)
    try:
        return b"".join(strip(content)) if strip else None
    except (IndexError, struct.error):
        raise Damaged from None


def frames(content: bytes) -> int:
    """How many pictures a GIF shows one after the other. Raises Damaged."""
    try:
        return sum(block[:1] == b"," for block in _gif_blocks(content))
    except IndexError:
        raise Damaged from None


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at = 2
    while (found := _MARKER.search(content, at)) is not None:
        code, begin = found[1][0], found.end() - 2
        if code == _END:
            yield content[begin : begin + 2]
            return
        (length,) = struct.unpack_from(">H", content, begin + 2)
        at = begin + 2 + length
        if code == _SCAN:
            at = _scan_end(content, at)
        if code in (_JFIF, _ADOBE) or code not in (*_APPLICATIONS, _COMMENT):
            yield content[begin:at]
    raise Damaged


def _scan_end(content: bytes, at: int) -> int:
    found = _MARKER.search(content, at)
    if found is None:
        raise Damaged
    return found.start()


def _png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at = 8
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        end = _inside(content, at + 12 + length)
        if name in _CHUNKS:
            yield content[at:end]
        if name == b"IEND":
            return
        at = end


def _webp(content: bytes) -> Iterator[bytes]:
    chunks = [(name, chunk) for name, chunk in _riff(content) if name not in _WEBP_EXTRAS]
    body = b"".join(_plain(name, chunk) for name, chunk in chunks)
    yield b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


_WEBP_EXTRAS = (b"EXIF", b"XMP ", b"ICCP")
_WEBP_FLAGS = 0x20 | 0x08 | 0x04
"""ICC, Exif, XMP: https://developers.google.com/speed/webp/docs/riff_container"""


def _plain(name: bytes, chunk: bytes) -> bytes:
    return chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:] if name == b"VP8X" else chunk


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    (length,) = struct.unpack_from("<I", content, 4)
    at = 12
    while at < min(length + 8, len(content)):
        name, size = struct.unpack_from("<4sI", content, at)
        end = _inside(content, at + 8 + size) + size % 2
        yield name, content[at:end]
        at = end


def _inside(content: bytes, end: int) -> int:
    if end > len(content):
        raise Damaged
    return end


def _gif(content: bytes) -> Iterator[bytes]:
    for block in _gif_blocks(content):
        if not block.startswith(b"!\xfe") and not _is_note(block):
            yield block


def _is_note(block: bytes) -> bool:
    return block.startswith(b"!\xff") and block[3:14] not in _LOOPS


def _gif_blocks(content: bytes) -> Iterator[bytes]:
    """Head, extensions, pictures, end: https://www.w3.org/Graphics/GIF/spec-gif89a.txt"""
    at = 13 + _colours(content[10])
    yield content[:at]
    while content[at] != 0x3B:
        end = _block_end(content, at)
        yield content[at:end]
        at = end
    yield b";"


def _block_end(content: bytes, at: int) -> int:
    if content[at] == 0x21:
        return _last(content, at + 2)
    if content[at] == 0x2C:
        return _last(content, at + 10 + _colours(content[at + 9]) + 1)
    raise Damaged


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _last(content: bytes, at: int) -> int:
    while content[at]:
        at += content[at] + 1
    return at + 1


_STRIPPERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    JPEG: _jpeg,
    PNG: _png,
    WEBP: _webp,
    GIF: _gif,
}
