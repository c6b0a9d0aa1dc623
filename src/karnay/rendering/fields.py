"""Named values in a template, with answers for names that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined
from jinja2.utils import missing

from karnay.errors import did_you_mean


class Fields(Mapping[str, Any]):
    """A read-only mapping that knows its own path in a template and the file it comes from."""

    __slots__ = ("_values", "path", "source")

    def __init__(self, values: Mapping[str, Any], path: str, source: str) -> None:
        self._values, self.path, self.source = values, path, source

    def __getitem__(self, key: str) -> Any:
        """The value; a mapping inside knows its path as well."""
        value = self._values[key]
        if isinstance(value, Mapping):
            return Fields(value, f"{self.path}.{key}", self.source)
        return value

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the file."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._values)


class Missing(StrictUndefined):
    """A name that is not there: using it in any way is an error that says where to set it."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name, owner = str(self._undefined_name), self._undefined_obj
        if owner is missing:
            return f"templates know no `{name}`.{did_you_mean(name, NAMES)}"
        if isinstance(owner, Fields):
            return _not_set(name, owner)
        near = did_you_mean(name, [str(key) for key in owner]) if isinstance(owner, Mapping) else ""
        return f"there is no `{name}` in {type(owner).__name__} here.{near}"


def _not_set(name: str, owner: Fields) -> str:
    return f"`{owner.path}.{name}` is not set in {owner.source}.{did_you_mean(name, list(owner))}"


NAMES = (
    "title",
    "summary",
    "body",
    "link",
    "hashtags",
    "data",
    "media",
    "slug",
    "kind",
    "language",
    "account",
    "overflow",
)
"""All that a template can name."""
