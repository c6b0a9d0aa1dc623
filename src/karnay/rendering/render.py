"""From a post to what one account will publish; pure, so that a preview is what is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING
from karnay.content.post import Overflow
from karnay.errors import BadConfiguration, Problem, did_you_mean
from karnay.rendering.carrying import NoDarkroom, carried
from karnay.rendering.context import context_of
from karnay.rendering.describing import Described, NoPages, described
from karnay.rendering.fit import Fit
from karnay.rendering.variant import Part, Rendering, Variant
from karnay.text.markdown import lower
from karnay.text.plain import adapted
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.accounts import Account
    from karnay.content.post import Post, Wording
    from karnay.errors import Place
    from karnay.media.asset import Asset
    from karnay.rendering.carrying import Darkroom
    from karnay.rendering.describing import Pages
    from karnay.rendering.limits import Limits
    from karnay.rendering.templates import Templates, Worded
    from karnay.rendering.variant import Card

OURS = frozenset({"text", "overflow", "numbered"})
"""The keys of `platforms.<name>` that are karnay's own; all others are the platform's."""

NO_DARKROOM, NO_PAGES = NoDarkroom(), NoPages()


def render(
    post: Post,
    account: Account,
    limits: Limits,
    *,
    templates: Templates,
    darkroom: Darkroom = NO_DARKROOM,
    pages: Pages = NO_PAGES,
) -> Rendering:
    """What the account will publish, and every problem with it; never raises for a bad post.

    The same post, account, limits, template and media files, and the same page behind the link,
    give the same variant. Where a problem stops the words from coming about, it has no parts.
    """
    wording = _chosen(post, account)
    if wording is None:
        return _nothing_of(account, account.language, _missing_language(post, account))
    job = _Job(post, wording, account, darkroom, pages)
    if job.overflow is None:
        return _nothing_of(account, wording.language, job.unknown_overflow())
    rendering = _worded(job, limits, templates)
    doubts = (*_borrowed(post, wording, account), *_odd_kind(post, templates))
    return replace(rendering, problems=(*doubts, *rendering.problems))


def options_of(post: Post, account: Account) -> Mapping[str, Any]:
    """What the post says to the account's platform beside the words: silent, visibility ..."""
    wording = _chosen(post, account)
    return _Job(post, wording, account).options if wording else NOTHING


@dataclass(frozen=True, slots=True)
class _Job:
    """A post in the language that was chosen, for one account."""

    post: Post
    wording: Wording
    account: Account
    darkroom: Darkroom = NO_DARKROOM
    pages: Pages = NO_PAGES

    @property
    def override(self) -> Mapping[str, Any]:
        """What the post says under `platforms.<name>`."""
        return self.wording.platforms.get(self.account.platform) or NOTHING

    @property
    def options(self) -> Mapping[str, Any]:
        """The platform's own options among the override's keys."""
        return {key: value for key, value in self.override.items() if key not in OURS}

    @property
    def overflow(self) -> Overflow | None:
        """The post's own word, else the account's, else `shorten`; None for an unknown word."""
        word = self._overflow_word()
        return Overflow(word) if word in list(Overflow) else None

    def unknown_overflow(self) -> Problem:
        """The problem with a word that is no `Overflow`."""
        word = self._overflow_word()
        message = f'"{word}" is not one of {", ".join(Overflow)}.{did_you_mean(word, Overflow)}'
        return Problem(self.wording.place(self.path("overflow")), message, self.path("overflow"))

    def path(self, key: str) -> str:
        """The written path of a key of the override."""
        return f"platforms.{self.account.platform}.{key}"

    @property
    def text_path(self) -> str:
        """Where the words come from: the override's text, or the body."""
        return self.path("text") if self.override.get("text") is not None else "body"

    def problem(self, message: str, *, warning: bool = False) -> Problem:
        """A problem at the place of the words."""
        place = self.wording.place(self.text_path)
        return Problem(place, message, self.text_path, warning=warning)

    def named(self, problem: Problem) -> Problem:
        """The problem with its key, if it stands in the post's own text."""
        at_home = problem.place == self.wording.place(self.text_path)
        return replace(problem, path=self.text_path) if at_home else problem

    def _overflow_word(self) -> str:
        return str(self.override.get("overflow") or self.account.overflow or Overflow.SHORTEN)


def _worded(job: _Job, limits: Limits, templates: Templates) -> Rendering:
    try:
        worded = _words(job, templates)
    except BadConfiguration as error:
        problems = map(job.named, error.problems)
        return _nothing_of(job.account, job.wording.language, *problems)
    texts = [adapted(text, limits.dialect).strip() for text in lower(worded.markdown)]
    written = [text for text in texts if text]
    told = _descriptions(job.wording) if limits.alt_in_text and written else ()
    return _fitted(job, limits, worded.template, _with(written, told))


def _descriptions(wording: Wording) -> tuple[str, ...]:
    """What the files show, for a network that has no field for it."""
    return tuple(f"\N{FRAME WITH PICTURE} {item.alt}" for item in wording.media if item.alt)


def _with(texts: Sequence[RichText], lines: Sequence[str]) -> list[RichText]:
    """The texts, with these lines below the first."""
    if not lines:
        return list(texts)
    first, *others = texts
    return [first + RichText("\n\n" + "\n".join(lines)), *others]


def _words(job: _Job, templates: Templates) -> Worded:
    """The Markdown, from the post's own text for the platform, else from the template that wins."""
    overflow = job.overflow or Overflow.SHORTEN
    context = context_of(job.post, job.wording, job.account, overflow=overflow)
    if job.text_path == "body":
        return templates.word(job.account.platform, job.post.kind, context)
    place = job.wording.place(job.text_path)
    worded = templates.word_text(str(job.override["text"]), place, context)
    return replace(worded, template=f"{place.file}: {job.text_path}")


def _fitted(job: _Job, limits: Limits, template: str, texts: Sequence[RichText]) -> Rendering:
    if not texts:
        empty = job.problem(f"there is nothing to publish: {template} writes no text for this post")
        return _nothing_of(job.account, job.wording.language, empty)
    numbered = bool(job.override.get("numbered"))
    fitted = Fit(limits, job.overflow or Overflow.SHORTEN, numbered).all(texts)
    link = _link(job, limits)
    media = carried(job.wording, job.account, limits.media, job.darkroom)
    variant = Variant(
        account=job.account.name,
        platform=job.account.platform,
        language=job.wording.language,
        template=template,
        parts=_dressed(fitted.parts, media.assets, link.card),
        options=job.options,
    )
    name = job.account.name
    faults = (job.problem(f"{name}: {fault}") for fault in fitted.faults)
    doubts = (job.problem(f"{name}: {doubt}", warning=True) for doubt in fitted.doubts)
    problems = (*faults, *media.problems, *doubts)
    return Rendering(variant, problems, (*fitted.notes, *media.notes, *link.notes))


def _link(job: _Job, limits: Limits) -> Described:
    """The card; files leave no room for one."""
    if job.wording.media and limits.media.most:
        return Described()
    return described(job.wording, limits, job.darkroom, job.pages)


def _dressed(
    texts: Sequence[RichText], media: tuple[Asset, ...], card: Card | None
) -> tuple[Part, ...]:
    """The parts; media and the link's card go with the first."""
    first, *others = texts
    return (Part(first, media, card), *(Part(text) for text in others))


def _chosen(post: Post, account: Account) -> Wording | None:
    """The post in the first of the account's languages that it is written in."""
    spoken = (post.wordings.get(language) for language in account.languages)
    return next((wording for wording in spoken if wording is not None), None)


def _missing_language(post: Post, account: Account) -> Problem:
    tried = " or ".join(f'"{language}"' for language in account.languages)
    message = (
        f"{account.name} publishes in {tried}, and the post is not written in it: "
        f"write {_translation(post.place(''), account.language)}"
    )
    return Problem(post.place("languages"), message, "languages")


def _borrowed(post: Post, wording: Wording, account: Account) -> tuple[Problem, ...]:
    """A warning where the account does not get its own language."""
    if wording.language == account.language:
        return ()
    message = (
        f'{account.name} gets the "{wording.language}" text: '
        f"there is no {_translation(post.place(''), account.language)}"
    )
    return (Problem(post.place("languages"), message, "languages", warning=True),)


def _odd_kind(post: Post, templates: Templates) -> tuple[Problem, ...]:
    """A warning where the post's kind has no template of its own anywhere."""
    kinds = templates.kinds()
    if post.kind in kinds:
        return ()
    hint = did_you_mean(post.kind, kinds)
    message = f'no template is for the kind "{post.kind}", so the default is used.{hint}'
    return (Problem(post.place("kind"), message, "kind", warning=True),)


def _translation(place: Place, language: str) -> str:
    """The file that holds the post in that language; a post of one file becomes a folder for it."""
    file = PurePath(place.file or "index.md")
    folder = file.parent if file.name == "index.md" else file.with_suffix("")
    return str(folder / f"index.{language}.md")


def _nothing_of(account: Account, language: str, *problems: Problem) -> Rendering:
    variant = Variant(account.name, account.platform, language, "", ())
    return Rendering(variant, problems)
