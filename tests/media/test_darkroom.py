"""The darkroom: once for all networks, the same bytes always, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from karnay.media.asset import Prepared
from karnay.media.cabinet import Cabinet
from karnay.media.darkroom import Darkroom
from karnay.media.limits import ImageLimits, MediaLimits
from media_files import animation, encoded, photograph, picture

LIMITS = MediaLimits(most=4, images=ImageLimits(("image/jpeg",), 100_000, max_side=50))
ROOMY = replace(LIMITS, images=ImageLimits(("image/jpeg", "image/png"), 1_000_000))

some_limits = st.builds(
    ImageLimits,
    formats=st.sampled_from(
        [("image/jpeg",), ("image/png", "image/jpeg"), ("image/webp",), ("image/gif",)]
    ),
    max_bytes=st.integers(300, 20_000),
    max_side=st.none() | st.integers(1, 300),
    max_sides=st.none() | st.integers(2, 300),
    max_width=st.none() | st.integers(1, 300),
    max_pixels=st.none() | st.integers(1, 50_000),
    min_width=st.none() | st.integers(1, 100),
    min_ratio=st.none() | st.floats(0.1, 1),
    max_ratio=st.none() | st.floats(1, 10),
    animated=st.booleans(),
)
some_pictures = st.builds(
    lambda size, mode, kind: encoded(picture(size, mode), kind, **_GPS.get(kind, {})),
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.sampled_from(["RGB", "L"]),
    st.sampled_from(["JPEG", "PNG", "WEBP", "BMP"]),
) | st.builds(
    lambda size, orientation: photograph(size, orientation=orientation),
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.integers(0, 9),
)
focuses = st.tuples(st.floats(0, 1), st.floats(0, 1))


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    return exif


_GPS: dict[str, dict[str, Any]] = {
    "JPEG": {"exif": _exif()},
    "PNG": {"exif": _exif()},
    "WEBP": {"exif": _exif()},
}

laws = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def satisfied(image: Image.Image, size: int, limits: ImageLimits) -> bool:
    """Whether a picture keeps every limit."""
    width, height = image.size
    most = {
        limits.max_bytes: size,
        limits.max_side: max(image.size),
        limits.max_sides: width + height,
        limits.max_width: width,
        limits.max_pixels: width * height,
    }
    return (
        all(limit is None or value <= limit for limit, value in most.items())
        and width >= (limits.min_width or 0)
        and (limits.min_ratio or 0) * height <= width + 1e-6
        and width <= height * (limits.max_ratio or width) + 1e-6
        and Image.MIME[image.format or ""] in limits.formats
    )


@laws
@given(content=some_pictures, limits=some_limits, focus=focuses)
def test_a_picture_keeps_every_limit_or_there_is_a_problem(
    content: bytes, limits: ImageLimits, focus: tuple[float, float], make: Any, show: Any
) -> None:
    made = make(content, replace(LIMITS, images=limits), focus=focus)
    assert bool(made.asset) != bool(made.problems)
    assert not made.asset or satisfied(show(made), made.asset.size, limits)


@laws
@given(content=some_pictures, limits=some_limits)
def test_nothing_but_the_picture_leaves(
    content: bytes, limits: ImageLimits, make: Any, show: Any
) -> None:
    made = make(content, replace(LIMITS, images=limits))
    shown = show(made) if made.asset else Image.new("L", (1, 1))
    assert not shown.getexif()
    assert not shown.info.keys() & {"exif", "xmp", "icc_profile", "comment", "photoshop"}


@laws
@given(content=some_pictures, limits=some_limits)
def test_what_was_made_ready_is_ready(
    content: bytes, limits: ImageLimits, make: Any, cabinet: Cabinet
) -> None:
    made = make(content, replace(LIMITS, images=limits))
    asset = made.asset or make(photograph(), ROOMY).asset
    again = make(cabinet.path(asset.hash).read_bytes(), replace(LIMITS, images=limits))
    assert not made.asset or again.asset.hash == asset.hash


@laws
@given(content=some_pictures | st.just(animation()), flaw=st.data(), limits=some_limits)
def test_a_damaged_file_never_raises(
    content: bytes, flaw: st.DataObject, limits: ImageLimits, make: Any
) -> None:
    at = flaw.draw(st.integers(0, len(content) - 1))
    bad = flaw.draw(
        st.sampled_from([content[:at], content[:at] + b"\xff\x00\xfe" + content[at + 3 :]])
    )
    made = make(bad, replace(LIMITS, images=limits))
    assert bool(made.asset) != bool(made.problems)


def test_the_same_file_gives_the_same_bytes_whatever_was_asked_before(
    make: Any, cabinet: Cabinet, tmp_path: Path
) -> None:
    first = make(photograph((400, 300)), LIMITS)
    other = Darkroom(Cabinet(tmp_path / "other"))
    other.ready(tmp_path / "hall.jpg", ROOMY)
    assert other.ready(tmp_path / "hall.jpg", LIMITS) == first


def test_the_second_time_comes_from_the_cabinet(make: Any, cabinet: Cabinet) -> None:
    first = make(photograph(), LIMITS)
    changed = cabinet.path(first.asset.hash)
    changed.write_bytes(bytes(first.asset.size))  # so that we can tell
    assert make(photograph(), LIMITS) == first
    assert changed.read_bytes() == bytes(first.asset.size)


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"asset": null, "done": []}', "\0"])
def test_a_broken_note_is_made_anew(broken: str, make: Any, cabinet: Cabinet) -> None:
    first = make(photograph(), LIMITS)
    (note,) = (cabinet.folder / "made").iterdir()
    note.write_text(broken, "utf-8")
    assert make(photograph(), LIMITS) == first
    assert note.read_text("utf-8") != broken


def test_a_file_that_is_gone_from_the_cabinet_is_made_anew(make: Any, cabinet: Cabinet) -> None:
    first = make(photograph(), LIMITS)
    cabinet.path(first.asset.hash).unlink()
    assert make(photograph(), LIMITS) == first
    assert cabinet.holds(first.asset.hash)


def test_a_file_that_was_changed_is_read_again(make: Any) -> None:
    before = make(photograph((40, 40)), ROOMY)
    after = make(photograph((30, 30)), ROOMY)
    assert (before.asset.width, after.asset.width) == (40, 30)


def test_other_limits_make_another_picture(make: Any) -> None:
    small, large = make(photograph(), LIMITS), make(photograph(), ROOMY)
    assert (small.asset.width, large.asset.width) == (50, 60)


def test_a_problem_is_not_remembered(make: Any, cabinet: Cabinet) -> None:
    make(b"", LIMITS)
    assert not cabinet.folder.exists() or not list(cabinet.folder.rglob("*.json"))


def test_threads_share_a_darkroom(darkroom: Darkroom, tmp_path: Path) -> None:
    files = [tmp_path / f"{index}.jpg" for index in range(4)]
    contents = [file.write_bytes(photograph((50 + index, 40))) for index, file in enumerate(files)]
    assert len(contents) == 4
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda file: darkroom.ready(file, ROOMY), files * 3))
    assert [one.asset.width for one in made if one.asset] == [50, 51, 52, 53] * 3


def test_a_picture_that_is_let_go_of_is_decoded_again(make: Any, darkroom: Darkroom) -> None:
    make(photograph(), LIMITS)
    darkroom.tidy()
    assert make(photograph(), ROOMY).asset.width == 60


def test_a_cabinet_that_cannot_be_written_is_a_problem(make: Any, cabinet: Cabinet) -> None:
    cabinet.folder.parent.write_text("not a folder")
    made: Prepared = make(photograph(), LIMITS)
    assert made.problems == ("it cannot be read or kept: Not a directory",)
