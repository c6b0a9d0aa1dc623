"""What was made of a file for a network, remembered, so that it is made once."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from karnay.media.asset import Prepared, asset_from_json

if TYPE_CHECKING:
    from karnay.media.cabinet import Cabinet


@dataclass(frozen=True, slots=True)
class Results:
    """A small JSON file each, beside the files of the cabinet; losing any loses but time."""

    cabinet: Cabinet

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.cabinet.folder / "made"

    def get(self, key: str) -> Prepared | None:
        """What was made, if its file is still there and whole; None for all else."""
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            found = _read(json.loads(self._path(key).read_bytes()))
            return found if self._stands(found) else None
        return None

    def put(self, key: str, made: Prepared) -> None:
        """Remember it; a full or read-only disk only costs time later."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, prefix="new-", delete=False) as file:
                json.dump(_written(made), file)
            Path(file.name).replace(self._path(key))

    def _stands(self, made: Prepared) -> bool:
        """Whether the asset can be had; it counts as used now, so that nobody clears it away."""
        if made.asset is None:
            return False
        file = self.cabinet.path(made.asset.hash)
        whole = file.stat().st_size == made.asset.size
        os.utime(file)
        return whole

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _written(made: Prepared) -> dict[str, Any]:
    return {"asset": made.asset and made.asset.as_json(), "done": list(made.done)}


def _read(value: dict[str, Any]) -> Prepared:
    return Prepared(asset_from_json(value["asset"]), tuple(str(one) for one in value["done"]))
