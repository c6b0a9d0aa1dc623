"""What a template can name: the post in one language, for one account."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from karnay.rendering.fields import Fields
from karnay.rendering.markup import Markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.accounts import Account
    from karnay.content.post import Media, Overflow, Post, Wording


def context_of(
    post: Post, wording: Wording, account: Account, *, overflow: Overflow
) -> Mapping[str, Any]:
    """The names of `fields.NAMES` with their values; no secret of the account is among them."""
    source = PurePath(wording.place("").file).name or "the post"
    return {
        "title": wording.title,
        "summary": wording.summary,
        "body": Markdown(wording.body),
        "link": wording.link,
        "hashtags": wording.hashtags,
        "data": Fields(wording.data, "data", source),
        "media": tuple(_medium(item, source) for item in wording.media),
        "slug": post.slug,
        "kind": post.kind,
        "language": wording.language,
        "account": Fields(
            {"name": account.name, "platform": account.platform, "language": account.language},
            "account",
            "karnay.toml",
        ),
        "overflow": overflow.value,
    }


def _medium(item: Media, source: str) -> Fields:
    return Fields({"file": item.file.name, "alt": item.alt or ""}, "media", source)
