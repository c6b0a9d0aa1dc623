"""What the media's tests share: a cabinet, a darkroom, and a way to have a file made ready."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest
from PIL import Image

from karnay.media.asset import Asset, Prepared
from karnay.media.cabinet import Cabinet
from karnay.media.darkroom import Darkroom
from karnay.media.limits import MediaLimits


class Make(Protocol):
    """Writes the content into a file and has it made ready."""

    def __call__(
        self, content: bytes, limits: MediaLimits, name: str = "hall.jpg", **how: Any
    ) -> Prepared: ...


class Show(Protocol):
    """The picture of an asset, as everybody will see it."""

    def __call__(self, made: Prepared) -> Image.Image: ...


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    """An empty one, whose folder nobody has made yet."""
    return Cabinet(tmp_path / "state" / "media")


@pytest.fixture
def darkroom(cabinet: Cabinet) -> Darkroom:
    """A darkroom with an empty cabinet."""
    return Darkroom(cabinet)


@pytest.fixture
def make(darkroom: Darkroom, tmp_path: Path) -> Make:
    """See Make."""

    def made(content: bytes, limits: MediaLimits, name: str = "hall.jpg", **how: Any) -> Prepared:
        (tmp_path / name).write_bytes(content)
        return darkroom.ready(tmp_path / name, limits, **how)

    return made


@pytest.fixture
def show(cabinet: Cabinet) -> Show:
    """See Show."""

    def shown(made: Prepared) -> Image.Image:
        with Image.open(cabinet.path(asset_of(made).hash)) as image:
            image.load()
            return image

    return shown


def asset_of(made: Prepared) -> Asset:
    """The asset that there must be."""
    assert made.asset is not None, made.problems
    return made.asset
