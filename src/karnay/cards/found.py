"""What was found on a page, for the card of a link to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PageFound:
    """What a page says of itself; `image` is where its picture is, if it has one.

    `problem` says what could not be had of it.
    """

    title: str = ""
    description: str = ""
    image: Path | None = None
    problem: str = ""
