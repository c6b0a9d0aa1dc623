"""From a post's files to a Post, with all problems of all files at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from karnay.content import bundle as bundles
from karnay.content import page as pages
from karnay.content import pictures, references, translations
from karnay.content.post import Post, Wording
from karnay.content.shapes import PostShape, TranslationShape
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from karnay.content.bundle import Bundle
    from karnay.content.known import Known
    from karnay.content.page import Page
    from karnay.errors import Problem

_EMPTY = "the body is empty: write the announcement below the header"


def load(path: Path, known: Known, root: Path) -> Post:
    """The post at that path: its folder, or its one file; `root` is the workspace.

    Raises InvalidPost with all problems of all its files. What is only a warning is in the post.
    """
    draft = _read(bundles.at(path, root), known)
    problems = sorted(set(draft.problems()))
    if any(not problem.warning for problem in problems):
        raise InvalidPost(problems)
    return draft.post(tuple(problems))


def _read(bundle: Bundle, known: Known) -> _Draft:
    base = pages.read(bundle.index, bundle.shown(bundle.index), PostShape, known)
    others = {
        language: pages.read(path, bundle.shown(path), TranslationShape, known)
        for language, path in bundle.translations.items()
    }
    return _Draft(bundle, known, base, others)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A post's files as read: it knows its problems, and without any it becomes the post."""

    bundle: Bundle
    known: Known
    base: Page[PostShape]
    others: Mapping[str, Page[TranslationShape]]

    def problems(self) -> Iterator[Problem]:
        yield from self.base.problems
        yield from chain.from_iterable(page.problems for page in self.others.values())
        if self.base.readable:
            yield from self._of_index()
            yield from self._of_translations()

    def _of_index(self) -> Iterator[Problem]:
        yield from references.problems(self.base, self.known)
        yield from translations.problems(self.base, self.bundle, self.known)
        yield from pictures.problems(self.base, self.bundle.folder, self.bundle.root)
        yield from _empty(self.base, self._platforms(None))

    def _of_translations(self) -> Iterator[Problem]:
        for language, page in self.others.items():
            if page.readable:
                yield from pictures.problems_in(page, self.base, language)
                yield from translations.leaks(page, self.base, language)
                yield from _empty(page, self._platforms(page))

    def post(self, warnings: tuple[Problem, ...]) -> Post:
        keys = self.base.keys
        return Post(
            slug=self.bundle.slug,
            kind=keys.kind,
            publish_at=keys.publish_at,
            timezone=keys.timezone,
            to=tuple(keys.to),
            expires_at=keys.expires_at,
            late=keys.late,
            max_late=keys.max_late,
            draft=keys.draft,
            wordings=MappingProxyType(dict(self._wordings())),
            warnings=warnings,
        )

    def _wordings(self) -> Iterator[tuple[str, Wording]]:
        for language in translations.languages(self.base, self.bundle, self.known):
            yield language, self._wording(language, self.others.get(language))

    def _wording(self, language: str, page: Page[TranslationShape] | None) -> Wording:
        own, base = page.keys if page else TranslationShape(), self.base.keys
        hashtags = base.hashtags if own.hashtags is None else own.hashtags
        return Wording(
            language=language,
            title=own.title or base.title,
            summary=own.summary or base.summary,
            body=(page or self.base).body,
            link=own.link or base.link,
            hashtags=tuple(hashtags or ()),
            data=MappingProxyType(translations.merged(base.data, own.data)),
            media=pictures.media(self.base, page, self.bundle.folder),
            platforms=MappingProxyType(self._platforms(page)),
            places=MappingProxyType({**self.base.places, **(page.places if page else {})}),
        )

    def _platforms(self, page: Page[TranslationShape] | None) -> dict[str, Any]:
        return translations.merged(dict(self.base.platforms), dict(page.platforms if page else {}))


def _empty(
    page: Page[PostShape] | Page[TranslationShape], platforms: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    """A body may be empty only where every override of the post brings a text of its own."""
    own_texts = platforms and all(values.get("text") for values in platforms.values())
    if not page.body and not own_texts:
        yield page.problem("body", _EMPTY)
