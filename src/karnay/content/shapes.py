"""What may stand in a header, key by key: the edge at which people's writing becomes values."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from karnay.content import durations
from karnay.content.post import Late, Overflow

_KIND = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LINK = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


def _kind(text: str) -> str:
    if not _KIND.fullmatch(text):
        raise ValueError(f'"{text}" must be a word of small letters, digits, - and _')
    return text


def _link(text: str) -> str:
    if text and not _LINK.fullmatch(text):
        raise ValueError(f'"{text}" must begin with https:// and hold no blanks')
    return text


def _hashtag(text: str) -> str:
    word = text.removeprefix("#")
    if not word or re.search(r"[\s#]", word):
        raise ValueError(f'"{text}" must be one word, without blanks')
    return word


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("must be a duration: write it as 10 min, 1 hour or 2h30m")  # noqa: TRY004 - pydantic reads ValueErrors
    return durations.parse(str(value))


Kind = Annotated[str, AfterValidator(_kind)]
Link = Annotated[str, AfterValidator(_link)]
Hashtag = Annotated[str, AfterValidator(_hashtag)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Share = Annotated[float, Field(ge=0, le=1)]


class Shape(BaseModel):
    """Refuses unknown keys, and values that would have to be converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class MediaShape(Shape):
    """One of `media:`; `file` is relative to the post."""

    file: Annotated[str, Field(min_length=1)]
    alt: str | None = None
    focus: Annotated[list[Share], Field(min_length=2, max_length=2)] = [0.5, 0.5]


class TranslationShape(Shape):
    """The header of `index.<lang>.md`: only what differs in that language."""

    title: str = ""
    summary: str = ""
    link: Link = ""
    hashtags: list[Hashtag] | None = None
    alt: dict[str, str] = {}
    data: dict[str, Any] = {}
    platforms: dict[str, Any] = {}


class PostShape(Shape):
    """The header of `index.md`: the first language, and all that is not language."""

    title: str = ""
    summary: str = ""
    kind: Kind = "default"
    publish_at: str = ""
    timezone: str = ""
    languages: list[str] = []
    to: list[str] = []
    link: Link = ""
    hashtags: list[Hashtag] | None = None
    media: list[MediaShape] = []
    expires_at: str = ""
    late: Annotated[Late, Field(strict=False)] = Late.HOLD
    max_late: Duration = timedelta(hours=1)
    draft: bool = False
    data: dict[str, Any] = {}
    platforms: dict[str, Any] = {}


class OverrideShape(BaseModel):
    """What every platform understands under `platforms.<name>`."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(strict=True)] | None = None
    overflow: Overflow | None = None
    numbered: Annotated[bool, Field(strict=True)] | None = None


@cache
def overrides(options: type[BaseModel]) -> type[BaseModel]:
    """The shape of `platforms.<name>`: what all understand, and this platform's own options."""
    return create_model(options.__name__, __base__=(options, OverrideShape))
