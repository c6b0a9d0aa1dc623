"""Finding addresses as twitter-text does, which X and Mastodon use, but in linear time.

Follows the grammar of https://github.com/twitter/twitter-text (Apache-2.0). Its regular expressions
are quadratic and worse on chains of dots; here every run of labels is looked at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from karnay.text.domains import X

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MARKS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"  # of direction
_INVALID = "\ufffe\ufeff\uffff"
_SPACES = (
    "\\x09-\\x0d\\x20\\x85\\xa0\\u1680\\u180e\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
)
_PUNCTUATION = r"!'#%&()*+,\\/:;<=>?@\[\]^{|}~$"  # of a label's outside; -, . and _ are looked at
LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268"
    "\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
"""Accented letters, for a character class."""

CYRILLIC = "\u0400-\u04ff"
"""Cyrillic letters, for a character class."""

_LABELS = re.compile(f"[^{_PUNCTUATION}{_SPACES}{_INVALID}{_MARKS}]+")

_PROTOCOLS = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)

_LONGEST_PROTOCOL = 9
_NO_BEGINNING = re.compile(f"[A-Za-z0-9@＠$#＃{_INVALID}]")
_LABEL_OF_DOMAIN = re.compile(r"[0-9A-Za-z@+-]*")
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.IGNORECASE | re.ASCII)
_NO_WORD = re.compile(r"(?![0-9A-Za-z@+-])")
_DOTS_IN_LABELS = re.compile("[\u3002\uff0e\uff61]")
_LONGEST_LABEL = 63  # octets in Punycode
_LONGEST_ADDRESS = 4096
_SURELY_SHORT = 11  # characters: `xn--`, and at most five octets of Punycode for each
_SURELY_FITS = 700

_INTERNATIONAL = frozenset(word for word in X if not word.isascii())
_FIRST_LETTERS = frozenset(word[0] for word in _INTERNATIONAL)
_LENGTHS = {
    letter: sorted({len(word) for word in _INTERNATIONAL if word[0] == letter}, reverse=True)
    for letter in _FIRST_LETTERS
}


class Labels(Protocol):
    """A regular expression of `re` or of `regex` for runs of labels and dots."""

    def finditer(self, string: str, /, pos: int, endpos: int) -> Iterator[Any]:
        """All runs between the two places."""
        ...


@dataclass(frozen=True, slots=True)
class Grammar:
    """What tells the addresses of one network from those of another.

    `labels` are runs of labels and dots, `protocols` what may stand before a domain. Where
    `halves`, a character beyond U+FFFF is seen as two, of which the second may begin a domain.
    """

    labels: Labels
    protocols: re.Pattern[str]
    halves: bool = False


JAVASCRIPT = Grammar(_LABELS, _PROTOCOLS, halves=True)
"""That of npm `twitter-text`: labels are of all but ASCII punctuation; it sees UTF-16 units."""


@dataclass(frozen=True, slots=True)
class Host:
    """`text[start:end]` is a domain; `address` is where its protocol begins, or the same place.

    `before` is the character before it; empty at the beginning of the text, and where the domain is
    `halved`: it begins with the second half of its first character.
    """

    address: int
    start: int
    end: int
    before: str
    halved: bool

    @property
    def has_protocol(self) -> bool:
        """Whether `http://` or `https://` stands before it."""
        return self.address < self.start

    def domain(self, text: str) -> str:
        """The domain as it is seen, maybe with half a character at its beginning."""
        first = text[self.start]
        seen = chr(0xDC00 + ord(first) % 0x400) if self.halved else first
        return seen + text[self.start + 1 : self.end]


def hosts(text: str, after: Callable[[Host], int], grammar: Grammar) -> Iterator[Host]:
    """All domains that begin an address; `after` tells where each whole address ends."""
    place = 0  # nothing before it may be looked at again, not even as what precedes an address
    for match in _runs_with_dots(text, grammar.labels):
        if "." not in match[0][:-1] or match.end() <= place:
            continue
        run = _Run(text, match.start(), match.end(), grammar)
        while (host := run.next_host(place)) is not None:
            yield host
            place = after(host)


def _runs_with_dots(text: str, labels: Labels) -> Iterator[Any]:
    """The runs in those words, between spaces, that have a dot; most words have none."""
    end = 0
    while (dot := text.find(".", end)) >= 0:
        start = max(end, text.rfind(" ", end, dot))
        end = text.find(" ", dot)
        end = len(text) if end < 0 else end
        yield from labels.finditer(text, start, end)


def domain_end(text: str, place: int) -> int:
    """Where the top-level domain that begins at the place ends; 0 if there is none."""
    plain = _LABEL_OF_DOMAIN.match(text, place)
    end = plain.end() if plain else place
    if text[place:end].lower() in X:
        return end
    return _international_end(text, place) or _punycode_end(text, place)


def _international_end(text: str, place: int) -> int:
    for length in _LENGTHS.get(text[place : place + 1].lower(), ()):
        end = place + length
        is_known = end <= len(text) and text[place:end].lower() in _INTERNATIONAL
        if is_known and _NO_WORD.match(text, end):
            return end
    return 0


def _punycode_end(text: str, place: int) -> int:
    match = _PUNYCODE.match(text, place)
    return match.end() if match else 0


def is_valid(text: str, host: Host, end: int) -> bool:
    """Whether the labels and the whole address are short enough."""
    domain = host.domain(text)
    labels = domain.split(".")
    longest = max(map(len, labels))
    if longest > _LONGEST_LABEL:
        return False
    if 0 < min(map(len, labels)) <= longest <= _SURELY_SHORT and end - host.address <= _SURELY_FITS:
        return True
    encoded = [_punycode(label) for label in labels]
    longer = sum(map(len, encoded)) + len(labels) - 1 - len(domain)
    return all(0 < len(label) <= _LONGEST_LABEL for label in encoded) and (
        end - host.address + longer <= _LONGEST_ADDRESS
    )


@lru_cache(maxsize=1024)
def _punycode(label: str) -> str:
    if label.isascii():
        return label
    pieces = _DOTS_IN_LABELS.split(label)
    return ".".join(piece if piece.isascii() else _encoded(piece) for piece in pieces)


def _encoded(label: str) -> str:
    return "xn--" + label.encode("punycode").decode()


class _Run:
    """A run of labels and dots, and how far a chain of labels leads from each."""

    def __init__(self, text: str, start: int, end: int, grammar: Grammar) -> None:
        self._text = text
        self._grammar = grammar
        self._start = start
        self._labels = _labels(text, start, end)
        self._ends = [0, *(domain_end(text, begin) for begin, _ in self._labels[1:])]
        self._far = self._farthest()
        self._next = 0  # the first label that may begin a domain

    def _farthest(self) -> Sequence[int]:
        """For each label, the last one of a chain of whole labels that a top-level domain follows.

        -1 where there is none.
        """
        far = [-1] * (len(self._labels) + 1)
        for index in range(len(self._labels) - 2, -1, -1):
            if self._is_whole(index):
                own = index if self._ends[index + 1] and self._is_plain(index) else -1
                far[index] = max(far[index + 1], own)
        return far

    def _is_whole(self, index: int) -> bool:
        start, end = self._labels[index]
        return start < end and self._text[start] not in "-_" and self._text[end - 1] not in "-_"

    def _is_plain(self, index: int) -> bool:
        return self._text.find("_", *self._labels[index]) < 0

    def next_host(self, place: int) -> Host | None:
        """The first domain that begins at the place or later."""
        while self._next < len(self._labels) - 1:
            host = self._host_from(self._next, place)
            if host is not None:
                return host
            self._next += 1
        return None

    def _host_from(self, index: int, place: int) -> Host | None:
        """The first domain that begins within this label."""
        start, end = self._labels[index]
        if end < place or start == end or self._text[end - 1] in "-_":
            return None
        last = self._far[index + 1]
        begin = self._beginning(index, place, start)
        if last < 0 and self._ends[index + 1]:
            last = index
            plain = self._text.rfind("_", start, end) + 1
            begin = self._beginning(index, place, max(plain, start))
        if last < 0 or begin is None:
            return None
        return self._host(begin, self._ends[last + 1], place)

    def _beginning(self, index: int, place: int, least: int) -> int | None:
        """The first character of the label with which a domain may begin."""
        begins = range(max(least, place), self._labels[index][1])
        if begins.start == 0 and not self._is_halved(
            0
        ):  # the expression tries what precedes before the text's beginning
            first = (begin for begin in (1, 0) if self._may_begin(begin, place))
            return next(first, self._beginning(index, place, 2))
        return next((begin for begin in begins if self._may_begin(begin, place)), None)

    def _may_begin(self, begin: int, place: int) -> bool:
        if self._text[begin] in "-_.":
            return False
        if begin == 0 or self._is_halved(begin):
            return True
        return self._is_fit_before(begin, place) or (
            self._protocol_before(begin, place) is not None
        )

    def _is_fit_before(self, begin: int, place: int) -> bool:
        return begin > place and not _NO_BEGINNING.match(self._text, begin - 1)

    def _is_halved(self, begin: int) -> bool:
        """Whether a domain may begin within the character, as its first half may precede any."""
        return self._grammar.halves and self._text[begin] > "\uffff"

    def _protocol_before(self, begin: int, place: int) -> int | None:
        if begin != self._start:
            return None
        match = self._grammar.protocols.search(self._text, max(0, begin - _LONGEST_PROTOCOL), begin)
        if match is None:
            return None
        start = match.start()
        if start == place == 0:
            return start
        return start if self._is_fit_before(start, place) else None

    def _host(self, begin: int, end: int, place: int) -> Host:
        address = self._protocol_before(begin, place)
        halved = self._is_halved(begin) and not self._is_fit_before(begin, place)
        before = "" if halved else self._text[max(0, begin - 1) : begin]
        return Host(begin if address is None else address, begin, end, before, halved)


def _labels(text: str, start: int, end: int) -> list[tuple[int, int]]:
    labels = []
    for label in text[start:end].split("."):
        labels.append((start, start + len(label)))
        start += len(label) + 1
    return labels
