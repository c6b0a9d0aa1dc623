"""How much one rendering may do: every round of a loop, every call and every text is counted."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from jinja2.exceptions import TemplateRuntimeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

LONGEST = 100_000
"""Characters (code points) of the longest text, and items of the longest list."""
STEPS = 100_000
"""Rounds of loops, calls and inclusions, all together, in one rendering."""
CHARACTERS = 2_000_000
"""Characters that one rendering may handle, each as often as it passes through something."""


class TooMuch(TemplateRuntimeError):
    """A template goes on for ever, or builds something enormous."""


_LISTS = (list, tuple)


@dataclass(slots=True)
class Budget:
    """What is left of one rendering's allowance."""

    steps: int = STEPS
    characters: int = CHARACTERS

    def step(self) -> None:
        """One more round, call or inclusion. Raises TooMuch after the last one."""
        self.steps -= 1
        if self.steps < 0:
            raise TooMuch(
                f"the template takes more than {STEPS:,} steps; does a loop end too late?"
            )

    def handle(self, size: int) -> None:
        """So many characters or items pass through. Raises TooMuch when it is one too many."""
        self.characters -= size
        if self.characters < 0:
            raise TooMuch(f"the template handles more than {CHARACTERS:,} characters")


_current: ContextVar[Budget | None] = ContextVar("budget of the running rendering", default=None)


@contextmanager
def spending() -> Iterator[Budget]:
    """A fresh budget for all that is rendered inside."""
    budget = Budget()
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)


def step() -> None:
    """Count one step of the rendering that runs, if one does. Raises TooMuch."""
    if budget := _current.get():
        budget.step()


def handle(size: int) -> None:
    """Count so many characters of the rendering that runs, if one does. Raises TooMuch."""
    within_reach(size)
    if budget := _current.get():
        budget.handle(size)


def within_reach(size: int) -> None:
    """Raises TooMuch when a text or list of this size is longer than any may be."""
    if size > LONGEST:
        raise TooMuch(f"the template builds more than {LONGEST:,} characters")


def weigh(value: T) -> T:
    """The same value, all that is in it counted: texts, and lists in lists. Raises TooMuch."""
    if isinstance(value, (str, range, dict, *_LISTS)):
        handle(len(value))
    if isinstance(value, _LISTS):
        for item in value:
            if isinstance(item, (str, *_LISTS)):
                weigh(item)
    return value


def counted(items: Iterable[T]) -> Iterator[T]:
    """The same items, each of them a step."""
    for item in items:
        step()
        yield item
