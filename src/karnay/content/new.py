"""A new post: its dated name, and the text that its author begins with."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from karnay.content import header
from karnay.content.source import FORBIDDEN, Source
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_LONGEST = 80  # characters of a name, its date included
_APOSTROPHES = re.compile("[ʻʼ‘’'`´]")

_RUSSIAN: Mapping[str, str] = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    **{"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"},
    **{"ъ": "", "ь": "", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g"},
}
_UZBEK: Mapping[str, str] = {
    **_RUSSIAN,
    **{"ў": "o", "қ": "q", "ғ": "g", "ҳ": "h", "ж": "j", "х": "x", "й": "y"},
}
_LATIN: Mapping[str, str] = {
    **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"},
    **{"þ": "th", "ı": "i", "ə": "a", "ŋ": "ng"},
}
_UZBEK_LETTERS = frozenset("ўқғҳ")


def slug(title: str, day: date) -> str:
    """The name of a post: `2024-12-03-shandong-jianshu`, at most 80 ASCII characters.

    Uzbek and Russian letters are transliterated; of what cannot be, nothing remains.
    """
    words = re.findall(r"[a-z0-9]+", _ascii(title))
    name = "-".join((day.isoformat(), *(words or ["post"])))
    if len(name) <= _LONGEST:
        return name
    cut = name[: _LONGEST + 1].rpartition("-")[0]
    return cut if len(cut) > len(day.isoformat()) else name[:_LONGEST]


def _ascii(title: str) -> str:
    small = _APOSTROPHES.sub("", unicodedata.normalize("NFC", title).lower())
    table = _UZBEK if _UZBEK_LETTERS & set(small) else _RUSSIAN
    letters = "".join({**_LATIN, **table}.get(letter, letter) for letter in small)
    return unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()


def skeleton(title: str, *, kind: str = "default", timezone: str = "", publish_at: str = "") -> str:
    """The text of a new `index.md`, to be completed: its body is still empty."""
    settings = {"kind": "" if kind == "default" else kind, "publish_at": publish_at}
    lines = [f"{key}: {quoted(value)}" for key, value in settings.items() if value]
    return "\n".join(
        ["---", f"title: {quoted(title)}", *lines, *_hints(timezone, settings), "---", "", ""]
    )


def _hints(timezone: str, settings: Mapping[str, str]) -> list[str]:
    """The keys that are not set yet, as comments that are right when uncommented."""
    when = f"wall clock{f' in {timezone}' if timezone else ''}; or `next` for the next free slot"
    hints = {
        "kind: default": "picks the template: visit, event, notice ...",
        "publish_at: 2030-01-15 10:00": when,
        "to: []": 'accounts and "@groups" of karnay.toml; empty: all',
        "languages: []": "this file's first; empty: as there are files index.<language>.md",
        "link: https://example.org": "where readers find more",
        "hashtags: [OneWord, Another]": "without #",
    }
    unset = {line: hint for line, hint in hints.items() if not settings.get(line.partition(":")[0])}
    return [f"# {line:<29} # {hint}" for line, hint in unset.items()]


def quoted(text: str) -> str:
    """The text as a YAML value that reads back as this very text: bare where that does."""
    clean = " ".join(FORBIDDEN.sub("", text).split("\n"))
    return clean if _reads_back(clean) else json.dumps(clean, ensure_ascii=False)


def _reads_back(text: str) -> bool:
    try:
        values = header.parse(Source("", f"x: {text}\ny: z")).values
    except InvalidPost:
        return False
    return values == {"x": text, "y": "z"}
