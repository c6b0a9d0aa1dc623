"""The darkroom: makes a post's files ready for each network, once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

from karnay.media import documents, videos
from karnay.media.asset import Asset, Kind, Prepared, Unfit
from karnay.media.limits import MEGABYTE, in_words
from karnay.media.results import Results
from karnay.media.sniffing import HEAD, kind_of, sniffed, stranger
from karnay.media.together import not_taken

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.media.cabinet import Cabinet
    from karnay.media.geometry import Focus
    from karnay.media.limits import ImageLimits, MediaLimits
    from karnay.media.pictures import Negative

VERSION = 1
"""Grows whenever the same file would be made into other bytes, or other words be said of it."""

LARGEST_PICTURE = 200 * MEGABYTE
"""Bytes of a picture's file that are read; no photograph comes near."""

_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "video/quicktime": (".mov", ".qt"),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
    "application/pdf": (".pdf",),
}

_ONE_AT_A_TIME = Lock()
"""A decoded picture takes hundreds of megabytes: a process holds one, whoever asks."""


class Darkroom:
    """Makes files ready and keeps them in the cabinet; may be shared by threads.

    The picture last worked on stays decoded, so that one network after the other costs little;
    `tidy` lets go of it.
    """

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet
        self._results = Results(cabinet)
        self._hashes: dict[tuple[object, ...], str] = {}
        self._at_hand: tuple[str, Negative] | None = None

    def ready(
        self,
        file: Path,
        limits: MediaLimits,
        *,
        alt: str = "",
        focus: Focus = (0.5, 0.5),
    ) -> Prepared:
        """The file as that network takes it; never raises for a bad file.

        `focus` is the point to keep when cropping: from the left and from the top, 0 to 1. The
        same file, limits and focus give the same bytes, the second time from the cabinet.
        """
        try:
            return self._described(self._remembered(file, limits, focus), file, alt)
        except Unfit as error:
            return Prepared(None, problems=error.problems)
        except OSError as error:
            why = error.strerror or type(error).__name__
            return Prepared(None, problems=(f"it cannot be read or kept: {why}",))

    def tidy(self) -> None:
        """Let go of the picture that is still decoded."""
        with _ONE_AT_A_TIME:
            self._at_hand = None

    def _described(self, made: Prepared, file: Path, alt: str) -> Prepared:
        if made.asset is None:
            return made
        return replace(made, asset=replace(made.asset, name=_name(file, made.asset.mime), alt=alt))

    def _remembered(self, file: Path, limits: MediaLimits, focus: Focus) -> Prepared:
        key = _key(self._hash(file), limits, focus)
        known = self._results.get(key)
        if known is None:
            known = self._made(file, limits, focus)
            self._results.put(key, known)
        return known

    def _hash(self, file: Path) -> str:
        """Of the file's content, read again only where the file looks changed."""
        found = file.stat()
        key = (file, found.st_size, found.st_mtime_ns, found.st_ino)
        if key not in self._hashes:
            with file.open("rb") as content:
                self._hashes[key] = hashlib.file_digest(content, "sha256").hexdigest()
        return self._hashes[key]

    def _made(self, file: Path, limits: MediaLimits, focus: Focus) -> Prepared:
        mime = _mime(file)
        match kind_of(mime):
            case Kind.IMAGE if limits.images:
                with _ONE_AT_A_TIME:
                    return self._picture(file, mime, limits.images, focus)
            case Kind.VIDEO if limits.videos:
                seen = videos.film(file, mime, file.stat().st_size)
                asset, notes = videos.ready(seen, limits.videos, self._asset(file, mime))
                return Prepared(self._kept(file, asset), notes)
            case Kind.DOCUMENT if limits.documents:
                documents.check(file, mime, limits.documents)
                return Prepared(self._kept(file, self._asset(file, mime)))
            case kind:
                raise Unfit(not_taken(kind))

    def _picture(self, file: Path, mime: str, limits: ImageLimits, focus: Focus) -> Prepared:
        from karnay.media.prints import printed  # noqa: PLC0415 - Pillow, where there are pictures

        made = printed(self._negative(file, mime), limits, focus)
        asset = Asset(
            Kind.IMAGE,
            file.name,
            self._cabinet.put(made.content),
            made.mime,
            len(made.content),
            *made.size,
            animated=made.animated,
        )
        return Prepared(asset, made.done)

    def _negative(self, file: Path, mime: str) -> Negative:
        from karnay.media.pictures import Negative  # noqa: PLC0415 - as above

        size, name = file.stat().st_size, self._hash(file)
        if size > LARGEST_PICTURE:
            raise Unfit(f"it has {in_words(size)}, more than any photograph: make it smaller")
        if self._at_hand is None or self._at_hand[0] != name:
            self._at_hand = None  # before the next is decoded
            content = file.read_bytes()
            _unchanged(name, hashlib.sha256(content).hexdigest())
            self._at_hand = (name, Negative(content, mime))
        return self._at_hand[1]

    def _kept(self, file: Path, asset: Asset) -> Asset:
        kept = self._cabinet.copy(file)
        _unchanged(asset.hash, kept)
        return asset

    def _asset(self, file: Path, mime: str) -> Asset:
        return Asset(kind_of(mime), file.name, self._hash(file), mime, file.stat().st_size)


def _mime(file: Path) -> str:
    with file.open("rb") as content:
        head = content.read(HEAD)
    mime = sniffed(head)
    if not mime:
        raise Unfit(stranger(head))
    return mime


def _unchanged(before: str, after: str) -> None:
    if before != after:
        raise Unfit("it was changed while it was read: try again")


def _key(name: str, limits: MediaLimits, focus: Focus) -> str:
    """What a result depends on, as one hash."""
    kinds = {kind: asdict(limits)[kind] for kind in ("images", "videos", "documents")}
    extras = [find_spec(extra) is not None for extra in ("av", "pillow_heif")]
    said = json.dumps([VERSION, name, kinds, focus, extras], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _name(file: Path, mime: str) -> str:
    """The file's name, with an ending that tells what it is now."""
    endings: Any = _SUFFIXES.get(mime, (file.suffix.lower(),))
    return file.name if file.suffix.lower() in endings else f"{file.stem}{endings[0]}"
