"""Nothing but the picture stays in a file, and the picture stays as it is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from karnay.media.sniffing import GIF, JPEG, PNG, WEBP
from karnay.media.stripping import Damaged, frames, stripped
from media_files import animation, encoded, photograph, picture

SECRET = b"41.311 N, 69.279 E"
XMP_IN_GIF = b"!\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0"


def exif() -> Image.Exif:
    """Exif that says where it was."""
    made = Image.Exif()
    made[0x010E] = SECRET.decode()
    return made


def pixels(content: bytes) -> bytes:
    """What there is to see."""
    return Image.open(io.BytesIO(content)).convert("RGBA").tobytes()


@pytest.mark.parametrize(
    ("mime", "kind", "how"),
    [
        (JPEG, "JPEG", {"exif": exif(), "comment": SECRET, "xmp": SECRET}),
        (JPEG, "JPEG", {"exif": exif(), "progressive": True}),
        (JPEG, "JPEG", {"exif": exif(), "restart_marker_rows": 1}),
        (PNG, "PNG", {"exif": exif(), "icc_profile": SECRET}),
        (WEBP, "WEBP", {"exif": exif().tobytes(), "xmp": SECRET, "icc_profile": SECRET}),
        (GIF, "GIF", {"comment": SECRET}),
    ],
)
def test_only_the_picture_stays(mime: str, kind: str, how: dict[str, Any]) -> None:
    whole = encoded(picture(), kind, **how)
    bare = stripped(whole, mime)
    assert bare is not None
    assert (SECRET in whole, SECRET in bare) == (True, False)
    assert pixels(bare) == pixels(whole)
    assert stripped(bare, mime) == bare


def test_what_hangs_behind_a_photograph_is_cut_off() -> None:
    bare = stripped(photograph() + photograph() + SECRET, JPEG)
    assert bare == stripped(photograph(), JPEG)


def test_notes_in_a_moving_picture_are_taken_out_and_its_loop_is_not() -> None:
    head = animation().index(b"!")
    noted = animation()[:head] + XMP_IN_GIF + animation()[head:]
    bare = stripped(noted, GIF)
    assert bare is not None
    assert bare == stripped(animation(), GIF)
    assert b"NETSCAPE2.0" in bare


def test_the_pictures_of_an_animation_are_counted() -> None:
    assert frames(animation(4)) == 4


def test_other_kinds_must_be_encoded_anew() -> None:
    assert stripped(encoded(picture(), "BMP"), "image/bmp") is None


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (photograph()[:-2], JPEG),
        (photograph()[:40], JPEG),
        (encoded(picture(), "PNG")[:-4], PNG),
        (encoded(picture(), "PNG")[:20], PNG),
        (animation()[:-1], GIF),
        (animation()[:11], GIF),
        (animation()[:-1] + b"\x99;", GIF),
    ],
)
def test_a_file_that_is_cut_off_is_damaged(content: bytes, mime: str) -> None:
    with pytest.raises(Damaged):
        stripped(content, mime)
