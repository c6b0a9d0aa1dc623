"""Which piece of a picture is shown, and how large, so that a network takes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from karnay.media.limits import ImageLimits

Size = tuple[int, int]
Focus = tuple[float, float]

_NEARLY = 1e-9  # what a floating-point product may lack to a whole number

_ALIKE = 0.003  # proportions that nobody can tell apart


@dataclass(frozen=True, slots=True)
class Geometry:
    """The piece `box` (left, top, right, bottom, in pixels of the original), drawn `size` large."""

    box: tuple[int, int, int, int]
    size: Size

    @property
    def piece(self) -> Size:
        """How large the piece is in the original."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


def geometry(size: Size, focus: Focus, limits: ImageLimits, scale: float = 1) -> Geometry:
    """The largest piece round the focus, drawn as large as allowed but not larger than it is.

    `scale` asks for that share of it at most.
    """
    piece = _within_ratio(size, limits)
    left, top = (_begin(*axis) for axis in zip(size, piece, focus, strict=True))
    drawn = _scaled(piece, min(scale, _share(piece, limits)))
    box = (left, top, left + piece[0], top + piece[1])
    return Geometry(box, _within_ratio(drawn, limits))


def unmet(size: Size, limits: ImageLimits) -> tuple[str, ...]:
    """What still keeps a picture of that size from being taken, and what to do."""
    width, height = size
    if limits.min_width is not None and width < limits.min_width:
        need = f"this network wants {limits.min_width} at least: take a larger picture"
        return (f"it would be {width} pixels wide; {need}",)
    if _within_ratio(size, limits) != size or _share(size, limits) < 1:
        return (f"{width} x {height} pixels cannot be cropped to what this network takes",)
    return ()


def ratio_words(size: Size) -> str:
    """Width to height as people say it: `3:2`, `1.91:1`."""
    exact = Fraction(*size)
    near = exact.limit_denominator(10)
    if near and abs(near / exact - 1) < _ALIKE:
        return f"{near.numerator}:{near.denominator}"
    return f"{round(float(exact), 2):g}:1" if exact > 1 else f"1:{round(float(1 / exact), 2):g}"


def _within_ratio(size: Size, limits: ImageLimits) -> Size:
    width, height = size
    if limits.max_ratio is not None and width > height * limits.max_ratio:
        return max(1, int(height * limits.max_ratio + _NEARLY)), height
    if limits.min_ratio is not None and width < height * limits.min_ratio:
        return width, max(1, int(width / limits.min_ratio + _NEARLY))
    return size


def _begin(whole: int, piece: int, focus: float) -> int:
    return min(max(round(whole * focus - piece / 2), 0), whole - piece)


def _share(size: Size, limits: ImageLimits) -> float:
    """By how much the picture has to shrink at least; 1: not at all."""
    width, height = size
    asked = (
        (limits.max_side, max(size)),
        (limits.max_sides, width + height),
        (limits.max_width, width),
    )
    shares = [most / has for most, has in asked if most is not None]
    if limits.max_pixels is not None:
        shares.append(math.sqrt(limits.max_pixels / (width * height)))
    return min([1.0, *shares])


def _scaled(size: Size, share: float) -> Size:
    width, height = (max(1, int(side * share + _NEARLY)) for side in size)
    return width, height
