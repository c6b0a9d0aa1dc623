"""Pictures: opened with care, decoded once for all that is made of them, and encoded."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageCms, UnidentifiedImageError

from karnay.media.asset import Unfit
from karnay.media.sniffing import GIF, HEIC, JPEG, PNG, WEBP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.media.geometry import Geometry, Size

MOST_PIXELS = 50_000_000
"""A larger picture is refused before it is decoded, which takes four to sixteen bytes a pixel."""

MOST_PIXELS_OF_JPEG = 100_000_000
"""A JPEG can be decoded at half its size, and is so above `MOST_PIXELS`: no network shows more."""

QUALITY = 85
"""Of JPEG and WebP: what people cannot tell from the original on a screen."""

_FORMATS = {
    JPEG: "JPEG",
    PNG: "PNG",
    GIF: "GIF",
    WEBP: "WEBP",
    HEIC: "HEIF",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}
"""Which of Pillow's decoders may look at a file; no other is let near it."""

_SAVING: Mapping[str, Mapping[str, Any]] = {
    JPEG: {"format": "JPEG", "quality": QUALITY},
    PNG: {"format": "PNG", "compress_level": 6},
    WEBP: {"format": "WEBP", "quality": QUALITY, "method": 4},
}
WRITABLE = tuple(_SAVING)
"""The MIME types that karnay encodes pictures as."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its Exif orientation (CIPA DC-008, 4.6.4)."""

_LYING = (5, 6, 7, 8)
_ORIENTATION, _LOCATION = 0x0112, 0x8825

Image.MAX_IMAGE_PIXELS = None  # `opened` refuses what is too large, in words and before decoding


@dataclass(frozen=True, slots=True)
class Facts:
    """What the head of a picture's file says; sizes are in pixels, of the picture upright.

    `size` is what is worked with: half of `full_size` where there are too many pixels.
    """

    mime: str
    full_size: Size
    size: Size
    orientation: int = 1
    moving: bool = False
    strange_colours: bool = False
    located: bool = False
    noted: bool = False

    @property
    def base(self) -> int:
        """By how much every side is reduced at once: 1 or 2."""
        return 2 if self.size != self.full_size else 1


class Negative:
    """One picture, from which prints are made; decoded at most once at each scale.

    The same print of the same picture is always of the same bytes, whatever was asked before.
    Raises Unfit, with what is wrong, where it cannot be read.
    """

    def __init__(self, content: bytes, mime: str) -> None:
        self.content = content
        with _reading():
            self.facts = _facts(_opened(content, mime), mime)
        self._originals: dict[int, Image.Image] = {}
        self._prints: dict[tuple[Geometry, str], bytes] = {}

    def printed(self, shape: Geometry, mime: str) -> bytes:
        """That piece of the picture, encoded: upright, in sRGB, and nothing but the picture."""
        key = (shape, mime)
        if key not in self._prints:
            with _reading():
                self._prints[key] = _encoded(self._drawn(shape), mime)
        return self._prints[key]

    @cached_property
    def transparent(self) -> bool:
        """Whether anything shows through."""
        if self.facts.mime == JPEG:
            return False
        with _reading():
            return self._original(1).mode == "RGBA"

    def read_to_its_end(self) -> None:
        """Raises Unfit where the file is cut off or damaged."""
        with _reading():
            self._original(8 // self.facts.base if self.facts.mime == JPEG else 1)

    def _drawn(self, shape: Geometry) -> Image.Image:
        reduction = _reduction(shape) if self.facts.mime == JPEG else 1
        original = self._original(reduction)
        if reduction == 1 and shape.size == shape.piece:
            return original if shape.size == original.size else original.crop(shape.box)
        left, top, right, bottom = (side / reduction for side in shape.box)
        return original.resize(
            shape.size, Image.Resampling.HAMMING, (left, top, right, bottom), reducing_gap=3.0
        )

    def _original(self, reduction: int) -> Image.Image:
        if reduction not in self._originals:
            self._originals[reduction] = _decoded(self.content, self.facts, reduction)
        return self._originals[reduction]


def _opened(content: bytes, mime: str) -> Image.Image:
    if mime == HEIC:
        _know_heic()
    return Image.open(io.BytesIO(content), formats=[_FORMATS[mime]])


def _know_heic() -> None:
    try:
        import pillow_heif  # noqa: PLC0415 - an extra
    except ImportError:
        need = "HEIC needs an extra: `pip install 'karnay[heic]'`, or save it as JPEG"
        raise Unfit(need) from None
    pillow_heif.register_heif_opener()


def _facts(image: Image.Image, mime: str) -> Facts:
    width, height = image.size
    _not_too_large(width, height, mime)
    orientation = _orientation(image)
    full = (height, width) if orientation in _LYING else (width, height)
    half = ((full[0] + 1) // 2, (full[1] + 1) // 2)
    return Facts(
        mime=mime,
        full_size=full,
        size=half if width * height > MOST_PIXELS else full,
        orientation=orientation,
        moving=mime != JPEG and getattr(image, "n_frames", 1) > 1,
        strange_colours=image.mode in ("CMYK", "YCCK", "LAB") or _profile(image) is not None,
        located=_located(image),
        noted=bool(image.info.keys() & {"exif", "xmp", "comment", "photoshop"}),
    )


def _not_too_large(width: int, height: int, mime: str) -> None:
    most = MOST_PIXELS_OF_JPEG if mime == JPEG else MOST_PIXELS
    if width * height > most:
        raise Unfit(
            f"it has {width * height / 1e6:,.0f} million pixels ({width} x {height}), more than "
            f"the {most // 1_000_000} million that karnay reads of its kind: make it smaller"
        )


def _orientation(image: Image.Image) -> int:
    with contextlib.suppress(Exception):  # a camera that cannot write Exif spoils no picture
        value = image.getexif().get(_ORIENTATION, 1)
        return value if value in _UPRIGHT else 1
    return 1


def _located(image: Image.Image) -> bool:
    with contextlib.suppress(Exception):
        return bool(image.getexif().get_ifd(_LOCATION))
    return False


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The colour profile, where it is another one than sRGB, which all assume."""
    with contextlib.suppress(Exception):  # a broken profile is none
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        return None if "sRGB" in ImageCms.getProfileDescription(profile) else profile
    return None


def _reduction(shape: Geometry) -> int:
    """By how much a JPEG may be reduced while it is decoded, and still be a third too large."""
    spare = min(has / needs for has, needs in zip(shape.piece, shape.size, strict=True))
    return next((by for by in (4, 2) if by * 4 / 3 <= spare), 1)


def _decoded(content: bytes, facts: Facts, reduction: int) -> Image.Image:
    image = _opened(content, facts.mime)
    profile = _profile(image)
    if facts.mime == JPEG:
        by = facts.base * reduction
        image.draft(None, (max(1, image.width // by), max(1, image.height // by)))
    image.load()
    image = _plain(image, profile)
    method = _UPRIGHT.get(facts.orientation)
    return image if method is None else image.transpose(method)


def _plain(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    """In sRGB or shades of grey, with transparency where there is any, and without notes."""
    image = _rgb(image, keep=("L", "RGB", "CMYK"))
    if profile is not None:
        with contextlib.suppress(ImageCms.PyCMSError):  # a profile of other colours than it has
            image = _in_srgb(image, profile)
    image = _opaque(_rgb(image))
    image.info = {}
    return image


def _rgb(image: Image.Image, keep: tuple[str, ...] = ("L", "RGB")) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits: Pillow would cut them off at 255
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode == "RGBA" or (image.mode in keep and not image.has_transparency_data):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "F") else "RGB")


def _in_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    return (
        ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode=mode)
        or image
    )


def _opaque(image: Image.Image) -> Image.Image:
    shown = image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if shown else image


def _encoded(image: Image.Image, mime: str) -> bytes:
    made = io.BytesIO()
    _on_white(image, mime).save(made, **_SAVING[mime])
    return made.getvalue()


def _on_white(image: Image.Image, mime: str) -> Image.Image:
    if mime != JPEG or image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Whatever a decoder says of a bad file becomes Unfit, with a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Unfit:
        raise
    except UnidentifiedImageError:
        raise Unfit("it begins like a picture, but is none: save it again") from None
    except Exception as error:  # noqa: BLE001 - decoders raise anything
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unfit(f"it is damaged or cut off ({said}): save it again") from None
