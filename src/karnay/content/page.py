"""One file of a post, read as far as it can be read, with all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from karnay.accounts import NOTHING
from karnay.content import front_matter, header, source
from karnay.content.complaints import Refused, shaped
from karnay.content.header import Header
from karnay.content.shapes import PostShape, Shape, TranslationShape, overrides
from karnay.errors import InvalidPost, Place, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from karnay.content.known import Known

Keys = TypeVar("Keys", bound=Shape)
Overrides = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page(Generic[Keys]):
    """A file's header in its shape, its body, and its problems.

    Where single keys are wrong, `keys` holds the defaults in their stead and `spoilt` names them;
    where nothing can be read, `readable` is false.
    """

    file: str
    keys: Keys
    body: str = ""
    platforms: Mapping[str, Mapping[str, Any]] = field(default=NOTHING)
    places: Mapping[str, Place] = field(default=NOTHING)
    problems: tuple[Problem, ...] = ()
    spoilt: frozenset[str] = frozenset()
    readable: bool = True

    def place(self, path: str) -> Place:
        """Where that key stands; for an absent one, where the file begins."""
        return self.places.get(path) or Place(self.file, 1, 1)

    def problem(self, path: str, message: str, *, warning: bool = False) -> Problem:
        """A problem of that key."""
        return Problem(self.place(path), message, path, warning)


def read(path: Path, file: str, shape: type[Keys], known: Known) -> Page[Keys]:
    """The page at that path, called `file` in messages; whatever is wrong is in its problems."""
    try:
        sheet = front_matter.split(source.read(path, file))
        head = header.parse(sheet.header)
    except InvalidPost as error:
        return Page(file, shape(), problems=error.problems, readable=False)
    return _page(sheet, head, shape, known)


def _page(
    sheet: front_matter.Sheet, head: Header, shape: type[Keys], known: Known
) -> Page[Keys]:
    values = without_empty(head.values)
    keys, spoilt, wrong = _keys(values, head, shape)
    platforms, unfit = _platforms(getattr(keys, "platforms", {}), head, known)
    start = Place(sheet.header.file, 1, 1)
    return Page(
        file=start.file,
        keys=keys,
        body=sheet.body.text,
        platforms=MappingProxyType(platforms),
        places=MappingProxyType({**head.places(), "body": sheet.body.place(), "": start}),
        problems=(*head.problems, *wrong, *unfit),
        spoilt=spoilt,
    )


def without_empty(value: Any) -> Any:
    """The value without the keys that were left empty (`summary:`), but for what is in `data`."""
    if not isinstance(value, dict):
        return [without_empty(item) for item in value] if isinstance(value, list) else value
    return {
        key: inner if key == "data" else without_empty(inner)
        for key, inner in value.items()
        if inner is not None
    }


def _keys(
    values: dict[str, Any], head: Header, shape: type[Keys]
) -> tuple[Keys, frozenset[str], tuple[Problem, ...]]:
    """The shape, filled from all keys that are right; those that are not, and why."""
    try:
        return shaped(shape, values, head.marks), frozenset(), ()
    except Refused as refused:
        right = {key: value for key, value in values.items() if key not in refused.keys}
        problems = tuple(_of_the_other_file(shape, refused.problems))
        return shape.model_validate(right), refused.keys, problems


def _of_the_other_file(shape: type[Shape], problems: tuple[Problem, ...]) -> Iterator[Problem]:
    """The same problems, but where a translation holds a key of index.md, say so."""
    elsewhere = set(PostShape.model_fields) - set(TranslationShape.model_fields)
    message = "belongs in index.md, once for all languages"
    for problem in problems:
        moved = shape is TranslationShape and problem.path in elsewhere
        yield Problem(problem.place, message, problem.path) if moved else problem


def _platforms(
    written: Mapping[str, Any], head: Header, known: Known
) -> tuple[Overrides, list[Problem]]:
    """What `platforms:` overrides, in the shapes of the platforms, and what does not fit them."""
    result: Overrides = {}
    problems: list[Problem] = []
    for name, values in written.items():
        try:
            result[name] = _override(name, values, head, known)
        except Refused as refused:
            problems.extend(refused.problems)
    return result, problems


def _override(name: str, values: Any, head: Header, known: Known) -> dict[str, Any]:
    path = ("platforms", name)
    if name not in known.platforms:
        message = f'unknown platform "{name}".{did_you_mean(name, known.platforms)}'
        problem = Problem(head.marks[path].key, message, header.written(path))
        raise Refused((problem,), frozenset())
    model: type[BaseModel] = overrides(known.platforms[name])
    fitting = shaped(model, values, head.marks, path)
    return fitting.model_dump(mode="json", exclude_unset=True)
