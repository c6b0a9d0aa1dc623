"""Two pictures, and an account that has no public address for them (yet)."""

from __future__ import annotations

from pydantic import BaseModel

from karnay.accounts import Account
from karnay.media.limits import ImageLimits, MediaLimits
from karnay.testing.assets import Shelf


class NoDetails(BaseModel):
    """Of an account that only needs a place for its files."""


SHELF = Shelf()
PICTURES = MediaLimits(most=3, images=ImageLimits(("image/jpeg",), max_bytes=8_000_000))
ASSET, OTHER, _ = SHELF.pictures(PICTURES)
NOBODY = Account("instagram", "instagram", "en", NoDetails())
