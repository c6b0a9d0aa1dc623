"""Where X and Mastodon see an address in a plain text, written from their descriptions.

A host must end in a top-level domain of the IANA root zone (`top_level_domains.txt`), so
`http://localhost:3000` is none. X also takes addresses without a scheme; Mastodon takes any
letter in a path. https://docs.x.com/fundamentals/counting-characters and Mastodon's
`config/initializers/twitter_regex.rb`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096
"""Characters; a longer address is no address, for either network."""

_LONGEST_LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
_NOT_BEFORE = r"(?<![A-Za-z0-9@＠$#＃\u202a-\u202e])"
_IN_LABEL = r"[^\p{P}\p{Z}\p{Cc}\p{Cf}\s$+<=>^`|~]"
_LABEL = rf"{_IN_LABEL}(?:(?:{_IN_LABEL}|[_-])*{_IN_LABEL})?"
_PLAIN = r"[A-Za-z0-9\u00c0-\u024f]"
_PLAIN_LABEL = rf"{_PLAIN}++(?:-++{_PLAIN}++)*+"  # possessive: a long word is read once
_TOP = r"(?:\L<tops>|xn--[a-z0-9-]+)(?=[^A-Za-z0-9@+-]|$)"
_DOMAIN = rf"{_IN_LABEL}(?:(?:{_IN_LABEL}|-)*{_IN_LABEL})?"  # an underscore only before it
_HOST = rf"(?P<host>(?:{_LABEL}\.)*{_DOMAIN}\.{_TOP})"
_PORT = r"(?::[0-9]+)?"


def _path(inside: str, last: str) -> str:
    brackets = rf"\((?:{inside}|\({inside}*\))*\)"
    return rf"(?:/(?:(?:{inside}|{brackets})*(?:{last}|{brackets}))?)?"


_X_PATH = _path(
    r"[A-Za-z\u00c0-\u024f\p{Cyrillic}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&]",
    r"[A-Za-z\u00c0-\u024f\p{Cyrillic}0-9=_#/+\-]",
)
_X_QUERY = r"(?:\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/])?"
_X_SHORT = rf"https?://t\.co/[A-Za-z0-9]+{_X_QUERY}"
_X_BARE_HOST = rf"(?<![-_./\u00c0-\u024f])(?P<host>(?:{_PLAIN_LABEL}\.)+{_TOP})"
_X_BARE = rf"{_X_BARE_HOST}(?:{_PORT}(?=/))?{_X_PATH}{_X_QUERY}"
_X = rf"(?:{_X_SHORT}|https?://{_HOST}{_PORT}{_X_PATH}{_X_QUERY}|{_X_BARE})"

_ANY_PATH = _path(r"[^\s()<>?]", r"[^\s()?!*\"'「」<>;:=.,$%\[\]~&|@]")
_ANY_QUERY = r"(?:\?[^\s()<>\"]*[^\s()?!*\"'「」<>;:.,$%\[\]~|@])?"
_MASTODON = rf"(?:https?://t\.co/[A-Za-z0-9]+|https?://{_HOST}{_PORT}{_ANY_PATH}{_ANY_QUERY})"


@lru_cache(maxsize=64)  # one answer asks for it several times
def x_links(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end, in code points, of each address that X makes a t.co link of."""
    found = _pattern(_X).finditer(text)
    return tuple(one.span() for one in found if _short_enough(one) and _resolvable(one))


def mastodon_links(text: str) -> Iterator[tuple[int, int]]:
    """Start and end, in code points, of each address that Mastodon counts as 23."""
    return (one.span() for one in _pattern(_MASTODON).finditer(text) if _short_enough(one))


def _short_enough(found: regex.Match[str]) -> bool:
    return len(found[0]) <= LONGEST


def _resolvable(found: regex.Match[str]) -> bool:
    return all(len(label) <= _LONGEST_LABEL for label in (found["host"] or "").split("."))


@cache
def _pattern(address: str) -> regex.Pattern[str]:
    return regex.compile(_NOT_BEFORE + address, regex.IGNORECASE, tops=_top_level_domains())


@cache
def _top_level_domains() -> frozenset[str]:
    text = files("karnay.sandbox").joinpath("top_level_domains.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
