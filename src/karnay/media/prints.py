"""Makes a picture fit a network: its format, ratio, pixels and bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from karnay.media.asset import Unfit
from karnay.media.geometry import Geometry, geometry, ratio_words, unmet
from karnay.media.limits import in_words
from karnay.media.pictures import QUALITY, WRITABLE
from karnay.media.sniffing import GIF, JPEG, PNG, WEBP
from karnay.media.stripping import Damaged, frames, stripped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.media.geometry import Focus, Size
    from karnay.media.limits import ImageLimits
    from karnay.media.pictures import Facts, Negative

_NAMES = {JPEG: f"JPEG, quality {QUALITY}", PNG: "PNG", WEBP: f"WebP, quality {QUALITY}"}
_LARGELY = 0.5  # of every side: a picture that is made smaller still weighs little anyway
_TAKES = "this network takes"
_TRIES = 12  # each brings it under the limit or takes away a twentieth of every side at least


@dataclass(frozen=True, slots=True)
class Print:
    """A picture as a network takes it: its file, its size in pixels, what was done to it."""

    content: bytes
    mime: str
    size: Size
    done: tuple[str, ...]
    animated: bool = False


def printed(negative: Negative, limits: ImageLimits, focus: Focus) -> Print:
    """The picture made ready. Raises Unfit.

    What fits is not encoded again: only what is not the picture is taken out of its file.
    """
    if _keeps_moving(negative.facts, limits):
        return _moving(negative, limits)
    shape = geometry(negative.facts.size, focus, limits)
    wrong = unmet(shape.size, limits)
    if wrong:
        raise Unfit(*wrong)
    return _as_it_is(negative, shape, limits) or _anew(negative, limits, focus)


def _keeps_moving(facts: Facts, limits: ImageLimits) -> bool:
    return facts.moving and facts.mime == GIF and limits.animated and GIF in limits.formats


def _moving(negative: Negative, limits: ImageLimits) -> Print:
    negative.read_to_its_end()
    content, facts = _bare(negative), negative.facts
    problems = tuple(_too_much(content or negative.content, facts.full_size, limits))
    if problems or content is None:
        raise Unfit(*problems)
    return Print(content, GIF, facts.full_size, tuple(_taken_out(negative, content)), animated=True)


def _too_much(content: bytes, size: Size, limits: ImageLimits) -> Iterator[str]:
    most = limits.max_animated_bytes or limits.max_bytes
    if len(content) > most:
        yield f"it moves and has {in_words(len(content))}; {_TAKES} {in_words(most)} at most"
    count = frames(content)
    if limits.max_frames is not None and count > limits.max_frames:
        yield f"it moves through {count} pictures; {_TAKES} {limits.max_frames} at most"
    if _too_large(size, limits):
        yield f"it moves and is {size[0]} x {size[1]} pixels; {_TAKES} fewer: make it smaller"


def _too_large(size: Size, limits: ImageLimits) -> bool:
    most = limits.max_animated_pixels
    too_many = most is not None and math.prod(size) > most
    return too_many or geometry(size, (0.5, 0.5), limits).size != size


def _as_it_is(negative: Negative, shape: Geometry, limits: ImageLimits) -> Print | None:
    """The file without what is not the picture, if that is all that has to be done."""
    facts = negative.facts
    changed = facts.moving or facts.strange_colours or facts.orientation != 1
    if changed or facts.mime not in limits.formats or shape.size != facts.full_size:
        return None
    content = _bare(negative)
    if content is None or len(content) > limits.max_bytes:
        return None
    negative.read_to_its_end()
    return Print(content, facts.mime, shape.size, tuple(_taken_out(negative, content)))


def _bare(negative: Negative) -> bytes | None:
    try:
        return stripped(negative.content, negative.facts.mime)
    except Damaged:
        raise Unfit("it is damaged or cut off: save it again") from None


def _anew(negative: Negative, limits: ImageLimits, focus: Focus) -> Print:
    mime = _format(negative, limits, focus)
    shape, content = _light_enough(negative, mime, limits, focus)
    done = (*_changes(negative, shape, mime), _encoding(negative, mime, content))
    return Print(content, mime, shape.size, (*done, *_taken_out(negative, content)))


def _format(negative: Negative, limits: ImageLimits, focus: Focus) -> str:
    """A drawing stays one where it can, a photograph becomes what the network likes best."""
    likes = [mime for mime in limits.formats if mime in WRITABLE]
    if not likes:
        raise Unfit(f"this network takes only {', '.join(limits.formats)}")
    drawn = negative.facts.mime in (PNG, GIF)
    if negative.facts.mime == JPEG and JPEG in likes:
        return JPEG
    if PNG in likes and (negative.transparent or drawn):
        heavy = JPEG in likes and not negative.transparent and _heavy(negative, limits, focus)
        return JPEG if heavy else PNG
    return next((mime for mime in likes if mime == WEBP and negative.transparent), likes[0])


def _heavy(negative: Negative, limits: ImageLimits, focus: Focus) -> bool:
    """Whether the picture is too heavy as PNG; what is so as it stands is not encoded to see."""
    if len(negative.content) > limits.max_bytes:
        return True
    shape = geometry(negative.facts.size, focus, limits)
    return len(negative.printed(shape, PNG)) > limits.max_bytes


def _light_enough(
    negative: Negative, mime: str, limits: ImageLimits, focus: Focus
) -> tuple[Geometry, bytes]:
    """The largest that weighs little enough: fewer pixels hurt less than coarse ones."""
    scale = _guess(negative, mime, limits, focus)
    for _ in range(_TRIES):
        shape = geometry(negative.facts.size, focus, limits, scale)
        content = negative.printed(shape, mime)
        if len(content) <= limits.max_bytes:
            return _wide_enough(shape, limits), content
        scale = _scale(shape) * math.sqrt(limits.max_bytes / len(content)) * 0.95
    raise Unfit(f"it cannot be brought under {in_words(limits.max_bytes)}: take another")


def _guess(negative: Negative, mime: str, limits: ImageLimits, focus: Focus) -> float:
    """At which scale to begin, told from what the whole picture and half of every side weigh.

    Pictures with little fine detail lose less by being made smaller than their pixels say.
    """
    allowed = geometry(negative.facts.size, focus, limits)
    if mime != JPEG or _scale(allowed) < _LARGELY:
        return 1
    whole = len(negative.printed(_drawn(allowed, 1), mime))
    if whole <= limits.max_bytes:
        return 1
    half = len(negative.printed(_drawn(allowed, 0.5), mime))
    power = min(max(math.log2(whole / half), 1), 3)
    return float((limits.max_bytes / whole) ** (1 / power)) * 0.98


def _drawn(shape: Geometry, scale: float) -> Geometry:
    width, height = (max(1, round(side * scale)) for side in shape.piece)
    return replace(shape, size=(width, height))


def _scale(shape: Geometry) -> float:
    return min(drawn / piece for drawn, piece in zip(shape.size, shape.piece, strict=True))


def _wide_enough(shape: Geometry, limits: ImageLimits) -> Geometry:
    wrong = unmet(shape.size, limits)
    if wrong:
        raise Unfit(*wrong)
    return shape


def _changes(negative: Negative, shape: Geometry, mime: str) -> Iterator[str]:
    facts = negative.facts
    if facts.moving:
        yield "only its first picture: this network shows no such animation"
    if facts.orientation != 1:
        yield "turned upright"
    if facts.strange_colours:
        yield "colours brought to sRGB"
    if shape.piece != facts.size:
        yield f"cropped from {ratio_words(facts.size)} to {ratio_words(shape.size)} round its focus"
    if shape.size != tuple(side * facts.base for side in shape.piece):
        yield _smaller(shape, facts)
    if mime == JPEG and negative.transparent:
        yield "put on white: JPEG knows no transparency"


def _smaller(shape: Geometry, facts: Facts) -> str:
    whole = shape.piece == facts.size
    before = facts.full_size if whole else tuple(side * facts.base for side in shape.piece)
    return f"made smaller: {before[0]} x {before[1]} to {shape.size[0]} x {shape.size[1]}"


def _encoding(negative: Negative, mime: str, content: bytes) -> str:
    sizes = f"{in_words(len(negative.content))} to {in_words(len(content))}"
    return f"re-encoded as {_NAMES[mime]}: {sizes}"


def _taken_out(negative: Negative, content: bytes) -> Iterator[str]:
    if negative.facts.located:
        yield "location and camera data taken out"
    elif negative.facts.noted and content != negative.content:
        yield "camera data and notes taken out"
