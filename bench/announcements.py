"""Announcements in English, Russian and Uzbek in both scripts, of the example posts' sentences."""

from __future__ import annotations

from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from karnay.content.known import Known
from karnay.content.library import load
from karnay.platforms import registry
from karnay.rendering.packaged import packaged
from karnay.text.markdown import lower
from karnay.text.sentences import sentences

if TYPE_CHECKING:
    from karnay.content.post import Post

LANGUAGES = ("en", "ru", "uz", "uz-Cyrl")
LONG = "2024-12-03-shandong-jianshu"
LONG_SIZE = 2_300  # characters

_SIZE = 190  # characters of sentences at least, so that a whole announcement has about 300
_ENDINGS = (
    "https://example.uz/en/news/shandong-jianshu?utm_source=tg #TICT #OpenDay",
    "🎉 https://example.uz/ru/news #ТХТИ #международноеСотрудничество",
    "👉🏽 example.uz/uz/qabul #TKTI @tict_uz",
    "🇺🇿 https://example.uz/oz/news/shandong-jianshu",
)


def announcements(count: int = 200) -> list[str]:
    """So many, the languages in turn; always the same."""
    random = Random(0)  # noqa: S311 - to be repeated, not to be secret
    posts = _posts()
    pools = {language: _sentences(posts, language) for language in LANGUAGES}
    turns = zip(range(count), cycle(LANGUAGES), strict=False)
    return [_announcement(random, pools[language], number) for number, language in turns]


def long_announcement() -> str:
    """2,300 characters of Markdown: the beginning of the long example post, a link and tags."""
    body = next(post for post in _posts() if post.slug == LONG).wordings["en"].body
    ending = "\n\nhttps://example.uz/en/news/shandong-jianshu\n\n#TICT #Shandong"
    return body[: LONG_SIZE - len(ending)] + ending


def _announcement(random: Random, pool: list[str], number: int) -> str:
    chosen: list[str] = []
    while sum(map(len, chosen)) < _SIZE:
        chosen.append(random.choice(pool))
    return f"{' '.join(chosen)}\n\n{_ENDINGS[number % len(_ENDINGS)]}"


def _posts() -> list[Post]:
    folder = packaged("posts")
    options = {name: platform.options for name, platform in registry.platforms().items()}
    known = Known(frozenset(), frozenset(), options, LANGUAGES)
    posts = [path for path in sorted(folder.iterdir()) if path.is_dir() or path.suffix == ".md"]
    return [load(path, known, folder.parent) for path in posts]


def _sentences(posts: list[Post], language: str) -> list[str]:
    bodies = [post.wordings[language].body for post in posts if language in post.wordings]
    return [piece for body in bodies for text in lower(body) for piece in sentences(text.text)]
