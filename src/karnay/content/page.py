"""One file of a post, read as far as it can be read, with all that is wrong with it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from karnay.content import front_matter, header, source
from karnay.content.complaints import Refused, shaped
from karnay.content.shapes import PostShape, Shape, TranslationShape, overrides
from karnay.errors import InvalidPost, Place, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from karnay.content.header import Header, KeyPath
    from karnay.content.known import Known

Keys = TypeVar("Keys", bound=Shape)
Overrides = dict[str, dict[str, Any]]
_ABOVE = re.compile(r"(?:^|\.)[^.\[]*$|\[\d+\]$")  # the last step of a written path


@dataclass(frozen=True, slots=True)
class Page(Generic[Keys]):
    """A file's header in its shape, its body, and its problems.

    Where single keys are wrong, `keys` holds the defaults in their stead and `spoilt` names the
    first keys on the way to them; `values` is the header as it is written. Where nothing can be
    read, `readable` is false.
    """

    file: str
    keys: Keys
    values: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    platforms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    spoilt: frozenset[str] = frozenset()
    readable: bool = True

    def place(self, path: str) -> Place:
        """Where that key stands; for an absent one, the nearest above it, else the file's begin."""
        if path in self.places or not path:
            return self.places.get(path) or Place(self.file, 1, 1)
        return self.place(_ABOVE.sub("", path))

    def texts(self, key: str) -> Iterator[tuple[int, str]]:
        """The texts in that list as it is written, even where something else in it is wrong."""
        listed = self.values.get(key)
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(item, str):
                yield index, item

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


def _page(sheet: front_matter.Sheet, head: Header, shape: type[Keys], known: Known) -> Page[Keys]:
    values = without_empty(head.values)
    keys, spoilt, wrong = _keys(values, head, shape)
    platforms, unfit = _platforms(getattr(keys, "platforms", {}), head, known)
    start = Place(sheet.header.file, 1, 1)
    return Page(
        file=start.file,
        keys=keys,
        values=values,
        body=sheet.body.text,
        platforms=MappingProxyType(platforms),
        places=MappingProxyType({**head.places(), "body": sheet.body.place(), "": start}),
        problems=(*head.problems, *wrong, *unfit, *_left_empty(head)),
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


def _left_empty(head: Header) -> Iterator[Problem]:
    """Warnings of keys without a value; in `data` it may be meant, in `media` it is an error."""
    for path, comment in head.empty.items():
        if len(path) == 1 or path[0] == "platforms":
            message = f"is empty{_hidden(path, comment)}"
            yield Problem(head.marks[path].key, message, header.written(path), warning=True)


def _hidden(path: KeyPath, comment: str) -> str:
    """What to write where the value itself turned into a comment; "" where it did not."""
    if not re.match(r"#\w", comment):
        return ""
    words = ", ".join(re.findall(r"#(\w+)", comment))
    remedy = f"write [{words}]" if path[-1] == "hashtags" else "put the value in quotes"
    return f": `#` begins a comment in YAML; {remedy}"


def _keys(
    values: dict[str, Any], head: Header, shape: type[Keys]
) -> tuple[Keys, frozenset[str], tuple[Problem, ...]]:
    """The shape, filled from all keys that are right; those that are not, and why."""
    try:
        return shaped(shape, values, head.marks), frozenset(), ()
    except Refused as refused:
        keys, spoilt, _same = _keys(_pruned(values, refused.locs), head, shape)
        problems = tuple(_of_the_other_file(shape, refused.problems))
        return keys, spoilt | {str(loc[0]) for loc in refused.locs}, problems


def _pruned(values: dict[str, Any], locs: tuple[KeyPath, ...]) -> dict[str, Any]:
    """The values without the wrong ones; a list with a wrong item goes as a whole."""
    kept = deepcopy(values)
    for loc in locs:
        _prune(kept, loc)
    return kept


def _prune(values: dict[str, Any], loc: KeyPath) -> None:
    """Delete the innermost key on the way to what is wrong."""
    for length in range(len(loc), 0, -1):
        parent = _at(values, loc[: length - 1])
        if isinstance(parent, dict) and loc[length - 1] in parent:
            del parent[loc[length - 1]]
            return


def _at(values: Any, loc: KeyPath) -> Any:
    for part in loc:
        try:
            values = values[part]
        except (LookupError, TypeError):
            return None
    return values


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
        hint = did_you_mean(name, known.platforms) or f" Known: {', '.join(known.platforms)}"
        message = f'unknown platform "{name}".{hint}'
        problem = Problem(head.marks[path].key, message, header.written(path))
        raise Refused((problem,))
    model: type[BaseModel] = overrides(known.platforms[name])
    fitting = shaped(model, values, head.marks, path)
    return fitting.model_dump(mode="json", exclude_unset=True)
