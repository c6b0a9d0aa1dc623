"""Small builders: each test spells out only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from karnay.accounts import Account
from karnay.content.post import Overflow, Post, Wording
from karnay.errors import BadConfiguration, Place
from karnay.media.asset import Asset, Kind, Prepared
from karnay.media.limits import ImageLimits, MediaLimits
from karnay.platforms.registry import platform
from karnay.rendering.context import context_of
from karnay.rendering.limits import Limits
from karnay.rendering.render import render
from karnay.rendering.templates import Templates
from karnay.text.measure import Counter

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.rendering.variant import Rendering
    from karnay.text.richtext import RichText


class NoDetails(BaseModel):
    """Of an account that only needs a language."""


def length(text: RichText) -> int:
    return len(text.text)


def room_for(characters: int, parts: int = 25, **more: Any) -> Limits:
    return Limits((Counter("characters", characters, length),), parts=parts, **more)


def an_account(platform: str = "x", language: str = "en", **more: Any) -> Account:
    name = more.pop("name", f"{platform}-{language}")
    return Account(name, platform, language, details=NoDetails(), **more)


NETWORKS = {
    name: platform(name).limits(an_account(name))
    for name in ("telegram", "mastodon", "bluesky", "x")
}


def a_wording(language: str = "en", **more: Any) -> Wording:
    file = "posts/launch/index.md" if language == "en" else f"posts/launch/index.{language}.md"
    places = {"": Place(file, 1, 1), "body": Place(file, 9, 1), **more.pop("places", {})}
    return Wording(language, places=places, **more)


def a_post(*wordings: Wording, **more: Any) -> Post:
    known = wordings or (a_wording(title="Title", body="The body."),)
    return Post("launch", wordings={wording.language: wording for wording in known}, **more)


class Ready:
    """A darkroom in which every file is a picture already."""

    def ready(self, file: Path, limits: MediaLimits, *, alt: str, **_: object) -> Prepared:
        kind = (limits.images or ImageLimits(("image/jpeg",), 1)).formats[0]
        return Prepared(Asset(Kind.IMAGE, file.name, "0f" * 32, kind, 1000, 1600, 1200, alt=alt))


def rendered(
    wording: Wording | None = None, *, limits: Limits | None = None, **more: Any
) -> Rendering:
    """The post as the account gets it; `template`, if given, words it for every platform."""
    post = more.pop("post", None) or a_post(wording or a_wording(title="Title", body="The body."))
    account = more.pop("account", None) or an_account()
    templates = more.pop("templates", None) or Templates()
    return render(post, account, limits or room_for(1_000), templates=templates, **more)


def texts(rendering: Rendering) -> list[str]:
    return [part.text.text for part in rendering.variant.parts]


def messages(rendering: Rendering) -> list[str]:
    return [problem.message for problem in rendering.problems]


def word(source: str, *, templates: Templates | None = None, **wording: Any) -> str:
    """The Markdown that a template text writes for a post with that wording."""
    language = wording.pop("language", "en")
    said = a_wording(language, **wording)
    context = context_of(
        a_post(said), said, an_account(language=language), overflow=Overflow.SHORTEN
    )
    place = Place("posts/launch/index.md", 7, 9)
    return (templates or Templates()).word_text(source, place, context).markdown


def complaint(source: str, **wording: Any) -> str:
    """What is wrong with a template text."""
    try:
        written = word(source, **wording)
    except BadConfiguration as error:
        return str(error)
    raise AssertionError(f"nothing was wrong; it wrote {written[:100]!r}")


def save(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
