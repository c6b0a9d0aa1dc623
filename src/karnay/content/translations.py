"""Which languages a post has, and what one language takes over from the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karnay.content.references import is_language, unknown_language
from karnay.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.content.bundle import Bundle
    from karnay.content.known import Known
    from karnay.content.page import Page
    from karnay.content.shapes import PostShape, TranslationShape

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def languages(base: Page[PostShape], bundle: Bundle, known: Known) -> tuple[str, ...]:
    """The post's languages, `index.md`'s first: as listed, else as there are files."""
    if base.keys.languages:
        return tuple(dict.fromkeys(base.keys.languages))
    there = [name for name in bundle.translations if is_language(name, known)]
    order = [*(name for name in known.languages if name in there), *there]
    return tuple(dict.fromkeys((known.languages[0], *order)))


def problems(base: Page[PostShape], bundle: Bundle, known: Known) -> Iterator[Problem]:
    """Files that are listed and not there, and files that are there and not listed."""
    wanted = languages(base, bundle, known)
    yield from _missing(base, bundle, known)
    for language, path in bundle.translations.items():
        unwanted = _unwanted(language, wanted, base, known)
        if unwanted:
            yield Problem(Place(bundle.shown(path)), unwanted)


def _missing(base: Page[PostShape], bundle: Bundle, known: Known) -> Iterator[Problem]:
    listed = base.keys.languages
    there = {*listed[:1], *bundle.translations}
    for language in dict.fromkeys(listed):
        if is_language(language, known) and language not in there:
            index = listed.index(language)
            yield base.problem(f"languages[{index}]", _create(language, bundle))


def _create(language: str, bundle: Bundle) -> str:
    folder = bundle.folder / bundle.slug if bundle.single else bundle.folder
    file = bundle.shown(folder / f"index.{language}.md")
    move = f"move this file to {bundle.shown(folder / 'index.md')} and " if bundle.single else ""
    return f'there is no text in "{language}": {move}create {file}'


def _unwanted(language: str, wanted: tuple[str, ...], base: Page[PostShape], known: Known) -> str:
    if not is_language(language, known):
        return unknown_language(language, known)
    if language == wanted[0]:
        return f'"{language}" is the language of index.md: keep one of the two files'
    if language not in wanted and not base.spoilt & {"languages"}:
        return f'"{language}" is not in `languages:` of index.md: add it there, or delete this file'
    return ""


def leaks(page: Page[TranslationShape], base: Page[PostShape], language: str) -> Iterator[Problem]:
    """Warnings of texts that this language takes over from the first one, untranslated."""
    for name in ("title", "summary"):
        if getattr(base.keys, name) and not getattr(page.keys, name) and name not in page.spoilt:
            yield _leak(page, name, language)
    if not page.spoilt & {"data"}:
        for path in _taken_over(base.keys.data, page.keys.data, "data"):
            yield _leak(page, path, language)


def _leak(page: Page[TranslationShape], path: str, language: str) -> Problem:
    return page.problem(path, f'has no words in "{language}": index.md\'s are used', warning=True)


def _taken_over(base: Mapping[str, Any], own: Mapping[str, Any], under: str) -> Iterator[str]:
    """The paths of texts that are in `base` and not in `own`."""
    for key, value in base.items():
        path = f"{under}.{key}"
        mine = own.get(key)
        if isinstance(value, dict) and isinstance(mine, dict):
            yield from _taken_over(value, mine, path)
        elif key not in own and _says_something(value):
            yield path


def _says_something(value: Any) -> bool:
    """Whether there are words in the value, that a reader would want in their own language."""
    if isinstance(value, dict):
        return any(_says_something(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_says_something(inner) for inner in value)
    is_text = isinstance(value, str) and not _LINK.fullmatch(value)
    return is_text and any(character.isalpha() for character in value)


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Both mappings, the second one's values first, mappings in them merged likewise."""
    return {**base, **{key: _over(base.get(key), value) for key, value in own.items()}}


def _over(base: Any, own: Any) -> Any:
    return merged(base, own) if isinstance(base, dict) and isinstance(own, dict) else own
