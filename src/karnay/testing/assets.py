"""Assets of the bench: a picture, a film and a document that no network will look at."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from karnay.media.asset import Asset, Kind

if TYPE_CHECKING:
    from karnay.media.limits import MediaLimits

ALTS = (
    "The two heads sign; a 🕊 and ўзбек flags",
    "Делегация у входа",
    'A "third" <picture> & more',
)


@dataclass
class Shelf:
    """Holds what the bench's assets are made of."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def open(self, name: str) -> BinaryIO:
        """The file of that hash."""
        return io.BytesIO(self.contents[name])

    def pictures(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """As many pictures as one part takes, three at most; none where none are taken."""
        if limits.images is None:
            return ()
        mime = limits.images.formats[0]
        numbers = range(min(limits.most, len(ALTS)))
        return tuple(self._asset(Kind.IMAGE, mime, number) for number in numbers)

    def film(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """A video, where the network takes any."""
        return (self._asset(Kind.VIDEO, limits.videos.formats[0], 0),) if limits.videos else ()

    def document(self, limits: MediaLimits) -> tuple[Asset, ...]:
        """A document, where the network takes any."""
        taken = limits.documents
        return (self._asset(Kind.DOCUMENT, taken.formats[0], 0),) if taken else ()

    def _asset(self, kind: Kind, mime: str, number: int) -> Asset:
        content = f"the bytes of {kind.value} {number}: \x00\r\n--".encode() * 20
        name = hashlib.sha256(content).hexdigest()
        self.contents[name] = content
        width, height = (0, 0) if kind is Kind.DOCUMENT else (1200, 900)
        return Asset(
            kind=kind,
            name=f"{kind.value}-{number}.{mime.partition('/')[2]}",
            hash=name,
            mime=mime,
            size=len(content),
            width=width,
            height=height,
            seconds=12.5 if kind is Kind.VIDEO else 0,
            alt=ALTS[number],
        )
