"""A variant: what one account will publish, immutable, with a hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from karnay.media.asset import Asset, asset_from_json
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.errors import Problem


@dataclass(frozen=True, slots=True)
class Card:
    """What a link card says, for networks that fetch nothing themselves."""

    url: str
    title: str
    description: str = ""
    thumbnail: Asset | None = None

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold and `card_from_json` reads back."""
        shown = self.thumbnail and self.thumbnail.as_json()
        words = {"url": self.url, "title": self.title, "description": self.description}
        return {**words, "thumbnail": shown} if shown else words


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a variant; several make a thread."""

    text: RichText
    media: tuple[Asset, ...] = ()
    card: Card | None = None

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold and `part_from_json` reads back."""
        return {
            **self.text.as_json(),
            "media": [item.as_json() for item in self.media],
            "card": self.card and self.card.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Variant:
    """What one account will publish: the parts in order, and the platform's own options."""

    account: str
    platform: str
    language: str
    template: str
    parts: tuple[Part, ...]
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold and `variant_from_json` reads back."""
        return {
            "account": self.account,
            "platform": self.platform,
            "language": self.language,
            "template": self.template,
            "parts": [part.as_json() for part in self.parts],
            "options": dict(self.options),
        }

    @property
    def hash(self) -> str:
        """64 hexadecimal digits over all that will be sent; an approval is of this.

        The template's name is no part of it: the same words from another file are the same words.
        """
        sent = {key: value for key, value in self.as_json().items() if key != "template"}
        canonical = json.dumps(sent, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rendering:
    """A variant and what is wrong with it; it may be sent only when nothing is.

    `notes` say what was done to make the text fit, for previews.
    """

    variant: Variant
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sendable(self) -> bool:
        """Whether no problem stops it; warnings do not."""
        return not self.errors

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop it."""
        return [problem for problem in self.problems if not problem.warning]


def variant_from_json(value: Mapping[str, Any]) -> Variant:
    """The inverse of `Variant.as_json`."""
    return Variant(
        account=value["account"],
        platform=value["platform"],
        language=value["language"],
        template=value["template"],
        parts=tuple(part_from_json(part) for part in value["parts"]),
        options=value["options"],
    )


def part_from_json(value: Mapping[str, Any]) -> Part:
    """The inverse of `Part.as_json`."""
    return Part(
        text=RichText.from_json({"text": value["text"], "spans": value["spans"]}),
        media=tuple(map(asset_from_json, value["media"])),
        card=card_from_json(value["card"]) if value["card"] else None,
    )


def card_from_json(value: Mapping[str, Any]) -> Card:
    """The inverse of `Card.as_json`."""
    thumbnail = asset_from_json(value["thumbnail"]) if value.get("thumbnail") else None
    return Card(value["url"], value["title"], value["description"], thumbnail)
