"""What X answers with: posts whose addresses have become t.co links, and users."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.sandbox.links import x_links
from karnay.sandbox.x.identity import user_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from karnay.sandbox.uploads import Upload

_EPOCH = 1288834974657  # milliseconds; the first snowflake
_ALWAYS = ("id", "text", "edit_history_tweet_ids")


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text as X keeps it: HTML-escaped, each address a t.co link described in `urls`."""

    text: str
    urls: tuple[dict[str, Any], ...]


def snowflake(now: datetime, number: int) -> str:
    """The id of a post: milliseconds since X's own epoch, then 22 bits."""
    return str(int(now.timestamp() * 1000) - _EPOCH << 22 | number & 0x3FFFFF)


def moment(when: datetime) -> str:
    """ISO 8601 in UTC."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shortened(text: str) -> Shortened:
    """The text with each address put behind t.co."""
    written, urls, done = "", [], 0
    for start, end in x_links(text):
        written += _escaped(text[done:start])
        short = _short(text[start:end])
        urls.append(_url(text[start:end], short, len(written)))
        written, done = written + short, end
    return Shortened(written + _escaped(text[done:]), tuple(urls))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _short(address: str) -> str:
    return f"https://t.co/{hashlib.sha256(address.encode()).hexdigest()[:10]}"


def _url(address: str, short: str, start: int) -> dict[str, Any]:
    shown = address.partition("://")[2] or address
    return {
        "start": start,
        "end": start + len(short),
        "url": short,
        "expanded_url": address if "://" in address else f"http://{address}",
        "display_url": shown if len(shown) <= 27 else f"{shown[:26]}…",
    }


def post(
    number: str, author: str, now: datetime, text: str, *, root: str, media: tuple[Upload, ...]
) -> dict[str, Any]:
    """Everything that X knows of a post; `root` is the first of its thread."""
    short = shortened(text)
    shown, urls = _with_files(short, media, f"https://x.com/{author}/status/{number}")
    return {
        "id": number,
        "text": shown,
        "edit_history_tweet_ids": [number],
        "created_at": moment(now),
        "author_id": user_id(author),
        "conversation_id": root or number,
        "lang": "und",
        "public_metrics": dict.fromkeys(_COUNTS, 0),
        **({"entities": {"urls": urls}} if urls else {}),
        **({"attachments": {"media_keys": list(map(media_key, media))}} if media else {}),
    }


_COUNTS = (
    "retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count",
    "impression_count",
)  # fmt: skip


def media_key(upload: Upload) -> str:
    """The key of a file: its category and id."""
    return f"{7 if upload.look.kind == 'video' else 3}_{upload.id}"


def _with_files(
    short: Shortened, media: tuple[Upload, ...], link: str
) -> tuple[str, list[dict[str, Any]]]:
    """X puts one short address for all files behind the text."""
    if not media:
        return short.text, list(short.urls)
    text = f"{short.text} " if short.text else ""
    kinds = ("video" if upload.look.kind == "video" else "photo" for upload in media)
    pages = [f"{link}/{kind}/{number}" for number, kind in enumerate(kinds, start=1)]
    address = _short(link)
    files = [
        {**_url(page, address, len(text)), "media_key": media_key(upload)}
        for page, upload in zip(pages, media, strict=True)
    ]
    return text + address, [*short.urls, *files]


def selected(whole: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The default members of a post or user, and those that were asked for."""
    wanted = {*_ALWAYS, "name", "username", *fields}
    return {name: value for name, value in whole.items() if name in wanted}


def user(username: str, link: str) -> dict[str, Any]:
    """A user."""
    return {"id": user_id(username), "name": username, "username": username, "url": link,
            "verified": False, "protected": False, "subscription_type": "None"}  # fmt: skip
