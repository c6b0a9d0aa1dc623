"""The first sentences of a text, plain or Markdown, without cutting through its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

# A full stop after a capital on its own is an initial ("А. С. Петров"), and one before a small
# letter an abbreviation: neither ends a sentence. A blank line always does.
_END = regex.compile(
    r"\n\s*\n"
    r"|(?<!\b\p{Lu})[.!?…؟。]+[\"'»”’)*_]*(?=\s+[^\p{Ll}\s])"
)
_PAIRS = (("[", "]"), ("(", ")"))
_TWINS = ("**", "`", "~~")


def first_sentences(text: str, most: int) -> str:
    """At most so many sentences from the start of the text, which is whole if it has no more."""
    if most < 1:
        return ""
    ends = (end for end in _ends(text) if _balanced(text[:end]))
    return next((text[:end].rstrip() for count, end in enumerate(ends, 1) if count == most), text)


def _ends(text: str) -> Iterator[int]:
    """Where sentences end; a blank line after a full stop is not another end."""
    last = 0
    for match in _END.finditer(text):
        if text[last : match.end()].strip():
            yield match.end()
        last = match.end()


def _balanced(text: str) -> bool:
    return all(text.count(left) == text.count(right) for left, right in _PAIRS) and all(
        text.count(mark) % 2 == 0 for mark in _TWINS
    )
