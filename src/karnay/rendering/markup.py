"""What is Markdown already and what is plain text: the line between them is drawn by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

from jinja2 import Undefined

from karnay.rendering import budget
from karnay.text.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Markdown(str):
    """Text that is Markdown: printed as it stands, where every other string is escaped first."""

    __slots__ = ()

    def __getitem__(self, _index: SupportsIndex | slice) -> str:
        """Refused: a piece of Markdown may be half a link."""
        raise TypeError("Markdown cannot be cut by position; use `flex` or `sentences`")


def as_markdown(value: object) -> Markdown:
    """The value as a template prints it: Markdown unchanged, text and numbers escaped.

    Raises TypeError for what has no printed form, as a list or nothing at all.
    """
    if isinstance(value, Markdown):
        return value
    return Markdown(escaped(as_text(value)))


def as_text(value: object) -> str:
    """A text or a number as a string. Raises TypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Undefined)):
        raise TypeError(_unprintable(value))
    return str(value)


def concatenated(pieces: Iterable[str]) -> Markdown:
    """What a template, block or macro has written, as one Markdown text. Raises TooMuch."""
    return Markdown("".join(_bounded(pieces)))


def joined(pieces: Iterable[object], separator: str = "") -> str:
    """The pieces in a row; as soon as one of them is Markdown the others are escaped for it."""
    values = list(pieces)
    if any(isinstance(value, Markdown) for value in (*values, separator)):
        return concatenated(_between(map(as_markdown, values), as_markdown(separator)))
    return "".join(_bounded(_between(map(as_text, values), separator)))


def like(original: str, text: str) -> str:
    """The text, as Markdown where the original was Markdown."""
    return Markdown(text) if isinstance(original, Markdown) else text


def _between(pieces: Iterable[str], separator: str) -> Iterator[str]:
    for index, piece in enumerate(pieces):
        if index:
            yield separator
        yield piece


def _bounded(pieces: Iterable[str]) -> Iterator[str]:
    total = 0
    for piece in pieces:
        total += len(piece)
        budget.within_reach(total)
        budget.handle(len(piece))
        yield piece


def _unprintable(value: object) -> str:
    if value is None:
        return "an empty value cannot be printed; test it first, or use `default('...', true)`"
    if isinstance(value, bool):
        return "yes or no cannot be printed; use {% if %}"
    return f"a {type(value).__name__} cannot be printed; use `join_list`, `bullets` or {{% for %}}"
