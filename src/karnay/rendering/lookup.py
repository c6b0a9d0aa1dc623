"""Where a template of a given name lies: in the user's folder, else among the packaged ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, TemplateError, TemplateNotFound
from jinja2.loaders import split_template_path

from karnay.errors import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2 import Environment

PACKAGED = "packaged/"
"""Before a name: the packaged template, also where the user has one of that name."""


class Unreadable(TemplateError):
    """A template file is there and cannot be used; `place` says where it is."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be the template of that name; `name` is as `{% extends %}` writes it."""

    name: str
    file: Path
    packaged: bool
    won: bool = False

    @property
    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.file.is_file()

    @property
    def title(self) -> str:
        """The name as a variant bears it: `telegram/visit.md.j2 (packaged)`."""
        return f"{self.name} (packaged)" if self.packaged else self.name

    @property
    def place(self) -> Place:
        """The file as problems name it: the user's beginning with the folder's name."""
        depth = len(Path(self.name).parts) + 1
        return Place(str(self.file) if self.packaged else "/".join(self.file.parts[-depth:]))


class Lookup(BaseLoader):
    """Loads templates by name; a file that appears, changes or goes is noticed at once."""

    def __init__(self, user: Path | None, packaged: Path) -> None:
        self._user, self._packaged = user, packaged

    def candidates(self, name: str) -> list[Candidate]:
        """The files that may be meant by a name, in order; none by one that leads elsewhere."""
        bare = name.removeprefix(PACKAGED)
        try:
            inside = split_template_path(bare)
        except TemplateNotFound:  # a part of the name is `..`
            return []
        packaged = Candidate(bare, self._packaged.joinpath(*inside), packaged=True)
        if self._user is None or bare != name:
            return [packaged]
        return [Candidate(bare, self._user.joinpath(*inside), packaged=False), packaged]

    def find(self, name: str) -> Candidate | None:
        """The file that a name means, if there is one."""
        return next((file for file in self.candidates(name) if file.exists), None)

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002 - Jinja's signature
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text, file and freshness of a template. Raises TemplateNotFound or Unreadable."""
        found = self.find(template)
        if found is None:
            raise TemplateNotFound(template)
        stamp = found.file.stat().st_mtime_ns
        return _text(found), str(found.file), lambda: self._fresh(template, found, stamp)

    def list_templates(self) -> list[str]:
        """Every name that could be loaded."""
        return sorted({*self.names(self._user), *self.names(self._packaged)})

    @staticmethod
    def names(folder: Path | None) -> Iterator[str]:
        """The names of the templates in a folder."""
        files = sorted(folder.rglob("*.j2")) if folder is not None else ()
        return (file.relative_to(folder).as_posix() for file in files if folder is not None)

    def _fresh(self, name: str, loaded: Candidate, stamp: int) -> bool:
        return self.find(name) == loaded and loaded.file.stat().st_mtime_ns == stamp


def _text(found: Candidate) -> str:
    try:
        return found.file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    raise Unreadable(f"the template {reason}", found.place)
