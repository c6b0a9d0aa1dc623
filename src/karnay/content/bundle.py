"""A post's files: a folder with `index.md` and `index.<lang>.md`, or one `slug.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from karnay.errors import InvalidPost, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

INDEX = "index.md"
TRANSLATION = re.compile(r"index\.(.+)\.md")

_SLUG = re.compile(r"\w[\w.-]{0,99}")
_BAD_SLUG = "a post's name is up to 100 letters, digits, - and _, without blanks: rename it"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Where a post's files are; media are relative to `folder`."""

    slug: str
    folder: Path
    index: Path
    translations: Mapping[str, Path]
    root: Path

    @property
    def single(self) -> bool:
        """Whether it is one file in the short form, which has one language."""
        return self.index.name != INDEX

    def shown(self, path: Path) -> str:
        """The path as messages name it: from the working directory, else from the workspace."""
        absolute = path.absolute()
        starts = (Path.cwd(), self.root.absolute())
        start = next((start for start in starts if absolute.is_relative_to(start)), Path("/"))
        return printable(str(absolute.relative_to(start) if start != Path("/") else absolute))


def printable(name: str) -> str:
    """A file name that can be shown and stored: what is no Unicode in it appears as ?."""
    return name.encode("utf-8", "replace").decode("utf-8")


def at(path: Path, root: Path) -> Bundle:
    """The files of the post at a folder, at its index.md, or at `slug.md`.

    Raises InvalidPost when the post's name is unfit, or when there is no index.md.
    """
    place = path.parent if in_folder(path) else path
    found = _folder(place, root) if place.is_dir() else _single(place, root)
    if not _SLUG.fullmatch(found.slug):
        raise InvalidPost([Problem(Place(found.shown(place)), _BAD_SLUG)])
    if found.single and place.with_suffix("").is_dir():
        message = f'there is a folder "{found.slug}", too: keep one of the two'
        raise InvalidPost([Problem(Place(found.shown(place)), message)])
    return found


def in_folder(path: Path) -> bool:
    """Whether the path is a file of a post's folder, and not a post by itself."""
    return path.name == INDEX or bool(TRANSLATION.fullmatch(path.name))


def _folder(folder: Path, root: Path) -> Bundle:
    matches = ((TRANSLATION.fullmatch(path.name), path) for path in sorted(folder.glob("*.md")))
    translations = {printable(match[1]): path for match, path in matches if match}
    found = Bundle(folder.name, folder, folder / INDEX, translations, root)
    if not found.index.exists():
        message = "does not exist: it holds the first language, and all that is not language"
        raise InvalidPost([Problem(Place(found.shown(found.index)), message)])
    return found


def _single(file: Path, root: Path) -> Bundle:
    return Bundle(file.name.removesuffix(".md"), file.parent, file, {}, root)
