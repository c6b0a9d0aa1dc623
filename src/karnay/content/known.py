"""What a post may refer to: the accounts, groups, platforms and languages of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a post may use.

    `platforms` holds each platform's own options model, for `platforms.<name>.<option>`.
    `languages` are the configured ones, in order; there is at least one.
    """

    accounts: frozenset[str]
    groups: frozenset[str]
    platforms: Mapping[str, type[BaseModel]]
    languages: tuple[str, ...]
