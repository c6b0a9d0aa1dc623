"""How each language writes dates, times, lists and plurals; pure functions of value and language.

CLDR (through Babel) knows months and plural rules. Where the press of Uzbekistan writes otherwise
than CLDR - "2024-yil 3-dekabr", "декабрь", a list that ends in "ва" - the tables here say so.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list

from karnay.rendering.markup import Markdown, as_markdown, concatenated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PATTERNS = {
    "uz": {
        "long": "y-'yil' d-MMMM",
        "day": "d-MMMM",
        "weekday": "y-'yil' d-MMMM, EEEE",
    },
    "uz-Cyrl": {
        "long": "y 'йил' d MMMM",
        "day": "d MMMM",
        "weekday": "y 'йил' d MMMM, EEEE",
    },
    "ru": {
        "long": "d MMMM y 'г'.",
        "day": "d MMMM",
        "weekday": "EEEE, d MMMM y 'г'.",
    },
    "en": {
        "long": "d MMMM y",
        "day": "d MMMM",
        "weekday": "EEEE, d MMMM y",
    },
}
_ELSEWHERE = {"long": "long", "day": "d MMMM", "weekday": "full"}

# CLDR's Cyrillic Uzbek months lack the soft sign that newspapers write.
_MONTHS = {
    "uz-Cyrl": {
        "январ": "январь",
        "феврал": "февраль",
        "апрел": "апрель",
        "июн": "июнь",
        "июл": "июль",
        "сентябр": "сентябрь",
        "октябр": "октябрь",
        "ноябр": "ноябрь",
        "декабр": "декабрь",
    }
}
_AND = {"uz": " va ", "uz-Cyrl": " ва ", "ru": " и ", "en": " and "}

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")

_current: ContextVar[str] = ContextVar("language of the rendering that runs in this context")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """All that is rendered inside is in that language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def spoken() -> str:
    """The language of the rendering that runs."""
    return _current.get()


def written_date(value: object, language: str, style: str = "long") -> str:
    """A date, or text that begins with one (2024-12-03), as the language writes it.

    `style` is `long`, `day` (no year), `weekday`, or a CLDR pattern as "d MMMM". Raises ValueError.
    """
    pattern = _PATTERNS.get(language, _ELSEWHERE).get(style, style)
    text = format_date(_as_date(value), pattern, locale=locale(language))
    months = _MONTHS.get(language, {})
    return re.sub("|".join(months), lambda month: months[month[0]], text) if months else text


def written_time(value: object) -> str:
    """The hour and minute in the value, as 09:00 in every language. Raises ValueError."""
    text = value.strftime("%H:%M") if isinstance(value, datetime) else str(value)
    found = _TIME.search(text)
    if not found:
        raise ValueError(f'"{value}" has no time in it; write it as 14:30')
    return f"{int(found[1]):02}:{found[2]}"


def listed(items: Iterable[object], language: str) -> Markdown:
    """The items as a list within a sentence: "a, b va c"."""
    texts = [as_markdown(item) for item in items]
    if language not in _AND or len(texts) < 2:
        return Markdown(format_list(texts, locale=locale(language))) if texts else Markdown()
    rest = [piece for text in texts[1:-1] for piece in (", ", text)]
    return concatenated([texts[0], *rest, _AND[language], texts[-1]])


def plural_form(number: float, language: str, forms: Mapping[str, str | None]) -> str:
    """The form for that number: the category's own, else the nearest one that was given."""
    category = locale(language).plural_form(abs(number))
    wanted = (category, "other", "many", "few", "one")
    return next(form for name in wanted if (form := forms.get(name)) is not None)


@cache
def locale(language: str) -> Locale:
    """Babel's locale of a BCP 47 code, English's for one that it does not know."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _as_date(value: object) -> date:
    if isinstance(value, date):
        return value
    found = _DATE.match(str(value))
    if not found:
        raise ValueError(f'"{value}" is not a date; write it as 2024-12-03')
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        raise ValueError(f'"{value}" is not a day of the calendar') from None
