"""What pydantic finds wrong with a header, in words for the person who wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from karnay.content.header import KeyPath, Mark, written
from karnay.errors import Place, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic_core import ErrorDetails

ShapeT = TypeVar("ShapeT", bound=BaseModel)
_MEDIA = "{file: photo.jpg, alt: What it shows}"


class Refused(Exception):
    """The values do not have the shape; `locs` are pydantic's paths of what is wrong."""

    def __init__(self, problems: tuple[Problem, ...], locs: tuple[KeyPath, ...] = ()) -> None:
        super().__init__()
        self.problems = problems
        self.locs = locs


def shaped(
    shape: type[ShapeT],
    values: Any,
    marks: Mapping[KeyPath, Mark],
    under: KeyPath = (),
) -> ShapeT:
    """The values in their shape; `under` is the path that leads to them. Raises Refused."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = (_problem(detail, shape, marks, under) for detail in details)
        locs = tuple(detail["loc"] for detail in details if detail["loc"])
        raise Refused(tuple(dict.fromkeys(problems)), locs) from None


def _problem(
    detail: ErrorDetails, shape: type[BaseModel], marks: Mapping[KeyPath, Mark], under: KeyPath
) -> Problem:
    path = _real(detail["loc"], marks, under)
    return Problem(_place(detail, path, marks), _message(detail, shape), written(path))


def _real(loc: KeyPath, marks: Mapping[KeyPath, Mark], under: KeyPath) -> KeyPath:
    """The path in the file: pydantic's own, without the names of union members."""
    path = under
    for part in loc:
        path = (*path, part) if (*path, part) in marks else path
    return path


def _place(detail: ErrorDetails, path: KeyPath, marks: Mapping[KeyPath, Mark]) -> Place:
    mark = marks[path]
    return mark.key if detail["type"] == "extra_forbidden" else mark.value


def _message(detail: ErrorDetails, shape: type[BaseModel]) -> str:
    words = _WORDS.get(detail["type"])
    return words(detail, shape) if words else detail["msg"].replace("Input should", "must")


def _given(value: object) -> str:
    return next(name for kinds, name in _KINDS if isinstance(value, kinds))


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "a group of keys"),
    (object, "this"),
)


def _not_text(detail: ErrorDetails, _shape: type[BaseModel]) -> str:
    given = detail["input"]
    remedy = ": put it in quotes" if isinstance(given, (bool, int, float)) else ""
    remedy = ": a text that begins with # needs quotes" if given is None else remedy
    return f"must be text, not {_given(given)}{remedy}"


def _not_one_of(detail: ErrorDetails, _shape: type[BaseModel]) -> str:
    names = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    given = detail["input"]
    hint = did_you_mean(given, names) if isinstance(given, str) else ""
    return f'"{given}" is not one of {", ".join(names)}.{hint}'


def _unknown_key(detail: ErrorDetails, shape: type[BaseModel]) -> str:
    known = _fields_at(detail["loc"][:-1], shape)
    return f'unknown key "{detail["loc"][-1]}".{did_you_mean(str(detail["loc"][-1]), known)}'


def _fields_at(loc: KeyPath, shape: type[BaseModel]) -> tuple[str, ...]:
    names = [part for part in loc if isinstance(part, str)]
    model: type[BaseModel] | None = shape
    for name in names:
        field = model.model_fields.get(name) if model else None
        model = _model_in(field.annotation) if field else model
    return tuple(model.model_fields) if model else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in `list[Model]`, `Model | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _not_list(detail: ErrorDetails, _shape: type[BaseModel]) -> str:
    example = f"[{_MEDIA}]" if detail["loc"][:1] == ("media",) else "[one, two]"
    return f"must be a list, as in {example}"


def _not_group(detail: ErrorDetails, _shape: type[BaseModel]) -> str:
    example = f", as in {_MEDIA}" if detail["loc"][:1] == ("media",) else ""
    return f"must be a group of `key: value` lines{example}"


def _bound(words: str, name: str) -> Callable[[ErrorDetails, type[BaseModel]], str]:
    return lambda detail, _shape: words.format(detail.get("ctx", {}).get(name))


def _always(words: str) -> Callable[[ErrorDetails, type[BaseModel]], str]:
    return lambda _detail, _shape: words


_WORDS: Mapping[str, Callable[[ErrorDetails, type[BaseModel]], str]] = {
    "extra_forbidden": _unknown_key,
    "missing": lambda detail, _shape: f"`{detail['loc'][-1]}:` is missing here",
    "string_type": _not_text,
    "string_too_short": _always("must not be empty"),
    "enum": _not_one_of,
    "literal_error": _not_one_of,
    "value_error": _bound("{}", "error"),
    "greater_than_equal": _bound("must be at least {}", "ge"),
    "less_than_equal": _bound("must be at most {}", "le"),
    "too_short": _bound("must have at least {} items", "min_length"),
    "too_long": _bound("must have at most {} items", "max_length"),
    **dict.fromkeys(("list_type", "tuple_type"), _not_list),
    **dict.fromkeys(("bool_type", "bool_parsing"), _always("must be true or false")),
    **dict.fromkeys(("int_type", "int_parsing"), _always("must be a whole number")),
    **dict.fromkeys(("float_type", "float_parsing"), _always("must be a number")),
    **dict.fromkeys(("dict_type", "model_type", "mapping_type"), _not_group),
}
"""Pydantic's kinds of errors: https://docs.pydantic.dev/latest/errors/validation_errors/"""
