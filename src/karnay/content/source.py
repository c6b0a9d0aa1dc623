"""The text of a post file: UTF-8, its line ends made alike, every character at a known place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from karnay.errors import InvalidPost, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 1_000_000
"""Bytes that a post file may have: far more than the longest announcement."""

_SAVE = (
    "save the file as UTF-8 (Notepad: Save as, Encoding; "
    "VS Code: UTF-8 in the bottom line, Save with Encoding)"
)
_MOST_REPORTED = 10  # bad characters of one file; the rest are of the same origin
_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
FORBIDDEN = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]"
)
"""Control characters, surrogates and noncharacters: no network takes them.

Unicode, section 23.7: https://www.unicode.org/versions/latest/core-spec/chapter-23/
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A text, or the part of one that begins at `line`; `file` is its name in messages."""

    file: str
    text: str
    line: int = 1

    def place(self, index: int = 0) -> Place:
        """Where that character of the text stands."""
        before = self.text[:index]
        column = index - (before.rfind("\n") + 1) + 1
        return Place(self.file, self.line + before.count("\n"), column)

    def part(self, start: int, end: int) -> Source:
        """The characters [start, end) as a source of their own; `start` must begin a line."""
        return Source(self.file, self.text[start:end], self.place(start).line)


def read(path: Path, file: str) -> Source:
    """The file at that path, called `file` in messages.

    A byte order mark and any kind of line end are accepted. Raises InvalidPost when the file cannot
    be read, is no UTF-8, or holds characters that no network takes.
    """
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _invalid(Place(file), f"cannot be read: {reason}") from None
    return decoded(data, file)


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("it is larger than 1 MB, which no announcement is")
    return data


def decoded(data: bytes, file: str) -> Source:
    """The bytes as text. Raises InvalidPost with the place of what is wrong with them."""
    source = Source(file, _plain(_text(data, file)))
    problems = tuple(islice(_forbidden(source), _MOST_REPORTED))
    if problems:
        raise InvalidPost(problems)
    return source


def _text(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(file, _plain(data[: error.start].decode("utf-8")))
        raise _invalid(
            before.place(len(before.text)),
            f"the byte 0x{data[error.start]:02X} is not UTF-8: {_SAVE}",
        ) from None


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _forbidden(source: Source) -> Iterator[Problem]:
    return (
        Problem(source.place(found.start()), f"{named(found[0])} cannot be published: delete it")
        for found in FORBIDDEN.finditer(source.text)
    )


def named(character: str) -> str:
    """What to call a character that cannot be seen."""
    return f"the invisible character U+{ord(character):04X}"


def _invalid(place: Place, message: str) -> InvalidPost:
    return InvalidPost([Problem(place, message)])
