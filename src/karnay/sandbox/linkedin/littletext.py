"""How LinkedIn reads "little text": escapes, mentions, hashtags, and where it silently ends.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from karnay.sandbox.marks import Mark, detected

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESERVED = r"|{}@\[\]()<>#\\*_~"
_WORD = r"\p{L}\p{M}\p{N}"
_TOKEN = regex.compile(
    rf"\\(?P<char>[{_RESERVED}])"
    rf"|@\[(?P<name>(?:[^{_RESERVED}]|\\[{_RESERVED}])+)\]\((?P<urn>urn:li:\w+:[\w-]+)\)"
    rf"|\{{hashtag\|(?:\\?\#|＃)\|(?P<tag>(?:[^{_RESERVED}\s]|\\[{_RESERVED}])+)\}}"
    rf"|\#(?P<word>[{_WORD}]+)"
    rf"|(?P<plain>[^{_RESERVED}]+)"
)
_ESCAPED = regex.compile(rf"\\([{_RESERVED}])")


def read(little: str) -> tuple[str, tuple[Mark, ...]]:
    """The text that is published, and its marks.

    It ends where a reserved character is neither escaped nor part of an entity; nobody is told.
    """
    text, marks = "", []
    for found in _tokens(little):
        piece, kind = _shown(found)
        if kind:
            marks.append(Mark(len(text), len(text) + len(piece), kind))
        text += piece
    links = (mark for mark in detected(text) if mark.kind == "link")
    return text, (*links, *marks)


def kept(little: str) -> str:
    """The little text as the API gives it back: up to where it ends, its hashtags as templates."""
    return "".join(
        rf"{{hashtag|\#|{found['word']}}}" if found["word"] else found[0]
        for found in _tokens(little)
    )


def _tokens(little: str) -> Iterator[regex.Match[str]]:
    place = 0
    while found := _TOKEN.match(little, place):
        place = found.end()
        yield found


def _shown(found: regex.Match[str]) -> tuple[str, str]:
    if found["name"]:
        return _unescaped(found["name"]), "mention"
    tag = found["tag"] or found["word"]
    return (f"#{_unescaped(tag)}", "hashtag") if tag else (found["char"] or found["plain"], "")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
