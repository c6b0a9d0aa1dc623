"""Media files: inside the workspace, there, and described in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.content.post import Media
from karnay.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karnay.content.page import Page
    from karnay.content.shapes import MediaShape, PostShape, TranslationShape

_DESCRIBE = 'describe what it shows, or write `alt: ""` if it is mere decoration'


def problems(page: Page[PostShape], folder: Path, root: Path) -> Iterator[Problem]:
    """What is wrong with the media of `index.md`, whose files are relative to `folder`."""
    for index, item in enumerate(page.keys.media):
        wrong = _wrong_with(item.file, folder, root)
        if wrong:
            yield page.problem(f"media[{index}].file", wrong)
        if item.alt is None:
            yield Problem(page.place(f"media[{index}]"), f"{item.file} has no alt: {_DESCRIBE}")


def problems_in(page: Page[TranslationShape], base: Page[PostShape], language: str) -> Iterator[Problem]:
    """What is wrong with the descriptions in one more language."""
    if page.spoilt & {"alt"} or base.spoilt & {"media"}:
        return
    files = [item.file for item in base.keys.media]
    for name in page.keys.alt:
        if name not in files:
            hint = did_you_mean(name, files)
            yield page.problem(f"alt.{name}", f'"{name}" is not in the media of index.md.{hint}')
    for item in base.keys.media:
        if item.alt and item.file not in page.keys.alt:
            message = f"{item.file} is not described in {language}: add `{item.file}: ...` to `alt:`"
            yield page.problem("alt", message)


def media(
    base: Page[PostShape], page: Page[TranslationShape] | None, folder: Path
) -> tuple[Media, ...]:
    """The media of one language; `page` is None for the first one."""
    described = page.keys.alt if page else {}
    return tuple(
        _medium(item, described.get(item.file, item.alt), folder).placed(base, index)
        for index, item in enumerate(base.keys.media)
    )
