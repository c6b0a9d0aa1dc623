"""Where the networks see an address in a plain text; written from X's rules, which Mastodon shares.

A host must end in a top-level domain of the IANA root zone (`top_level_domains.txt`), so neither
`http://localhost:3000` nor `README.md5` is one.
https://docs.x.com/fundamentals/counting-characters
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_BEFORE = r"(?<![A-Za-z0-9@＠$#＃\u202a-\u202e])"
_LABEL = r"[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}])?"
_ASCII_LABEL = r"[A-Za-z0-9\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f-]*[A-Za-z0-9\u00c0-\u024f])?"
_TOP = r"(?:\L<tops>|xn--[a-z0-9-]+)(?=[^\p{L}\p{M}0-9@+-]|$)"
_IN_PATH = r"[A-Za-z\u00c0-\u024f\p{Cyrillic}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_ENDS_PATH = r"[A-Za-z\u00c0-\u024f\p{Cyrillic}0-9=_#/+\-]"
_BRACKETS = rf"\((?:{_IN_PATH}|\({_IN_PATH}*\))*\)"
_PATH = rf"(?:/(?:(?:{_IN_PATH}|{_BRACKETS})*(?:{_ENDS_PATH}|{_BRACKETS}))?)?"
_QUERY = (
    r"(?:\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/])?"
)
_REST = rf"(?::[0-9]+)?{_PATH}{_QUERY}"


@cache
def _top_level_domains() -> frozenset[str]:
    text = files("karnay.sandbox").joinpath("top_level_domains.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def _pattern(*, bare: bool) -> regex.Pattern[str]:
    with_scheme = rf"https?://(?:{_LABEL}\.)+{_TOP}{_REST}"
    without = rf"(?<![-_./])(?:{_ASCII_LABEL}\.)+{_TOP}{_REST}"
    either = rf"(?:{with_scheme}|{without})" if bare else with_scheme
    return regex.compile(_NOT_BEFORE + either, regex.IGNORECASE, tops=_top_level_domains())


def links(text: str, *, bare: bool) -> Iterator[tuple[int, int]]:
    """Start and end, in code points, of each address; `bare` also finds those without a scheme."""
    return (found.span() for found in _pattern(bare=bare).finditer(text))
