"""The page of the platforms: all that follows from their modules."""

from __future__ import annotations

import os
import re
import sys
import types
from collections.abc import Hashable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from karnay.media.limits import in_words as in_bytes
from karnay.platforms.address import Address
from karnay.platforms.base import CannotTell, Counts, Deletes, Edits, Effect, cost_of
from karnay.platforms.registry import platforms
from karnay.scheduling.budgets import in_words
from karnay.secrets import SecretRef
from karnay.testing.lab import Lab
from karnay.testing.media_host import HOST_SECRETS
from karnay.text.richtext import Kind, RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from karnay.media.limits import DocumentLimits, ImageLimits, MediaLimits, VideoLimits
    from karnay.platforms.base import Platform, Step
    from karnay.rendering.limits import Limits

_HEAD = """\
# Platforms

*This page is made by `python docs/generate.py` from the platforms' own modules.*

What each network takes, what `karnay.toml` must say of an account there, what a post may say
under `platforms:`, which requests publish it, and how a lost answer is settled.

Every account may also have `language`, `timezone`, `slots`, `least_gap`, `budget` and
`overflow` ([configuration](configuration.md)); every entry under `platforms:` may also have
`text`, `overflow` and `numbered` ([post format](post-format.md)).

**Effects** say what repeating a request would do:

| effect | means | when its answer is lost |
|---|---|---|
| safe | invisible: look-ups, uploads | it is repeated |
| keyed | visible, but the same key makes a repeat a no-op | it is repeated with the same key |
| once | visible, and must not be repeated | karnay looks first ([delivery](delivery.md)) |
"""

_WORDS = "Read https://example.uz/en/open-day with @name.bsky.social #TICT"
_KEPT = {
    Kind.BOLD: "bold",
    Kind.ITALIC: "italic",
    Kind.STRIKE: "strike-through",
    Kind.CODE: "code",
    Kind.PRE: "code blocks",
    Kind.QUOTE: "quotations",
    Kind.LINK: "links behind words",
}


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(platform) for platform in platforms().values())])


def _section(platform: Platform) -> str:
    with _secrets({**HOST_SECRETS, **platform.sample.secrets}):
        lab = Lab(platform)
        pieces = (
            f"## {platform.title}\n",
            f"{_purpose(platform)} [Official documentation]({_official(platform)}).\n",
            *_account(platform),
            *_options(platform),
            *_limits(lab),
            *_steps(lab),
            *_looking(lab),
        )
        return "\n".join(pieces)


def _purpose(platform: Platform) -> str:
    return (platform.__doc__ or "").splitlines()[0]


def _official(platform: Platform) -> str:
    said = sys.modules[type(platform).__module__].__doc__ or ""
    found: list[str] = re.findall(r"https://\S+?(?=[.,]?(?:\s|$))", said)
    return found[-1]


def _account(platform: Platform) -> Iterator[str]:
    table = "\n".join(f'{key} = "{value}"' for key, value in platform.sample.account.items())
    yield f"### {platform.title}: the account\n"
    yield f"```toml\n[accounts.{platform.name}]\n{table}\n```\n"
    yield from _fields(platform.details)


def _options(platform: Platform) -> Iterator[str]:
    yield f"### {platform.title}: options of a post\n"
    yield f"{_one_line(platform.options.__doc__)}\n"
    yield from _fields(platform.options)


def _fields(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | value | default |"
    yield "|---|---|---|"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {_value(field)} | {_default(field)} |"
    yield ""


def _value(field: FieldInfo) -> str:
    if set(get_args(Address)[1:]) & set(field.metadata):
        return "an address, `https://host`"
    return _type(field.annotation)


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        inner = (_type(one) for one in get_args(annotation) if one is not type(None))
        return " or ".join(inner)
    return _TYPES.get(annotation, "text")


_TYPES: Mapping[Any, str] = {
    SecretRef: "a reference to a secret",
    bool: "`true` or `false`",
    int: "a whole number",
    str: "text",
}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*must be given*"
    values: Mapping[Any, str] = {None: "not sent", "": "empty", True: "`true`", False: "`false`"}
    shown = field.default if isinstance(field.default, Hashable) else str(field.default)
    return values.get(shown, f"`{shown}`")


def _limits(lab: Lab) -> Iterator[str]:
    platform = lab.platform
    bare, media = (platform.limits(lab.account, media=flag) for flag in (False, True))
    counted, below = map(_counted, (bare, media))
    kept = [words for kind, words in _KEPT.items() if kind in bare.dialect.keeps]
    yield f"### {platform.title}: limits\n"
    yield f"- One message takes {_and(counted)}."
    if below != counted:
        yield f"- Where media go along, it takes {_and(below)}."
    yield f"- A thread takes {bare.parts} parts."
    if platform.budgets:
        yield f"- `budget`, unless it is given: {_and(map(in_words, platform.budgets))}."
    yield f"- Formatting that stays: {_and(kept) or 'none; all is put in plain form'}."
    if bare.card:
        yield "- The link's card (title and summary of the post) is sent by karnay."
    yield from _media(bare.media)
    yield from _costs(lab)
    yield f"- Afterwards, karnay can {_and(_afterwards(platform)) or 'only look'}."
    yield ""


def _costs(lab: Lab) -> Iterator[str]:
    posts = {"a post": "Hello", "one with a link": _WORDS}
    variants = {name: lab.variant(RichText(text)) for name, text in posts.items()}
    found = {name: cost_of(lab.platform, one, lab.account) for name, one in variants.items()}
    told = _and(f"{name} {one.price}" for name, one in found.items() if one)
    if told:
        yield f"- It may send a bill, which the preview adds up: {told}."


def _media(media: MediaLimits) -> Iterator[str]:
    if not media.most:
        yield "- It takes no files."
        return
    least = f"{media.least} to " if media.least else "up to "
    yield f"- Files: {least}{media.most}{', pictures and videos together' * media.mixed}."
    if media.images:
        yield f"- Pictures, made to fit: {_and(_picture(media.images))}."
    if media.videos:
        yield f"- Videos, sent as they are: {_and(_video(media.videos))}."
    if media.documents:
        yield f"- Documents, sent as they are: {_and(_document(media.documents))}."
    told = f"in a field that takes {media.alt:,} characters" if media.alt else "there is no field"
    yield f"- What files show (`alt`): {told}."


def _picture(limits: ImageLimits) -> Iterator[str]:
    yield _formats(limits.formats)
    yield in_bytes(limits.max_bytes)
    if limits.min_ratio and limits.max_ratio:
        yield f"{limits.min_ratio:.3g} to {limits.max_ratio:.3g} times as wide as high"
    yield "animated GIFs move" if limits.animated else "of what moves, the first picture"


def _video(limits: VideoLimits) -> Iterator[str]:
    yield _formats(limits.formats)
    yield in_bytes(limits.max_bytes)
    if limits.max_seconds:
        yield f"{limits.min_seconds:g} to {limits.max_seconds:g} seconds"


def _document(limits: DocumentLimits) -> Iterator[str]:
    yield _formats(limits.formats)
    yield in_bytes(limits.max_bytes)
    if limits.max_pages:
        yield f"{limits.max_pages} pages"


def _formats(names: Iterable[str]) -> str:
    return "/".join(name.partition("/")[2].upper() for name in names)


def _afterwards(platform: Platform) -> Iterator[str]:
    able = {"edit it": Edits, "take it down": Deletes, "count how it is received": Counts}
    return (words for words, protocol in able.items() if isinstance(platform, protocol))


def _counted(limits: Limits) -> list[str]:
    return [
        f"{counter.limit:,} {counter.unit.removesuffix('s' * (counter.limit == 1))}"
        for counter in limits.counters
    ]


def _steps(lab: Lab) -> Iterator[str]:
    yield f"### {lab.platform.title}: publishing\n"
    limits = lab.platform.limits(lab.account, media=True)
    pictures = lab.assets("pictures")[:2]
    texts = (RichText(_WORDS), RichText("The second part."))[: limits.parts]
    whole = "thread of two parts" if len(texts) > 1 else "post"
    carried = f", with {len(pictures)} pictures" if pictures else ""
    yield f'The steps for a {whole}{carried}, whose text begins "{_WORDS}":\n'
    yield "| step | request | effect | publishes |"
    yield "|---|---|---|---|"
    for step in lab.plan(lab.variant(*texts, media=pictures)):
        yield _step(step)
    yield ""


def _step(step: Step) -> str:
    part = "nothing" if step.part is None else f"part {step.part + 1}"
    request = f"`{step.call.method} {step.call.address.partition('?')[0]}`"
    return f"| `{step.name}` | {request} | {step.effect.value} | {part} |"


def _looking(lab: Lab) -> Iterator[str]:
    steps = lab.publish(lab.plan(lab.variant(RichText("Hello"))))
    step = [step for step in steps if step.part is not None][-1]
    sighting = lab.platform.find(step, lab.account, lab.wire, lab.clock.now())
    yield f"### {lab.platform.title}: a lost answer\n"
    if isinstance(sighting, CannotTell):
        yield f"Cannot be looked up. {sighting.why}."
        yield "The delivery stays `unknown` until a person says what became of it.\n"
    elif step.effect is Effect.KEYED:
        yield f"Is sent again under the same key, which changes nothing. {_settling(lab)}\n"
    else:
        yield f"Can be looked up. {_settling(lab)}\n"


def _settling(lab: Lab) -> str:
    settling: timedelta = lab.platform.settling
    if not settling:
        return "What is published can be seen at once (settling time: none)."
    seconds = round(settling.total_seconds())
    return (
        f'"Not there" is believed {seconds} seconds after the request, at the earliest '
        f"(settling time: {seconds} s), and only at a second look."
    )


def _and(words: Iterable[str]) -> str:
    *others, last = [*words] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


@contextmanager
def _secrets(values: Mapping[str, str]) -> Iterator[None]:
    """The sample's secrets in the environment, for as long as it takes."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
