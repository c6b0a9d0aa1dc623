"""Files for the media's tests, made here: photographs, drawings, films, documents."""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

TASHKENT = {1: "N", 2: (41.0, 18.0, 40.0), 3: "E", 4: (69.0, 16.0, 45.0)}
"""The GPS entries of Exif: latitude and longitude."""


def picture(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Something to look at: no two corners alike, and noise enough to weigh something."""
    red = Image.linear_gradient("L").resize(size)
    green = red.rotate(90).resize(size)
    blue = Image.radial_gradient("L").resize(size)
    return Image.merge("RGB", (red, green, blue)).convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """The picture as a file of that kind."""
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()


def photograph(
    size: tuple[int, int] = (60, 40), *, orientation: int = 1, place: Mapping[int, Any] = TASHKENT
) -> bytes:
    """A JPEG as a telephone writes it: which way up, by which camera, and where."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Kamera & Co", orientation
    exif.get_ifd(0x8825).update(place)
    return encoded(picture(size), exif=exif, comment=b"a note")


def swapped_profile() -> bytes:
    """A colour profile in which red means green, and green red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return renamed.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")


def animation(frames: int = 3, size: tuple[int, int] = (60, 40)) -> bytes:
    """A GIF that moves, with a comment."""
    pictures = [picture(size).rotate(90 * index).convert("P") for index in range(frames)]
    return encoded(
        pictures[0], "GIF", save_all=True, append_images=pictures[1:], loop=0, comment=b"a note"
    )


def film(
    file: Path, *, seconds: float = 1, size: tuple[int, int] = (64, 48), codec: str = "mpeg4"
) -> Path:
    """A silent video of ten pictures a second; its container follows from the file's name."""
    import av

    with av.open(str(file), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(round(seconds * 10)):
            frame = av.VideoFrame.from_image(picture(size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file


def document(pages: int = 1, password: str = "") -> bytes:
    """A PDF of blank pages."""
    from pypdf import PdfWriter

    writer, made = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(made)
    return made.getvalue()


def huge(width: int, height: int) -> bytes:
    """A small PNG that says it is that large."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
