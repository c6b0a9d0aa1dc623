"""Videos: looked at, and sent as they are or not at all."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from karnay.media.asset import Unfit
from karnay.media.limits import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karnay.media.asset import Asset
    from karnay.media.limits import VideoLimits

UNCHECKED = "length and codec unchecked: install karnay[video]"
_LOCATED = "it carries the place where it was filmed: videos are sent as they are"


@dataclass(frozen=True, slots=True)
class Film:
    """What a video's file holds; zeros and empty words are what nobody could tell.

    `width` and `height` in pixels as it is shown, `codec` and `audio` as FFmpeg names them.
    """

    mime: str
    size: int
    seconds: float = 0
    width: int = 0
    height: int = 0
    fps: float = 0
    codec: str = ""
    audio: str = ""
    located: bool = False
    checked: bool = False


def film(file: Path, mime: str, size: int) -> Film:
    """What PyAV says of the video; only MIME type and size without it. Raises Unfit."""
    try:
        import av  # noqa: PLC0415 - an extra
    except ImportError:
        return Film(mime, size)
    try:
        with av.open(str(file)) as container:
            return _seen(container, mime, size)
    except Unfit:
        raise
    except Exception as error:  # noqa: BLE001 - demuxers raise anything
        said = getattr(error, "strerror", None) or error
        raise Unfit(f"it cannot be read as a video ({said}): export it again") from None


def ready(seen: Film, limits: VideoLimits, asset: Asset) -> tuple[Asset, tuple[str, ...]]:
    """The asset with what is known of it, and what people should know. Raises Unfit."""
    problems = tuple(says for wrong, says in _rules(seen, limits) if wrong)
    if problems:
        raise Unfit(*problems)
    seconds = round(seen.seconds, 3)
    known = replace(asset, width=seen.width, height=seen.height, seconds=seconds)
    return known, tuple(_notes(seen))


def _notes(seen: Film) -> Iterator[str]:
    if not seen.checked:
        yield UNCHECKED
    if seen.located:
        yield _LOCATED


def _seen(container: Any, mime: str, size: int) -> Film:
    if not container.streams.video:
        raise Unfit("it holds no moving pictures: export it again as MP4")
    stream = container.streams.video[0]
    width, height = _shown(container, stream)
    sound = next(iter(container.streams.audio), None)
    return Film(
        mime=mime,
        size=size,
        seconds=_seconds(container, stream),
        width=width,
        height=height,
        fps=float(stream.average_rate or stream.guessed_rate or 0),
        codec=stream.codec_context.name,
        audio=sound.codec_context.name if sound is not None else "",
        located=any("location" in key.lower() for key in container.metadata),
        checked=True,
    )


def _seconds(container: Any, stream: Any) -> float:
    if container.duration is not None:
        return float(container.duration / 1_000_000)
    return float(stream.duration * stream.time_base) if stream.duration is not None else 0


def _shown(container: Any, stream: Any) -> tuple[int, int]:
    """Its size as players show it: phones film lying and say so beside the pictures."""
    lies = False
    with contextlib.suppress(Exception):  # what cannot be decoded here may be played elsewhere
        lies = next(container.decode(stream)).rotation % 180 != 0
    return (stream.height, stream.width) if lies else (stream.width, stream.height)


def _rules(seen: Film, limits: VideoLimits) -> Iterator[tuple[bool, str]]:
    """Each rule: whether the video breaks it, and what to say then."""
    weight = f"it has {in_words(seen.size)}"
    yield seen.mime not in limits.formats, _wants(f"it is {seen.mime}", limits.formats)
    yield seen.size > limits.max_bytes, f"{_most(weight, in_words(limits.max_bytes))}: make it so"
    yield seen.size < limits.min_bytes, _least(weight, in_words(limits.min_bytes))
    if seen.checked:
        yield from _lengths(seen, limits)
        yield from _shapes(seen, limits)
        yield _strange(seen.codec, limits.codecs), _wants(f"it is {seen.codec}", limits.codecs)
        sound = f"its sound is {seen.audio}"
        yield _strange(seen.audio, limits.audio_codecs), _wants(sound, limits.audio_codecs)


def _lengths(seen: Film, limits: VideoLimits) -> Iterator[tuple[bool, str]]:
    lasts, rate = f"it lasts {seen.seconds:,.1f} s", f"it has {seen.fps:g} pictures a second"
    yield _above(seen.seconds, limits.max_seconds), f"{_most(lasts, limits.max_seconds)}: cut it"
    yield seen.seconds < limits.min_seconds, _least(lasts, limits.min_seconds)
    yield _above(seen.fps, limits.max_fps), f"{_most(rate, limits.max_fps)}: export it with fewer"


def _shapes(seen: Film, limits: VideoLimits) -> Iterator[tuple[bool, str]]:
    size, ratio = f"it is {seen.width} x {seen.height} pixels", seen.width / max(seen.height, 1)
    side = min(seen.width, seen.height)
    yield _above(seen.width, limits.max_width), _most(size, f"a width of {limits.max_width}")
    yield _above(seen.height, limits.max_height), _most(size, f"a height of {limits.max_height}")
    yield _below(side, limits.min_side), _least(size, f"{limits.min_side} each way")
    yield _above(ratio, limits.max_ratio), _most(size, f"{limits.max_ratio} times the height")
    yield _below(ratio, limits.min_ratio), _least(size, f"{limits.min_ratio} times the height")


def _wants(what: str, names: tuple[str, ...]) -> str:
    return f"{what}; this network takes {', '.join(names)}: export it so"


def _most(what: str, most: object) -> str:
    return f"{what}; this network takes {most} at most"


def _least(what: str, least: object) -> str:
    return f"{what}; this network wants {least} at least"


def _above(value: float, most: float | None) -> bool:
    return most is not None and value > most


def _below(value: float, least: float | None) -> bool:
    return least is not None and value < least


def _strange(codec: str, known: tuple[str, ...]) -> bool:
    return bool(codec and known) and codec not in known
