"""Pictures made ready: upright, cropped, light enough, and nothing but the picture."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from karnay.media.asset import Kind, Prepared
from karnay.media.cabinet import Cabinet
from karnay.media.darkroom import Darkroom
from karnay.media.limits import ImageLimits, MediaLimits
from karnay.media.stripping import frames
from media_files import animation, encoded, huge, photograph, picture, swapped_profile

ROOMY = ImageLimits(("image/jpeg", "image/png", "image/gif"), max_bytes=1_000_000)
SQUARISH = ImageLimits(("image/jpeg",), max_bytes=1_000_000, min_ratio=0.8, max_ratio=1.25)


def taking(limits: ImageLimits = ROOMY, **other: Any) -> MediaLimits:
    """A network that takes pictures, and says so with these differences."""
    return MediaLimits(most=4, images=replace(limits, **other))


def nearly(one: Image.Image, other: Image.Image) -> bool:
    """Whether people would call the two pictures the same."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    total = sum(level * count for level, count in enumerate(difference.histogram()))
    return one.size == other.size and total / (one.width * one.height) < 6


def test_what_fits_is_not_encoded_again(make: Any, show: Any) -> None:
    made = make(encoded(picture()), taking())
    assert made.done == ()
    assert show(made).tobytes() == Image.open(_file(encoded(picture()))).tobytes()


def test_only_location_and_camera_are_taken_out_of_what_fits(make: Any, show: Any) -> None:
    made = make(photograph(), taking())
    assert made.done == ("location and camera data taken out",)
    assert show(made).tobytes() == Image.open(_file(photograph())).tobytes()


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_is_turned_upright(orientation: int, make: Any, show: Any) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    lying = picture((64, 48)).transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = make(encoded(lying, quality=95, exif=exif), taking())
    assert "turned upright" in made.done
    assert nearly(show(made), picture((64, 48)))


def test_a_wide_picture_is_cropped_round_its_focus(make: Any, show: Any) -> None:
    made = make(encoded(picture((300, 100)), quality=95), taking(SQUARISH), focus=(1.0, 0.5))
    assert "cropped from 3:1 to 5:4 round its focus" in made.done
    assert nearly(show(made), picture((300, 100)).crop((175, 0, 300, 100)))


def test_a_tall_picture_is_cropped_round_its_focus(make: Any, show: Any) -> None:
    made = make(encoded(picture((80, 200)), quality=95), taking(SQUARISH), focus=(0.5, 0.0))
    assert nearly(show(made), picture((80, 200)).crop((0, 0, 80, 100)))


@pytest.mark.parametrize(
    ("limit", "size"),
    [
        ({"max_side": 150}, (150, 100)),
        ({"max_sides": 200}, (120, 80)),
        ({"max_width": 30}, (30, 20)),
        ({"max_pixels": 15_000}, (150, 100)),
    ],
)
def test_a_picture_is_made_no_smaller_than_it_must_be(
    limit: dict[str, int], size: tuple[int, int], make: Any, show: Any
) -> None:
    made = make(encoded(picture((300, 200))), taking(**limit))
    assert f"made smaller: 300 x 200 to {size[0]} x {size[1]}" in made.done
    assert show(made).size == size == (made.asset.width, made.asset.height)


def test_a_picture_is_never_made_larger(make: Any) -> None:
    made = make(encoded(picture((300, 200))), taking(min_width=320))
    assert made == Prepared(
        None,
        problems=(
            "it would be 300 pixels wide; this network wants 320 at least: take a larger picture",
        ),
    )


def test_a_heavy_picture_loses_pixels(make: Any, show: Any) -> None:
    noise = Image.effect_noise((600, 400), 90)
    made = make(encoded(noise, quality=95), taking(max_bytes=20_000))
    assert 5_000 < made.asset.size <= 20_000
    assert show(made).width > 100


def test_a_picture_that_cannot_become_light_enough_is_said(make: Any) -> None:
    made = make(photograph(), taking(max_bytes=100))
    assert made.problems == ("it cannot be brought under 100 bytes: take another",)


def test_a_mislabelled_picture_is_taken_for_what_it_is(make: Any) -> None:
    made = make(encoded(picture(), "PNG"), taking(), name="hall.jpg")
    assert (made.asset.mime, made.asset.name) == ("image/png", "hall.png")


def test_a_drawing_stays_one(make: Any) -> None:
    made = make(encoded(picture((300, 200)), "PNG"), taking(max_side=100))
    assert made.asset.mime == "image/png"


def test_a_photograph_that_is_too_heavy_as_png_becomes_jpeg(make: Any) -> None:
    noise = Image.effect_noise((300, 200), 90)
    made = make(encoded(noise, "PNG"), taking(max_bytes=50_000))
    assert (made.asset.mime, made.asset.width) == ("image/jpeg", 300)


def test_transparency_is_put_on_white_where_jpeg_is_asked_for(make: Any, show: Any) -> None:
    glass = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    made = make(encoded(glass, "PNG"), taking(SQUARISH))
    assert "put on white: JPEG knows no transparency" in made.done
    assert show(made).getpixel((20, 20)) == (255, 255, 255)


def test_transparency_stays_where_it_can(make: Any, show: Any) -> None:
    glass = Image.new("RGBA", (40, 40), (255, 0, 0, 100))
    made = make(encoded(glass, "WEBP", lossless=True), taking())
    assert show(made).getpixel((20, 20)) == (255, 0, 0, 100)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (picture(mode="CMYK"), "JPEG"),
        (picture(mode="P"), "PNG"),
        (picture(mode="P"), "GIF"),
        (picture(mode="LA"), "PNG"),
        (picture(), "BMP"),
        (picture(), "TIFF"),
        (picture(), "AVIF"),
        (picture(), "WEBP"),
    ],
)
def test_a_picture_of_any_kind_becomes_a_plain_jpeg(
    image: Image.Image, kind: str, make: Any, show: Any
) -> None:
    shown = show(make(encoded(image, kind), taking(SQUARISH, max_ratio=2)))
    assert shown.format == "JPEG"
    assert shown.mode in ("RGB", "L")
    assert shown.info.keys() <= {"jfif", "jfif_version", "jfif_density", "jfif_unit"}
    assert sum(abs(a - b) for a, b in zip(_middle(shown), _middle(image), strict=True)) < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_colours_are_brought_to_srgb(kind: str, make: Any, show: Any) -> None:
    red = Image.new("RGB", (40, 40), "red")
    made = make(encoded(red, kind, icc_profile=swapped_profile()), taking())
    assert "colours brought to sRGB" in made.done
    assert show(made).getpixel((20, 20)) == pytest.approx((0, 255, 0), abs=6)


def test_a_broken_colour_profile_is_none(make: Any, show: Any) -> None:
    made = make(encoded(picture(), icc_profile=b"no profile"), taking())
    assert nearly(show(made), picture())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_become_eight(kind: str, make: Any, show: Any) -> None:
    made = make(encoded(Image.new("I;16", (40, 40), 40_000), kind), taking(SQUARISH))
    assert show(made).getpixel((20, 20)) == pytest.approx(40_000 / 256, abs=2)


def test_a_telephones_picture_is_read_where_its_decoder_is_there(make: Any, show: Any) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    made = make(encoded(picture(), "HEIF"), taking(), name="IMG_1.HEIC")
    assert made.asset.name == "IMG_1.jpg"
    assert nearly(show(made), picture())


def test_a_telephones_picture_names_the_extra_that_it_needs(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    made = make(encoded(picture(), "HEIF"), taking())
    assert made.problems == (
        "HEIC needs an extra: `pip install 'karnay[heic]'`, or save it as JPEG",
    )


def test_a_picture_that_moves_goes_on_moving_without_its_notes(
    make: Any, show: Any, cabinet: Cabinet
) -> None:
    made = make(animation(3), taking(animated=True))
    assert made.asset.animated
    assert frames(cabinet.path(made.asset.hash).read_bytes()) == 3
    assert "comment" not in show(made).info


def test_only_the_first_picture_goes_where_nothing_moves(make: Any, show: Any) -> None:
    made = make(animation(3), taking())
    assert made.done[0] == "only its first picture: this network shows no such animation"
    assert (show(made).format, made.asset.animated) == ("PNG", False)


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({"max_animated_bytes": 100}, "this network takes 100 bytes at most"),
        ({"max_frames": 2}, "it moves through 3 pictures; this network takes 2 at most"),
        ({"max_animated_pixels": 2399}, "60 x 40 pixels; this network takes fewer"),
    ],
)
def test_a_picture_that_moves_too_much_is_said(limit: dict[str, int], says: str, make: Any) -> None:
    made = make(animation(3), taking(animated=True, **limit))
    assert says in made.problems[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (photograph()[:-2], "it is damaged or cut off"),
        (photograph()[:300], "it is damaged or cut off"),
        (photograph()[:12], "it is damaged or cut off"),
        (photograph()[:3], "it begins like a picture, but is none"),
        (encoded(picture(), "PNG")[:-30], "it is damaged or cut off"),
        (encoded(picture(), "WEBP")[:-30], "it is damaged or cut off"),
        (animation()[:1200], "it is damaged or cut off"),
        (b"Dear Sir or Madam", "it is no picture, video or PDF"),
        (b"<!DOCTYPE html><p>Not found", "it is a web page"),
        (b'<?xml version="1.0"?><svg>', "it is an SVG drawing"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (huge(20_000, 10_000), "it has 200 million pixels (20000 x 10000)"),
        (huge(9_000, 9_000), "more than the 50 million that karnay reads of its kind"),
        (huge(5_000, 5_000), "it is damaged or cut off"),
    ],
)
def test_a_bad_file_is_a_clear_problem(content: bytes, says: str, make: Any) -> None:
    made = make(content, taking(SQUARISH))
    assert made.asset is None
    assert says in made.problems[0]


@pytest.mark.slow
def test_a_jpeg_of_very_many_pixels_is_read_at_half_its_size(make: Any, show: Any) -> None:
    made = make(encoded(Image.new("L", (9_001, 6_000))), taking(max_side=5_000))
    assert "made smaller: 9001 x 6000 to 4501 x 3000" in made.done
    assert show(made).size == (4_501, 3_000)


def test_a_file_that_is_not_there_is_a_problem(darkroom: Darkroom, tmp_path: Path) -> None:
    made = darkroom.ready(tmp_path / "hall.jpg", taking())
    assert made.problems == ("it cannot be read or kept: No such file or directory",)


def test_a_network_without_pictures_says_so(make: Any) -> None:
    made = make(photograph(), MediaLimits(most=4))
    assert made.problems == ("this network takes no pictures: leave it out there",)


def test_an_asset_bears_the_files_name_and_description(make: Any, cabinet: Cabinet) -> None:
    made = make(photograph(), taking(), name="зал.jpeg", alt="Зал\u0301")
    assert (made.asset.kind, made.asset.name, made.asset.alt) == (
        Kind.IMAGE,
        "зал.jpeg",
        "Зал\u0301",
    )
    assert cabinet.path(made.asset.hash).stat().st_size == made.asset.size


def _file(content: bytes) -> Any:
    import io

    return io.BytesIO(content)


def _middle(image: Image.Image) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return tuple(round(value) for value in pixel)
