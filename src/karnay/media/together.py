"""What the files of one part may be together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from karnay.media.asset import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karnay.media.asset import Asset
    from karnay.media.limits import MediaLimits

_NAMES = {
    Kind.IMAGE: ("picture", "pictures"),
    Kind.VIDEO: ("video", "videos"),
    Kind.DOCUMENT: ("document", "documents"),
}


def together(assets: Sequence[Asset], limits: MediaLimits) -> tuple[str, ...]:
    """What keeps one part from carrying these files, each a sentence with what to do."""
    counts = Counter(asset.kind for asset in assets)
    return (
        *_how_many(len(assets), limits),
        *_too_many_of_a_kind(counts, limits),
        *_mixed(counts, limits),
        *_beside_animation(assets, limits),
        *_too_wordy(assets, limits),
    )


def not_taken(kind: Kind) -> str:
    """What to say where a network takes no file of that kind at all."""
    return f"this network takes no {_NAMES[kind][1]}: leave it out there"


def _how_many(count: int, limits: MediaLimits) -> Iterator[str]:
    if count > limits.most:
        yield f"{_files(count)}; this network takes {limits.most} at most: leave some out"
    if count < limits.least:
        yield f"{_files(count)}; this network wants {limits.least} at least: add some"


def _too_many_of_a_kind(counts: Counter[Kind], limits: MediaLimits) -> Iterator[str]:
    most = {Kind.VIDEO: limits.most_videos, Kind.DOCUMENT: limits.most_documents}
    for kind, count in counts.items():
        if count > most.get(kind, count):
            yield f"{count} {_NAMES[kind][1]}; this network takes {most[kind]} at most"


def _mixed(counts: Counter[Kind], limits: MediaLimits) -> Iterator[str]:
    if counts[Kind.DOCUMENT] and len(counts) > 1:
        yield "a document goes with no other kind of file: leave out one kind"
    elif len(counts) > 1 and not limits.mixed:
        yield "pictures and a video do not go together on this network: leave out one kind"


def _beside_animation(assets: Sequence[Asset], limits: MediaLimits) -> Iterator[str]:
    moving = [asset.name for asset in assets if asset.animated]
    if limits.animated_alone and moving and len(assets) > 1:
        yield f"{moving[0]} moves, and goes with no other file on this network: leave one out"


def _too_wordy(assets: Sequence[Asset], limits: MediaLimits) -> Iterator[str]:
    """Where there is no field for a description, its length does not matter."""
    for asset in assets:
        if asset.kind in limits.described and len(asset.alt) > limits.alt > 0:
            yield (
                f"the description of {asset.name} has {len(asset.alt):,} characters; this network "
                f"takes {limits.alt:,} at most: shorten"
            )


def _files(count: int) -> str:
    return "no file" if not count else "1 file" if count == 1 else f"{count} files"
