"""A post: one announcement, as its files say it; checked, frozen, not yet worded for anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from karnay.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Late(StrEnum):
    """What becomes of a delivery that is later than `max_late`."""

    PUBLISH = "publish"
    HOLD = "hold"
    SKIP = "skip"


class Overflow(StrEnum):
    """What becomes of a text that is too long for an account."""

    THREAD = "thread"
    SHORTEN = "shorten"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, video or document beside the post; `alt` is None until somebody describes it.

    `focus` is the point to keep when cropping: x, y from the top left, 0 to 1.
    """

    file: Path
    alt: str | None = None
    focus: tuple[float, float] = (0.5, 0.5)
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Wording:
    """What a post says in one language. `title` and `summary` are plain text, `body` Markdown.

    `platforms` holds, by platform name, the overrides written for it: `text`, `overflow` and the
    platform's own options. `places` finds where a key path (`platforms.x.text`, `body`) stands.
    """

    language: str
    title: str = ""
    summary: str = ""
    body: str = ""
    link: str = ""
    hashtags: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    media: tuple[Media, ...] = ()
    platforms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    places: Mapping[str, Place] = field(default_factory=dict, hash=False, repr=False, compare=False)

    def place(self, path: str) -> Place:
        """Where that key stands; for an absent one, where the file begins."""
        return self.places.get(path) or self.places.get("") or Place()


@dataclass(frozen=True, slots=True)
class Post:
    """One announcement in one or more languages, the first of which is `index.md`'s.

    `publish_at` and `expires_at` are wall-clock texts in `timezone`; `publish_at` may be "next".
    `to` names accounts and, with `@`, groups; empty: the workspace's `to`, else all accounts.
    `warnings` are worth reading and stop nothing.
    """

    slug: str
    kind: str = "default"
    publish_at: str = ""
    timezone: str = ""
    to: tuple[str, ...] = ()
    expires_at: str = ""
    late: Late = Late.HOLD
    max_late: timedelta = timedelta(hours=1)
    draft: bool = False
    wordings: Mapping[str, Wording] = field(default_factory=dict, hash=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the post is written in, the first file's first."""
        return tuple(self.wordings)

    @property
    def first(self) -> Wording:
        """The wording of `index.md`, where everything that is not language stands."""
        return next(iter(self.wordings.values()))

    def place(self, path: str) -> Place:
        """Where that key of the first file stands."""
        return self.first.place(path)
