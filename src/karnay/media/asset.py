"""An asset: a file made ready for one network, named by what it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What a file is, as far as networks tell the kinds apart."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Asset:
    """The very bytes that are sent, by their SHA-256 (`hash`, 64 hexadecimal digits).

    `name` is the file's name for people and networks, `size` in bytes, `width` and `height` in
    pixels (0 for a document, or where nobody could tell), `seconds` a video's length. An empty
    `alt` says that it is mere decoration.
    """

    kind: Kind
    name: str
    hash: str
    mime: str
    size: int
    width: int = 0
    height: int = 0
    seconds: float = 0
    alt: str = ""
    animated: bool = False

    def __str__(self) -> str:
        """How a preview shows it."""
        return f"<{self.name}: {self.mime}, {self.size:,} bytes, sha256 {self.hash[:12]}>"

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold and `asset_from_json` reads back."""
        return asdict(self)


def asset_from_json(value: Mapping[str, Any]) -> Asset:
    """The inverse of `Asset.as_json`."""
    return Asset(**{**value, "kind": Kind(value["kind"])})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file made ready for one network, or why that cannot be.

    `done` says what was done to it, `problems` what is wrong and what to do; both in short clauses
    that speak of the file as "it", so that the caller puts its name in front. Where there are
    problems, there is no asset.
    """

    asset: Asset | None
    done: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Unfit(Exception):
    """A file cannot be made ready; each problem says what is wrong and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
