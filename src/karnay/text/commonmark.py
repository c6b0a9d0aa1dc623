"""The CommonMark parser: what announcements need of it, in linear time."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt, helpers
from markdown_it.rules_block import paragraph

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

_DEEPEST = 100  # nested blocks; what lies deeper is not read
_UNNEEDED = ["lheading", "html_block", "html_inline"]

_MARKUP = re.compile(r"[\n!&*<\[\\\]_`~]")  # where any rule for what is within a paragraph begins
_BRACKETS = re.compile(r"\\.|[\[\]]", re.DOTALL)
_ENDLESS = re.compile(r"(?!<)(?:[^()\\\x00-\x20\x7f]*\(){33}")  # as many as markdown-it counts
_ORNAMENT = re.compile(r"[*_~]{33,}")  # not so many emphases within each other
_BRACKETS_READ = 8  # so many within each other, or never closed; any further one is a mere sign


@cache
def parser() -> MarkdownIt:
    """CommonMark and `~~strike~~`, without HTML and underlined headings.

    An inline token without children is plain: its content is its text.
    """
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    made.enable("strikethrough").disable(_UNNEEDED)
    made.core.ruler.at("inline", _inline)
    made.block.ruler.before("code", "plain", _plain)
    made.inline.ruler.before("strikethrough", "ornament", _ornament)
    made.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=_end_of_label,
        parseLinkDestination=_destination,
        parseLinkTitle=helpers.parseLinkTitle,
    )
    made.normalizeLink = _as_written  # type: ignore[assignment,method-assign]
    made.normalizeLinkText = str  # type: ignore[assignment,method-assign]
    return made


def _as_written(address: str) -> str:
    """The address as its author wrote it, but for white space, which would end it."""
    return re.sub(r"\s", "%20", address)


def _plain(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A block that begins with a letter is a paragraph: no other rule need look at it."""
    if silent or state.is_code_block(line):
        return False
    start = state.bMarks[line] + state.tShift[line]
    return state.src[start].isalpha() and paragraph(state, line, end, silent)


def _ornament(state: StateInline, silent: bool) -> bool:
    """A long run of signs is written as it is."""
    run = _ORNAMENT.match(state.src, state.pos, state.posMax)
    if run and not silent:
        state.append_pending(run[0])
    state.pos = run.end() if run else state.pos
    return run is not None


def _inline(state: StateCore) -> None:
    """Parse what is within the paragraphs; where nothing can be marked up there are no children."""
    for token in state.tokens:
        if token.type == "inline" and _MARKUP.search(token.content):
            token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _end_of_label(state: StateInline, start: int, disable_nested: bool = False) -> int:
    """Where the bracket at `start` is closed, or -1.

    markdown-it reads on from each bracket as if it were the only one; those that cannot be labels
    are therefore known beforehand.
    """
    if start in _hopeless(state.src):
        return -1
    return helpers.parseLinkLabel(state, start, disable_nested)


def _destination(text: str, start: int, end: int) -> object:
    """What markdown-it finds, but known at once where it would count parentheses in vain."""
    return helpers.parseLinkDestination(text, start, start if _ENDLESS.match(text, start) else end)


@lru_cache(maxsize=8)
def _hopeless(text: str) -> frozenset[int]:
    """Brackets with too many within each other in them; and the unclosed ones, if they are many."""
    deep: list[int] = []
    opened: list[tuple[int, int]] = []  # places, and how many there are within each other there
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] == "[":
            opened.append((bracket.start(), 0))
        elif bracket[0] == "]" and opened:
            place, within = opened.pop()
            deep += [place] if within >= _BRACKETS_READ else []
            opened[-1:] = [(start, max(known, within + 1)) for start, known in opened[-1:]]
    unclosed = [place for place, _ in opened]
    return frozenset(deep + unclosed if len(unclosed) > _BRACKETS_READ else deep)
