"""An account: one place on one platform where posts appear."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from karnay.secrets import SecretRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from karnay.media.host import MediaHost

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Counts(StrEnum):
    """What a budget counts, among the requests that publish something."""

    POSTS = "posts"  # what was made, or may have been
    REQUESTS = "requests"  # what reached the network, refused or not


@dataclass(frozen=True, slots=True)
class Budget:
    """So many, and no more, in any span of that length, wherever it begins.

    Without `shared_by` it is the account's own; with it, the accounts of these names spend it
    together.
    """

    most: int
    window: timedelta
    counts: Counts = Counts.POSTS
    shared_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """One place on one platform, as karnay.toml describes it.

    `details` is the platform's own validated model (chat, server, handle ...); secrets in it are
    still references. `facts` is what the network told us of the account and its server (limits,
    ids), as kept by the store. `media_host` gives files a public address where the network fetches
    them itself; None: nothing does.
    """

    name: str
    platform: str
    language: str
    details: BaseModel = field(repr=False)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    fallbacks: tuple[str, ...] = ()  # languages, in order, where `language` is missing
    slots: tuple[str, ...] = ()
    least_gap: timedelta = timedelta()
    budgets: tuple[Budget, ...] = ()  # the network's, or the person's own; shared ones among them
    overflow: str = ""  # thread | shorten | refuse; empty: the platform's own
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    media_host: MediaHost | None = field(default=None, repr=False)

    @property
    def vault_names(self) -> list[str]:
        """The names under which the vault keeps what its table refers to."""
        references = [value for _, value in self.details if isinstance(value, SecretRef)]
        return [one.kept_as for one in references if one.kept_as]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to try, the account's own first."""
        return tuple(dict.fromkeys((self.language, *self.fallbacks)))
