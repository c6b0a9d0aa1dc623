"""Media files: inside the workspace, there, and described in every language."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from karnay.content.post import Media
from karnay.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karnay.content.page import Page
    from karnay.content.shapes import PostShape, TranslationShape
    from karnay.errors import Problem

_DESCRIBE = 'describe what it shows, or write `alt: ""` if it is mere decoration'


def problems(base: Page[PostShape], folder: Path, root: Path) -> Iterator[Problem]:
    """What is wrong with the media of `index.md`, whose files are relative to `folder`."""
    for index, item in enumerate(base.keys.media):
        wrong = _wrong_with(item.file, folder, root)
        if wrong:
            yield base.problem(f"media[{index}].file", wrong)
        if item.alt is None and f"media[{index}].alt" not in base.places:
            yield base.problem(f"media[{index}]", f'"{item.file}" has no `alt`: {_DESCRIBE}')


def problems_in(
    page: Page[TranslationShape], base: Page[PostShape], language: str
) -> Iterator[Problem]:
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
            remedy = f"`alt: {{{item.file}: ...}}`"
            yield page.problem("alt", f'"{item.file}" is not described in {language}: add {remedy}')


def media(
    base: Page[PostShape], page: Page[TranslationShape] | None, folder: Path
) -> tuple[Media, ...]:
    """The media of one language, their files resolved; `page` is None for the first language."""
    described = page.keys.alt if page else {}
    return tuple(
        Media(
            file=(folder / item.file).resolve(),
            alt=described.get(item.file, item.alt),
            focus=(item.focus[0], item.focus[1]),
            place=base.place(f"media[{index}]"),
        )
        for index, item in enumerate(base.keys.media)
    )


def _wrong_with(name: str, folder: Path, root: Path) -> str:
    """Why that file cannot be sent, or nothing."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(root.resolve()):
            return f'"{name}" is outside the workspace: copy it beside the post'
        return _wrong_at(path, name)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
        return f'"{name}" cannot be read: {getattr(error, "strerror", None) or error}'


def _wrong_at(path: Path, name: str) -> str:
    if not path.exists():
        return f'"{name}" does not exist.{_neighbour(path)}'
    if not path.is_file():
        return f'"{name}" is not a file'
    if not os.access(path, os.R_OK):
        return f'"{name}" may not be read by this user'
    return "" if path.stat().st_size else f'"{name}" is empty'


def _neighbour(path: Path) -> str:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return did_you_mean(path.name, names)
