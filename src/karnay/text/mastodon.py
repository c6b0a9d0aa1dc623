"""How Mastodon counts and reads a text.

Rules: https://docs.joinmastodon.org/user/posting/#text and the server's own `StatusLengthValidator`
and `Extractor` (https://github.com/mastodon/mastodon): grapheme clusters, an address counts as many
as the server says (`characters_reserved_per_url`), `@user@host` as `@user`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import regex

from karnay.text import graphemes
from karnay.text.addresses import LATIN
from karnay.text.mastodon_addresses import addresses, other_addresses
from karnay.text.measure import Additive, Measure
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

URL_WEIGHT = 23
"""What an address counts where the server does not say otherwise."""

_WORD = r"[\p{L}\p{M}\p{Nd}\p{Pc}]"
_LONGEST_DOMAIN = 253  # of a mention; one with a longer domain counts in full
_MENTION = regex.compile(
    r"(?<![=/\p{L}\p{M}\p{Nd}\p{Pc}])@(?P<account>"
    r"[a-zA-Z0-9_]++(?:[.-]++[a-zA-Z0-9_]++)*+"
    rf"(?:@{_WORD}++(?:[.-]++{_WORD}++)*+)?+)"
)
_NO_MENTION_BEFORE = regex.compile(f"[@＠{LATIN}]|://")

_BETWEEN = "\u00b7\u30fb\u200c"  # may stand within a hashtag, and not at its edges
_HASHTAG = regex.compile(
    rf"(?<![^\p{{White_Space}}])[#＃](?P<run>{_WORD}[\p{{L}}\p{{M}}\p{{Nd}}\p{{Pc}}{_BETWEEN}]*+)"
)
_PLAIN_TAG = regex.compile(rf"{_WORD}++")
_LETTER = regex.compile(r"\p{Alphabetic}")
_LETTER_OR_BETWEEN = regex.compile(rf"[\p{{Alphabetic}}_{_BETWEEN}]")
_LINKED = regex.compile(r".+(https?)\Z")


def detect(text: str) -> tuple[Span, ...]:
    """What Mastodon makes of a plain text; of two that overlap, the one that begins first."""
    places = chain(addresses(text), other_addresses(text))
    links = (Span(start, end, Kind.LINK, text[start:end]) for start, end in places)
    return without_overlaps(chain(links, _hashtags(text), _mentions(text)))


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text) if "@" in text else ():
        domain = match["account"].partition("@")[2]
        if len(domain) <= _LONGEST_DOMAIN and not _NO_MENTION_BEFORE.match(text, match.end()):
            yield Span(match.start(), match.end(), Kind.MENTION, match["account"])


def _hashtags(text: str) -> Iterator[Span]:
    for match in _HASHTAG.finditer(text) if "#" in text or "＃" in text else ():
        tag = _tag(match["run"])
        if text.startswith("://", match.start("run") + len(tag)):
            linked = _LINKED.match(tag)
            tag = tag[: linked.start(1)] if linked else tag
        if tag:
            yield Span(match.start(), match.start("run") + len(tag), Kind.HASHTAG, tag)


def _tag(run: str) -> str:
    """The hashtag at the beginning of the run, or nothing: it needs a letter."""
    whole = run.rstrip(_BETWEEN)
    if _LETTER_OR_BETWEEN.search(whole, 1, max(1, len(whole) - 1)):
        return whole
    plain = _PLAIN_TAG.match(run)
    return plain[0] if plain and _LETTER.search(plain[0]) else ""


@cache
def measuring(url_weight: int = URL_WEIGHT, *, spoiler: str = "") -> Measure:
    """The measure of a server that counts each address as `url_weight` characters.

    The content warning (`spoiler`) counts, too, and an address in it in full.
    """
    return Additive(
        lambda rich: graphemes.count(spoiler + _counted(rich.text, url_weight)),
        lambda rich: _weights(rich.text, url_weight),
    )


def _counted(text: str, url_weight: int) -> str:
    """The text with what is counted in the place of addresses and mentions; a blank one is none."""
    if not text.strip():
        return ""
    pieces, place = [], 0
    for span in _shortened(text):
        pieces += [text[place : span.start], _stand_in(span, url_weight)]
        place = span.end
    return "".join([*pieces, text[place:]])


def _weights(text: str, url_weight: int) -> list[int]:
    starts = graphemes.starts(text)
    weights = [0] * len(text)
    for start, _ in pairwise(starts):
        weights[start] = 1
    for span in _shortened(text):
        rest = [0] * (span.end - span.start - 1)
        weights[span.start : span.end] = [len(_stand_in(span, url_weight)), *rest]
    return weights


@lru_cache(maxsize=4)  # fitting and splitting ask about the same text in turn
def _shortened(text: str) -> tuple[Span, ...]:
    if "@" not in text and "://" not in text:
        return ()
    links = (Span(start, end, Kind.LINK) for start, end in addresses(text))
    return without_overlaps(chain(links, _mentions(text)))


def _stand_in(span: Span, url_weight: int) -> str:
    return "x" * url_weight if span.kind is Kind.LINK else "@" + span.value.partition("@")[0]
