"""Small JSON files in a folder: there whole or not at all, and no loss when they are lost."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


@dataclass(frozen=True, slots=True)
class Notes:
    """What was once found out, by a key that is fit for a file's name."""

    folder: Path

    def read(self, key: str) -> Any:
        """What is noted. Raises OSError where nothing is, ValueError for what is broken."""
        return json.loads(self._path(key).read_bytes())

    def write(self, key: str, value: Any) -> None:
        """Note it; a full or read-only disk only costs time later."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, prefix="new-", delete=False) as file:
                json.dump(value, file)
            Path(file.name).replace(self._path(key))

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"
