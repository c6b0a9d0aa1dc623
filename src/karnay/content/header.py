"""The YAML of a header: plain values, and where each key and value stands.

YAML 1.2 by ruamel.yaml, composed but not constructed: dates and times stay texts, a key written
twice is a problem, and aliases cannot blow up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from karnay.content.source import FORBIDDEN, named
from karnay.errors import InvalidPost, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.content.source import Source

KeyPath = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""

_LARGEST = 64_000  # characters of a header
_MOST_VALUES = 10_000  # aliases counted each time they are used
_DEEPEST = 20
_YAML = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value stands, and where its key does (in a list: the value again)."""

    key: Place
    value: Place


@dataclass(frozen=True, slots=True)
class Header:
    """The values of a header, their marks, and what is wrong with single ones of them.

    `empty` are the keys without any value, each with the comment behind it.
    """

    values: dict[str, Any]
    marks: Mapping[KeyPath, Mark]
    problems: tuple[Problem, ...] = ()
    empty: Mapping[KeyPath, str] = field(default_factory=dict)

    def places(self) -> dict[str, Place]:
        """Where each value begins, by its written path."""
        return {written(path): mark.value for path, mark in self.marks.items()}


def written(path: KeyPath) -> str:
    """The path as people read it: `media[0].alt`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def parse(source: Source) -> Header:
    """The header's values. Raises InvalidPost where the text is no YAML mapping at all."""
    root = _composed(source)
    if root is None:
        return Header({}, {(): Mark(source.place(), source.place())})
    if not isinstance(root, MappingNode):
        place = source.place(root.start_mark.index)
        raise InvalidPost([Problem(place, "the header must be lines of `key: value`")])
    reading = _Reading(source)
    values = reading.value(root, ())
    return Header(values, reading.marks, tuple(reading.problems), reading.empty)


def _composed(source: Source) -> Node | None:
    if len(source.text) > _LARGEST:
        raise _not_yaml(source.place(), "the header is larger than 64 kB")
    try:
        nodes = list(_reader().compose_all(source.text))
    except MarkedYAMLError as error:
        raise _not_yaml(_place(error, source), _in_words(error)) from None
    except RecursionError:
        raise _not_yaml(source.place(), _TOO_DEEP) from None
    except Exception as error:  # noqa: BLE001 - the parser stumbles over some malformed escapes
        raise _not_yaml(source.place(), f"the header is not valid YAML: {error}") from None
    if len(nodes) > 1 or re.search(r"^%", source.text, re.MULTILINE):
        raise _not_yaml(source.place(), "the header must be one YAML document, without directives")
    return nodes[0] if nodes else None


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    return yaml


def _not_yaml(place: Place, message: str) -> InvalidPost:
    return InvalidPost([Problem(place, message)])


_TOO_DEEP = f"the header is nested more than {_DEEPEST} levels deep"
_QUOTE_IN_QUOTES = (
    "a quote inside quotes: put the whole in single quotes (and write each ' in it twice)"
)
_UNCLOSED_QUOTE = "found unexpected end of stream"
_WORDS: tuple[tuple[str, str], ...] = (
    (_UNCLOSED_QUOTE, "the quotation mark that opens here is not closed"),
    (r"found character '\\t'", "a tab cannot stand here: indent with spaces"),
    (r"found character '(.)'", 'a value cannot begin with {0}: put it in quotes, "{0}..."'),
    (r"found undefined alias '(.*)'", 'a value cannot begin with *: put it in quotes, "*{0}"'),
    ("mapping values are not allowed", "no colon is expected here: a text with `: ` needs quotes"),
    (r"got '<stream end>'", "a bracket is not closed"),
    (r"<block end>, but found '<scalar>'", _QUOTE_IN_QUOTES),
)
"""What the parser says, and what we say; the parser's own words for all else."""


def _in_words(error: MarkedYAMLError) -> str:
    said = str(error.problem or error.context or "it cannot be read")
    for pattern, words in _WORDS:
        found = re.search(pattern, said)
        if found:
            return words.format(*found.groups())
    return f"the header is not valid YAML: {said}"


def _place(error: MarkedYAMLError, source: Source) -> Place:
    """An unclosed quote is shown where it opens, all else where the parser stopped."""
    unclosed = error.problem == _UNCLOSED_QUOTE and error.context_mark
    mark = unclosed or error.problem_mark or error.context_mark
    return source.place(mark.index if mark else 0)


@dataclass
class _Reading:
    """One walk over the nodes of a header; notes marks and problems on its way."""

    source: Source
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    empty: dict[KeyPath, str] = field(default_factory=dict)
    seen: int = 0

    def value(self, node: Node, path: KeyPath, key: Node | None = None) -> Any:
        self._bounded(node, path)
        place = self._place(node)
        self.marks[path] = Mark(self._place(key) if key else place, place)
        if not _supported(node):
            self._note(node, path, f"the tag {_short(node)} has no meaning here: delete it")
            return None
        return _READERS[type(node)](self, node, path)

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            name = self._name(key, path)
            if name in values:
                self._twice(key, (*path, name))
            elif name is not None:
                values[name] = self.value(value, (*path, name), key)
                self._note_empty(key, value, (*path, name))
        return values

    def sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        try:
            return _SCALARS.get(_kind(node), str)(self._printable(node, path))
        except ValueError:
            self._note(node, path, f"{node.value[:40]} is not a number that can be read")
            return None

    def _name(self, key: Node, path: KeyPath) -> str | None:
        if not isinstance(key, ScalarNode) or _kind(key) == "merge":
            self._note(key, path, "a key must be a plain word")
            return None
        return self._printable(key, path)

    def _printable(self, node: ScalarNode, path: KeyPath) -> str:
        """The text; escapes such as "\\0" may smuggle in what the file itself cannot hold."""
        text = str(node.value)
        found = FORBIDDEN.search(text)
        if found:
            self._note(node, path, f"{named(found[0])} cannot be published: delete it")
        return FORBIDDEN.sub("\ufffd", text)

    def _twice(self, key: Node, path: KeyPath) -> None:
        first = self.marks[path].key.line
        self._note(key, path, f'"{path[-1]}" is written twice, first in line {first}: keep one')

    def _note_empty(self, key: Node, value: Node, path: KeyPath) -> None:
        if _kind(value) == "null" and not value.value:
            line = self.source.text[key.end_mark.index :].partition("\n")[0]
            self.empty[path] = line.partition(":")[2].strip()

    def _bounded(self, node: Node, path: KeyPath) -> None:
        self.seen += 1
        if self.seen > _MOST_VALUES:
            raise _not_yaml(self._place(node), "the header holds more than 10,000 values")
        if len(path) > _DEEPEST:
            raise _not_yaml(self._place(node), _TOO_DEEP)

    def _note(self, node: Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self._place(node), message, written(path)))

    def _place(self, node: Node) -> Place:
        return self.source.place(node.start_mark.index)


_READERS: dict[type[Node], Callable[[_Reading, Any, KeyPath], Any]] = {
    MappingNode: _Reading.mapping,
    SequenceNode: _Reading.sequence,
    ScalarNode: _Reading.scalar,
}
_TAGS = {
    MappingNode: {"map"},
    SequenceNode: {"seq"},
    ScalarNode: {"str", "null", "bool", "int", "float", "timestamp", "value", "merge"},
}


def _kind(node: Node) -> str:
    return str(node.tag).removeprefix(_YAML)


def _supported(node: Node) -> bool:
    return str(node.tag).startswith(_YAML) and _kind(node) in _TAGS[type(node)]


def _short(node: Node) -> str:
    return str(node.tag).replace(_YAML, "!!")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return int(text, 0)


def _nothing(_text: str) -> None:
    return None


_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": _nothing,
    "bool": lambda text: text.lower() == "true",
    "int": _whole,
    "float": float,
}
"""How a scalar of each kind is read; all others, dates and times among them, stay text."""
