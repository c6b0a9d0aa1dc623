"""The templates of a workspace: which one words a post for a platform, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karnay.errors import BadConfiguration, Place, Problem
from karnay.rendering.budget import spending
from karnay.rendering.environment import MarkdownEnvironment
from karnay.rendering.faults import problem_of
from karnay.rendering.languages import speaking
from karnay.rendering.lookup import Candidate, Lookup
from karnay.rendering.packaged import packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Template

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Worded:
    """The Markdown that a template wrote, and the template's name."""

    markdown: str
    template: str


class Templates:
    """The user's templates before the packaged ones, at each step from special to general.

    The platform's own template for the kind comes first, then the platform's default, the kind's
    for all platforms, and the default of all. Safe to share between threads.
    """

    def __init__(self, user_folder: Path | None = None) -> None:
        self._user = user_folder
        self._lookup = Lookup(user_folder, packaged("templates"))
        self._environment = MarkdownEnvironment(self._lookup)

    def explain(self, platform: str, kind: str) -> list[Candidate]:
        """Every file that was looked for, in order, the winner marked."""
        rows = [row for name in _names(platform, kind) for row in self._lookup.candidates(name)]
        winner = next((row for row in rows if row.exists), None)
        return [replace(row, won=row is winner) for row in rows]

    def kinds(self) -> set[str]:
        """The kinds of post for which some template is there."""
        return {Path(name).name.removesuffix(".md.j2") for name in self._lookup.list_templates()}

    def word(self, platform: str, kind: str, context: Mapping[str, Any]) -> Worded:
        """What the winning template writes. Raises BadConfiguration with the template's place."""
        winner = next((row for row in self.explain(platform, kind) if row.won), None)
        if winner is None:
            raise BadConfiguration.of(f'no template is there for kind "{kind}" on {platform}')
        written = self._write(
            lambda: self._environment.get_template(winner.name), context, winner.place
        )
        return Worded(written, winner.title)

    def word_text(self, source: str, place: Place, context: Mapping[str, Any]) -> Worded:
        """What a template that stands at `place` in a post writes. Raises BadConfiguration."""
        written = self._write(lambda: self._environment.from_string(source), context, place)
        return Worded(written, place.file)

    def problems(self) -> list[Problem]:
        """What is wrong with the user's templates before any post is worded: their syntax."""
        checks = (self._check(name) for name in Lookup.names(self._user))
        return [problem for problem in checks if problem]

    def _check(self, name: str) -> Problem | None:
        try:
            with spending():
                self._environment.get_template(name)
        except Exception as error:  # noqa: BLE001 - whatever it is, a person must read it
            return problem_of(error, self._lookup, Place(name))
        return None

    def _write(self, load: Callable[[], Template], context: Mapping[str, Any], where: Place) -> str:
        """The text, within its bounds, in the context's language."""
        try:
            with spending(), speaking(context["language"]):
                template = load()
                running = template.root_render_func(template.new_context(dict(context)))
                return str(self._environment.concat(running))
        except Exception as error:  # a template can fail in every way that Python can
            raise BadConfiguration([problem_of(error, self._lookup, where)]) from error


def _names(platform: str, kind: str) -> list[str]:
    """The names from special to general, each once."""
    folders = (platform, DEFAULT)
    return list(
        dict.fromkeys(f"{folder}/{stem}.md.j2" for folder in folders for stem in (kind, DEFAULT))
    )
