"""What Mastodon answers with: https://docs.joinmastodon.org/entities/."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from karnay.sandbox.marks import Mark, detected
from karnay.sandbox.mastodon.rules import LINK, LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

VERSION = "4.7.0"
_BEGINNING = "2020-01-01T00:00:00.000Z"
_POLLS = {
    "max_options": 4,
    "max_characters_per_option": 50,
    "min_expiration": 300,
    "max_expiration": 2629746,
}
_MEDIA = {
    "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"],
    "description_limit": 10000,
    "image_size_limit": 16777216,
    "image_matrix_limit": 33177600,
    "video_size_limit": 103809024,
    "video_frame_rate_limit": 120,
    "video_matrix_limit": 8294400,
}
CONFIGURATION = {
    "statuses": {
        "max_characters": LONGEST,
        "max_media_attachments": 4,
        "characters_reserved_per_url": LINK,
    },
    "media_attachments": _MEDIA,
    "polls": _POLLS,
}


def moment(when: datetime, precision: str = "milliseconds") -> str:
    """ISO 8601 in UTC, as all of Mastodon's times."""
    return when.isoformat(timespec=precision).replace("+00:00", "Z")


def snowflake(now: datetime, number: int) -> str:
    """The id of a status: milliseconds, then 16 bits that tell it from its neighbours."""
    return str((int(now.timestamp() * 1000) << 16) | (number & 0xFFFF))


def account_id(name: str) -> str:
    """The id of an account, the same for the same name."""
    return str(10**17 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % (9 * 10**17))


def account(server: str, name: str) -> dict[str, Any]:
    """The Account."""
    return {
        "id": account_id(name), "username": name, "acct": name, "display_name": name,
        "locked": False, "bot": False, "discoverable": True, "group": False, "indexable": True,
        "created_at": _BEGINNING, "note": "", "url": f"{server}/@{name}",
        "uri": f"{server}/users/{name}", "avatar": f"{server}/avatar.png",
        "avatar_static": f"{server}/avatar.png", "header": f"{server}/header.png",
        "header_static": f"{server}/header.png", "followers_count": 0, "following_count": 0,
        "statuses_count": 0, "last_status_at": None, "emojis": [], "fields": [],
        "hide_collections": None, "noindex": False, "roles": [],
    }  # fmt: skip


def credentials(server: str, name: str, statuses: int) -> dict[str, Any]:
    """The CredentialAccount: the account as it sees itself."""
    source = {
        "privacy": "public", "sensitive": False, "language": "", "note": "", "fields": [],
        "follow_requests_count": 0,
    }  # fmt: skip
    return account(server, name) | {"statuses_count": statuses, "source": source}


def status(
    server: str, author: str, number: str, now: datetime, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The Status, but for its language and what it answers."""
    text, warning = str(given.get("status") or ""), str(given.get("spoiler_text") or "")
    return {
        "id": number, "created_at": moment(now), "edited_at": None,
        "in_reply_to_id": None, "in_reply_to_account_id": None, "language": None,
        "sensitive": bool(warning) or given.get("sensitive") in (True, "true", "1"),
        "spoiler_text": warning, "visibility": given.get("visibility") or "public",
        "uri": f"{server}/users/{author}/statuses/{number}", "url": f"{server}/@{author}/{number}",
        "replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "quotes_count": 0,
        "favourited": False, "reblogged": False, "muted": False, "bookmarked": False,
        "pinned": False, "content": content(server, text), "filtered": [], "reblog": None,
        "application": {"name": "karnay", "website": None}, "account": account(server, author),
        "media_attachments": [], "mentions": [], "tags": _tags(server, text), "emojis": [],
        "card": None, "poll": _poll(number, now, given.get("poll")), "quote": None,
    }  # fmt: skip


def _poll(number: str, now: datetime, given: Any) -> dict[str, Any] | None:
    """The Poll, where a valid one was given."""
    if not isinstance(given, dict):
        return None
    options = [{"title": str(title), "votes_count": 0} for title in given.get("options", [])]
    ends = now + timedelta(seconds=int(given.get("expires_in", 0)))
    return {
        "id": number, "expires_at": moment(ends), "expired": False, "votes_count": 0,
        "multiple": given.get("multiple") is True, "voters_count": 0, "options": options,
        "emojis": [], "voted": True, "own_votes": [],
    }  # fmt: skip


def _tags(server: str, text: str) -> list[dict[str, str]]:
    names = [
        text[mark.start + 1 : mark.end].lower() for mark in detected(text) if mark.kind == "hashtag"
    ]
    return [{"name": name, "url": f"{server}/tags/{name}"} for name in dict.fromkeys(names)]


def content(server: str, text: str) -> str:
    """The text as the HTML that Mastodon makes of it."""
    marks = sorted(detected(text), key=lambda mark: mark.start)
    pieces, done = [], 0
    for mark in marks:
        pieces += [escape(text[done : mark.start]), _anchor(server, text, mark)]
        done = mark.end
    whole = str(Markup("").join([*pieces, escape(text[done:])]))
    paragraphs = whole.split("\n\n")
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs).replace("\n", "<br />")


def _anchor(server: str, text: str, mark: Mark) -> Markup:
    words = text[mark.start : mark.end]
    if mark.kind == "hashtag":
        return _HASHTAG.format(f"{server}/tags/{words[1:].lower()}", words[1:])
    if mark.kind == "mention":
        return escape(words)
    scheme, _, rest = words.partition("://")
    return _LINK.format(words, f"{scheme}://", rest)


_HASHTAG = Markup('<a href="{}" class="mention hashtag" rel="tag">#<span>{}</span></a>')
_LINK = Markup(
    '<a href="{}" target="_blank" rel="nofollow noopener" translate="no">'
    '<span class="invisible">{}</span><span class="">{}</span></a>'
)


def instance_v2(server: str) -> dict[str, Any]:
    """The Instance: https://docs.joinmastodon.org/entities/Instance/."""
    return {
        "domain": server.partition("://")[2], "title": "karnay's sandbox", "version": VERSION,
        "source_url": "https://github.com/mastodon/mastodon", "description": "",
        "usage": {"users": {"active_month": 1}}, "languages": ["en"], "rules": [],
        "configuration": {**CONFIGURATION, "urls": {}, "translation": {"enabled": False}},
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "api_versions": {"mastodon": 10}, "contact": {"email": "", "account": None},
    }  # fmt: skip


def instance_v1(server: str) -> dict[str, Any]:
    """The V1::Instance, which older clients ask for."""
    return {
        "uri": server.partition("://")[2], "title": "karnay's sandbox", "version": VERSION,
        "short_description": "", "description": "", "email": "", "urls": {}, "languages": ["en"],
        "stats": {"user_count": 1, "status_count": 0, "domain_count": 1}, "rules": [],
        "registrations": False, "approval_required": False, "configuration": CONFIGURATION,
    }  # fmt: skip
