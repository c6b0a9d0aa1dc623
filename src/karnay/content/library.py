"""The library: all posts of a workspace, found by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from karnay.content import bundle
from karnay.content.known import Known
from karnay.content.loading import load
from karnay.errors import NotFound, did_you_mean

if TYPE_CHECKING:
    from karnay.content.post import Post

__all__ = ["Known", "Library", "load"]

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}-(?=.)")


@dataclass(frozen=True, slots=True)
class Library:
    """The folder of posts; its parent is the workspace, inside which media must be."""

    folder: Path
    known: Known

    @property
    def root(self) -> Path:
        """The workspace."""
        return self.folder.parent

    def slugs(self) -> tuple[str, ...]:
        """The names of all posts, in order; a README, and what begins with `.` or `_`, is none."""
        entries = self.folder.iterdir() if self.folder.is_dir() else ()
        return tuple(sorted({_slug(entry) for entry in entries if _is_post(entry)}))

    def find(self, name: str | Path) -> Path:
        """The folder or file of a post, by slug, by `posts/slug`, or by a path to it.

        The date that begins a slug may be left out where only one post has the rest of its name.
        Raises NotFound with the nearest name, or with all names that may be meant.
        """
        wanted = str(name).rstrip("/").replace("\0", "")
        starts = (Path.cwd(), self.root, self.folder)
        candidates = (start / file for file, start in product((wanted, f"{wanted}.md"), starts))
        post = next(filter(None, map(self._inside, candidates)), None)
        return post or self._undated(wanted)

    def load(self, name: str | Path) -> Post:
        """The post of that name. Raises NotFound, or InvalidPost with all its problems."""
        return load(self.find(name), self.known, self.root)

    def _undated(self, wanted: str) -> Path:
        """The one post whose slug is that name behind a date. Raises NotFound."""
        name = wanted.removeprefix(f"{self.folder.name}/").removesuffix(".md")
        slugs = [slug for slug in self.slugs() if _without_date(slug) == name]
        if not slugs:
            names = dict.fromkeys((*self.slugs(), *map(_without_date, self.slugs())))
            raise NotFound(f'there is no post "{wanted}".{did_you_mean(Path(name).name, names)}')
        if len(slugs) > 1:
            raise NotFound(f'"{wanted}" may be any of {", ".join(slugs)}: write one of them')
        return self.find(slugs[0])

    def _inside(self, path: Path) -> Path | None:
        """The post that the path leads to, or None when it is not one of this library."""
        post = path.parent if bundle.in_folder(path) else path
        try:
            mine = post.parent.resolve() == self.folder.resolve()
            return self.folder / post.name if mine and path.exists() and _is_post(post) else None
        except (OSError, RuntimeError):  # a name too long for a file, links in a circle
            return None


def _is_post(entry: Path) -> bool:
    if entry.name.startswith((".", "_", "README")) or bundle.in_folder(entry):
        return False
    return any(entry.glob("index*.md")) if entry.is_dir() else entry.suffix == ".md"


def _without_date(slug: str) -> str:
    return _DATE.sub("", slug)


def _slug(entry: Path) -> str:
    return entry.name if entry.is_dir() else entry.name.removesuffix(".md")
