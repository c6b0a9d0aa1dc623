"""Films that have only what a look at their boxes needs (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def a_film(seconds: int = 10, size: tuple[int, int] = (720, 1280)) -> bytes:
    """An MP4 of that length and size; it shows nothing."""
    width, height = size
    mvhd = _box(b"mvhd", bytes(12) + struct.pack(">II", 1000, seconds * 1000) + bytes(80))
    sides = struct.pack(">II", width << 16, height << 16)
    tkhd = _box(b"tkhd", bytes(76) + sides)
    moov = _box(b"moov", mvhd + _box(b"trak", tkhd))
    return _box(b"ftyp", b"isom" + bytes(4) + b"isom") + moov + _box(b"mdat", bytes(100))
