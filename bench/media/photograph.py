"""A photograph that nobody took: as large, as heavy and as talkative as a real one."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

SIZE = (6000, 4000)
"""Pixels: 24 millions."""

_GRAINS = {64: 0.3, 16: 0.3, 8: 0.3, 4: 0.3, 2: 0.3, 1: 0.1}
"""How coarse, in pixels, and how much of it: nature has detail at every scale, lenses lose some."""

_LYING, _CAMERA, _LOCATION = 6, "Kamera & Co", {1: "N", 2: (41.0, 18.0, 40.0)}


def take(file: Path) -> None:
    """Write it: a JPEG of some 10 MB that lies on its side and tells where it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = _LYING, _CAMERA
    exif.get_ifd(0x8825).update(_LOCATION)
    Image.merge("RGB", _colours()).save(file, "JPEG", quality=95, exif=exif)


def _colours() -> list[Image.Image]:
    scene = Image.radial_gradient("L").resize(SIZE)
    light = Image.linear_gradient("L").resize(SIZE)
    detail = _detail()
    return [Image.blend(one, detail, 0.5) for one in (scene, light, scene)]


def _detail() -> Image.Image:
    picture = Image.new("L", SIZE, 128)
    for grain, share in _GRAINS.items():
        picture = Image.blend(picture, _noise(grain), share)
    return picture


def _noise(grain: int) -> Image.Image:
    small = Image.effect_noise((SIZE[0] // grain, SIZE[1] // grain), 80)
    return small.resize(SIZE, Image.Resampling.BICUBIC)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
