"""Which piece of a picture is shown, and how large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.media.geometry import Geometry, geometry, ratio_words, unmet
from karnay.media.limits import ImageLimits

sizes = st.tuples(st.integers(1, 20_000), st.integers(1, 20_000))
focuses = st.tuples(st.floats(0, 1), st.floats(0, 1))


def taking(**limits: float) -> ImageLimits:
    """A network with these limits on pixels."""
    return ImageLimits(("image/jpeg",), 1_000_000, **limits)  # type: ignore[arg-type]


def test_what_fits_stays_whole() -> None:
    assert geometry((30, 20), (0.5, 0.5), taking()) == Geometry((0, 0, 30, 20), (30, 20))


@given(sizes, focuses, st.floats(0.2, 1), st.floats(1, 5))
def test_the_piece_lies_in_the_picture_and_holds_the_focus(
    size: tuple[int, int], focus: tuple[float, float], least: float, most: float
) -> None:
    shape = geometry(size, focus, taking(min_ratio=least, max_ratio=most))
    left, top, right, bottom = shape.box
    assert 0 <= left <= focus[0] * size[0] + 1 <= right + 2
    assert 0 <= top <= focus[1] * size[1] + 1 <= bottom + 2
    assert (right <= size[0], bottom <= size[1]) == (True, True)


@given(sizes, st.integers(2, 5_000), st.integers(100, 30_000_000))
def test_what_is_drawn_is_never_larger_and_keeps_every_limit(
    size: tuple[int, int], side: int, pixels: int
) -> None:
    limits = taking(max_side=side, max_sides=2 * side - 1, max_width=side - 1, max_pixels=pixels)
    width, height = geometry(size, (0.5, 0.5), limits).size
    assert (width <= size[0], height <= size[1]) == (True, True)
    assert unmet((width, height), limits) == () or 1 in (width, height)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((6000, 4000), "3:2"),
        ((1080, 1350), "4:5"),
        ((1, 1000), "1:1000"),
        ((1910, 1000), "1.91:1"),
        ((6000, 4001), "3:2"),
    ],
)
def test_proportions_are_told_as_people_do(size: tuple[int, int], words: str) -> None:
    assert ratio_words(size) == words
