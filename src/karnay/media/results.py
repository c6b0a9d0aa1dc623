"""What was made of a file for a network, remembered, so that it is made once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from karnay.media.asset import Prepared, asset_from_json
from karnay.media.notes import Notes

if TYPE_CHECKING:
    from karnay.media.cabinet import Cabinet


class Results:
    """Notes beside the files of the cabinet."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet
        self._notes = Notes(cabinet.folder / "made")

    def get(self, key: str) -> Prepared | None:
        """What was made, if its file is still there and whole; None for all else."""
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            found = _read(self._notes.read(key))
            return found if self._stands(found) else None
        return None

    def put(self, key: str, made: Prepared) -> None:
        """Remember what has an asset; what went wrong is tried again."""
        if made.asset is not None:
            self._notes.write(key, {"asset": made.asset.as_json(), "done": list(made.done)})

    def _stands(self, made: Prepared) -> bool:
        return made.asset is not None and self._cabinet.used(made.asset.hash) == made.asset.size


def _read(value: dict[str, Any]) -> Prepared:
    return Prepared(asset_from_json(value["asset"]), tuple(str(one) for one in value["done"]))
