"""Which statuses Mastodon takes.

https://docs.joinmastodon.org/methods/statuses/ and `app/validators/status_length_validator.rb`.
"""

from __future__ import annotations

from typing import Any

import regex

from karnay.sandbox.links import mastodon_links

LONGEST = 500
LINK = 23
VISIBILITIES = ("public", "unlisted", "private", "direct")

_GRAPHEME = regex.compile(r"\X")
_HOST = r"[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?(?![\p{L}\p{N}])"
_REMOTE = regex.compile(rf"(?<![\w/=])(@\w+(?:[\w.-]+\w)?)@{_HOST}")
_LANGUAGE = regex.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def length(text: str, warning: str = "") -> int:
    """Graphemes: an address with its scheme 23, `@user@host` as `@user`; a warning counts raw."""
    return len(_GRAPHEME.findall(warning + _countable(text)))


def _countable(text: str) -> str:
    pieces, done = [], 0
    for start, end in mastodon_links(text):
        pieces += [_local(text[done:start]), "x" * LINK]
        done = end
    return "".join([*pieces, _local(text[done:])])


def _local(text: str) -> str:
    return _REMOTE.sub(r"\1", text)


def refusals(given: dict[str, Any]) -> list[str]:
    """What Mastodon's validations say of these parameters; empty where all is well."""
    text, warning = str(given.get("status") or ""), str(given.get("spoiler_text") or "")
    found = {
        "Text can't be blank": not (text.strip() or warning.strip() or given.get("media_ids")),
        f"Text character limit of {LONGEST} exceeded": length(text, warning) > LONGEST,
        "Visibility is not included in the list": given.get("visibility")
        not in (None, "", *VISIBILITIES),
    }
    return [*(reason for reason, broken in found.items() if broken), *_of_poll(given.get("poll"))]


def _of_poll(poll: Any) -> list[str]:
    """`app/validators/poll_options_validator.rb` and `poll_expiration_validator.rb`."""
    if poll is None:
        return []
    options = poll.get("options") if isinstance(poll, dict) else None
    if not isinstance(options, list) or len(options) < 2:
        return ["Poll options must have more than one item"]
    found = {
        "Poll options can't contain more than 4 items": len(options) > 4,
        "Poll options can't be longer than 50 characters each": max(map(_letters, options)) > 50,
        "Poll options contain duplicates": len(set(options)) < len(options),
        "Poll expires at is too soon": int(poll.get("expires_in") or 0) < 300,
        "Poll expires at is too far into the future": int(poll.get("expires_in") or 0) > 2629746,
    }
    return [reason for reason, broken in found.items() if broken]


def _letters(option: object) -> int:
    return len(_GRAPHEME.findall(str(option)))


def language(value: object) -> str | None:
    """The ISO 639 code, or None: an invalid one is dropped without a word."""
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None
