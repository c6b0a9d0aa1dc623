"""The names in a post's header: accounts, groups, languages and the zone must exist."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from karnay.content.zones import BadZone, zone
from karnay.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.content.known import Known
    from karnay.content.page import Page
    from karnay.content.shapes import PostShape
    from karnay.errors import Problem


def problems(base: Page[PostShape], known: Known) -> Iterator[Problem]:
    """All names of `index.md` that mean nothing in this workspace."""
    yield from _of_to(base, known)
    yield from _of_languages(base, known)
    yield from _of_timezone(base)


def _of_to(base: Page[PostShape], known: Known) -> Iterator[Problem]:
    groups = {f"@{group}" for group in known.groups}
    for index, name in base.texts("to"):
        if name not in known.accounts and name not in groups:
            kind = "group" if name.startswith("@") else "account"
            hint = did_you_mean(name, sorted(known.accounts | groups))
            yield base.problem(f"to[{index}]", f'{kind} "{name}" is not configured.{hint}')


def _of_languages(base: Page[PostShape], known: Known) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, language in base.texts("languages"):
        if not is_language(language, known):
            yield base.problem(f"languages[{index}]", unknown_language(language, known))
        elif language in seen:
            yield base.problem(f"languages[{index}]", f'"{language}" is listed twice: keep one')
        seen.add(language)


def _of_timezone(base: Page[PostShape]) -> Iterator[Problem]:
    try:
        if base.keys.timezone:
            zone(base.keys.timezone)
    except BadZone as error:
        yield base.problem("timezone", str(error))


def is_language(language: str, known: Known) -> bool:
    """Whether it is a language: of karnay.toml, or one that Unicode's CLDR knows (`uz-Cyrl`).

    A post may be written in more languages than the workspace's accounts speak; a mistyped code
    is found out all the same.
    """
    return language in known.languages or _in_cldr(language)


@cache
def _in_cldr(language: str) -> bool:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - seldom asked, slow to import

    try:
        return str(Locale.parse(language, sep="-")) == language.replace("-", "_")
    except (ValueError, TypeError, UnknownLocaleError):
        return False


def unknown_language(language: str, known: Known) -> str:
    """The sentence about a code that is no language."""
    hint = did_you_mean(language, known.languages)
    return f'"{language}" is not a language.{hint} Known: {", ".join(known.languages)}'
