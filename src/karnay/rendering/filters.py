"""The filters that templates have: Jinja's harmless ones, and our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

import regex
from jinja2.filters import FILTERS as JINJA
from jinja2.tests import TESTS as JINJA_TESTS

from karnay.rendering import budget, languages
from karnay.rendering.markup import Markdown, as_markdown, as_text, concatenated, joined, like
from karnay.rendering.sentences import first_sentences
from karnay.text.markdown import escaped, flexible

Filter = Callable[..., Any]

# Left out: what builds large texts from small ones (center, indent, replace, format, batch, slice),
# what differs from one time to the next (random), and what is about HTML.
_FROM_JINJA = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "title",
    "unique",
    "upper",
)

_ADDRESS = re.compile(r"(\]\([^)]*\)|https?://\S+)")
_NO_TAG = regex.compile(r"[^\p{L}\p{M}\p{N}_\u200c]+")  # a zero-width non-joiner spells Persian
_APOSTROPHE = re.compile(r"(?<=\w)['‘’`](?=\w)")


def flex(value: object, order: int = 1) -> Markdown:
    """What may shrink when the text is too long; lower orders shrink first."""
    return Markdown(flexible(str(as_markdown(value)), order))


def markdown(value: object) -> Markdown:
    """A text that is Markdown already, such as one from `data`."""
    return value if isinstance(value, Markdown) else Markdown(as_text(value))


def hashtags(tags: Iterable[object], most: int | None = None) -> Markdown:
    """The first `most` tags, each with its sign: `#TICT #InternationalCooperation`."""
    wanted = [_tag(as_text(tag)) for tag in tags][:most]
    return concatenated([" ".join(f"#{escaped(tag)}" for tag in wanted)])


def bullets(items: Iterable[object]) -> Markdown:
    """A Markdown list with one line for each item."""
    lines = ("- " + as_markdown(item).replace("\n", "\n  ") for item in items)
    return concatenated(["\n", *(f"{line}\n" for line in lines)])


def join_list(items: Iterable[object]) -> Markdown:
    """The items within a sentence, the last one after "and" in the text's language."""
    return languages.listed(items, languages.spoken())


def date(value: object, style: str = "long") -> str:
    """A date in the text's language; styles: long, day (no year), weekday, or a CLDR pattern."""
    return languages.written_date(value, languages.spoken(), style)


def plural(
    number: float,
    one: str,
    few: str | None = None,
    many: str | None = None,
    other: str | None = None,
) -> str:
    """The form of a word that goes with the number in the text's language."""
    forms = {"one": one, "few": few, "many": many, "other": other}
    return languages.plural_form(number, languages.spoken(), forms)


def utm(link: str, source: str) -> str:
    """The link with `utm_source` and `utm_medium=social`, unless it names a source already."""
    parts = urlsplit(as_text(link))
    if not parts.netloc or "utm_source=" in parts.query:
        return link
    added = urlencode({"utm_source": source, "utm_medium": "social"})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def sentences(text: str, most: int = 1) -> str:
    """The first sentences of a text."""
    return like(text, first_sentences(str(text), most))


def join(items: Iterable[object], separator: str = "") -> str:
    """The items in a row."""
    return joined(items, separator)


def string(value: object) -> str:
    """A number as text."""
    return value if isinstance(value, str) else as_text(value)


def _tag(text: str) -> str:
    """Letters, digits and underscores, other words' first letters made large."""
    first, *others = [word for word in _NO_TAG.split(_APOSTROPHE.sub("", text)) if word] or [""]
    if not first:
        raise ValueError(f'"{text}" has nothing that a hashtag may consist of')
    return first + "".join(word[0].upper() + word[1:] for word in others)


def _sparing_addresses(change: Filter) -> Filter:
    """The change of letters made on Markdown, too, but never on the addresses in it."""

    @wraps(change)
    def changed(value: object) -> str:
        if not isinstance(value, Markdown):
            return str(change(value))
        pieces = _ADDRESS.split(str(value))
        return Markdown(
            "".join(change(piece) if not at % 2 else piece for at, piece in enumerate(pieces))
        )

    return changed


def trim(value: str) -> str:
    """Without white space at either end."""
    return like(value, value.strip())


def bounded(function: Filter) -> Filter:
    """The filter or test, with all that is given to it counted.

    `wraps` keeps the mark by which Jinja knows that one wants the context.
    """

    @wraps(function)
    def counted(*args: object, **kwargs: object) -> object:
        budget.step()
        return function(*map(_counted, args), **kwargs)

    return counted


def _counted(value: object) -> object:
    if isinstance(value, Iterator):
        return budget.counted(value)
    return budget.weigh(value)


_OWN: Mapping[str, Filter] = {
    "bullets": bullets,
    "date": date,
    "flex": flex,
    "hashtags": hashtags,
    "join": join,
    "join_list": join_list,
    "markdown": markdown,
    "plural": plural,
    "sentences": sentences,
    "string": string,
    "time": languages.written_time,
    "trim": trim,
    "utm": utm,
    **{name: _sparing_addresses(JINJA[name]) for name in ("upper", "lower", "title", "capitalize")},
}

FILTERS: Mapping[str, Filter] = {
    name: bounded(function)
    for name, function in {**{name: JINJA[name] for name in _FROM_JINJA}, **_OWN}.items()
}
"""All filters by name."""

TESTS: Mapping[str, Filter] = {
    name: bounded(cast("Filter", function)) for name, function in JINJA_TESTS.items()
}
"""Jinja's tests by name, all harmless."""
