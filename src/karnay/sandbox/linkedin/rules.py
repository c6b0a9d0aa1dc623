"""What LinkedIn takes in a post:
https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#post-schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.sandbox.linkedin.asking import no

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.sandbox.http import Refusal
    from karnay.sandbox.linkedin.media import Shelf
    from karnay.sandbox.uploads import Upload

LONGEST, LONGEST_COMMENT, LONGEST_ALT = 3_000, 1_250, 4_086
LEAST_IMAGES, MOST_IMAGES = 2, 20
_REQUIRED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_KNOWN = frozenset((*_REQUIRED, "content", "isReshareDisabledByAuthor", "reshareContext"))
_CONTENT: Mapping[str, frozenset[str]] = {
    "media": frozenset({"id", "title", "altText"}),
    "multiImage": frozenset({"images", "altText"}),
    "article": frozenset({"source", "title", "description", "thumbnail"}),
}


def invalid(said: str, code: str = "INVALID_VALUE_FOR_FIELD") -> Refusal:
    """A value that a field cannot have."""
    return no(400, said, code)


def check(post: Mapping[str, Any]) -> None:
    """Refuse what is no post of an author, its files aside. Raises Refusal."""
    unknown = sorted(set(post) - _KNOWN)
    if unknown:
        listed = ",".join(f"/{name}" for name in unknown)
        said = f"Unpermitted fields present in REQUEST_BODY: processing fields [{listed}]"
        raise no(403, said, serviceErrorCode=100)
    for name in _REQUIRED:
        if name not in post:
            raise invalid(f"ERROR :: /{name} :: field is required but not found and has no default")
    check_text(post["commentary"], LONGEST, "commentary")
    if post["lifecycleState"] != "PUBLISHED":
        raise invalid("Only PUBLISHED is accepted as lifecycleState")
    _check_audience(post)


def check_text(text: Any, longest: int, name: str) -> None:
    """Refuse what is no text of that length, in UTF-16 units as they were sent."""
    if not isinstance(text, str):
        raise invalid(f"ERROR :: /{name} :: is not a string")
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > longest:
        said = f"/{name} exceeds the limit of {longest} characters"
        raise invalid(f"Field Value validation failed: {said}", "FIELD_LENGTH_TOO_LONG")


def _check_audience(post: Mapping[str, Any]) -> None:
    seen, is_member = post["visibility"], str(post["author"]).startswith("urn:li:person:")
    if seen not in ("PUBLIC", "LOGGED_IN") and not (seen == "CONNECTIONS" and is_member):
        raise invalid(f"ERROR :: /visibility :: {seen} is not a valid value")
    feed = post["distribution"]
    if not isinstance(feed, dict) or feed.get("feedDistribution") not in ("MAIN_FEED", "NONE"):
        raise invalid("ERROR :: /distribution/feedDistribution :: is not a valid value")


def files_of(post: Mapping[str, Any], shelf: Shelf) -> tuple[Upload, ...]:
    """The files that a post carries, described; of a card, its thumbnail. Raises Refusal."""
    content = post.get("content")
    if content is None:
        return ()
    if not isinstance(content, dict) or len(content) != 1 or next(iter(content)) not in _CONTENT:
        raise invalid("ERROR :: /content :: must hold one of media, multiImage, article")
    [(kind, held)] = content.items()
    if not isinstance(held, dict) or set(held) - _CONTENT[kind]:
        raise invalid(f"ERROR :: /content/{kind} :: is not a valid value")
    return _FILES[kind](held, str(post["author"]), shelf)


def _media(held: Mapping[str, Any], author: str, shelf: Shelf) -> tuple[Upload, ...]:
    urn, kind = str(held.get("id", "")), str(held.get("id", "::")).split(":")[2:3]
    if kind not in (["image"], ["video"], ["document"]):
        raise invalid(f"Invalid URN type: {urn}", "INVALID_URN_TYPE")
    if kind == ["document"] and not held.get("title"):
        raise invalid("ERROR :: /content/media/title :: field is required for documents")
    return (shelf.attached(urn, kind[0], author, _alt(held)),)


def _several(held: Mapping[str, Any], author: str, shelf: Shelf) -> tuple[Upload, ...]:
    images = held.get("images")
    if not isinstance(images, list) or not LEAST_IMAGES <= len(images) <= MOST_IMAGES:
        raise invalid(f"A multi-image post has {LEAST_IMAGES} to {MOST_IMAGES} images")
    return tuple(shelf.attached(one.get("id"), "image", author, _alt(one)) for one in images)


def _article(held: Mapping[str, Any], author: str, shelf: Shelf) -> tuple[Upload, ...]:
    if not held.get("source") or not held.get("title"):
        raise invalid("ERROR :: /content/article :: source and title are required")
    if not str(held["source"]).startswith(("https://", "http://")):
        raise invalid("ERROR :: /content/article/source :: is not a URL")
    thumbnail = held.get("thumbnail")
    return (shelf.attached(thumbnail, "image", author),) if thumbnail else ()


_FILES = {"media": _media, "multiImage": _several, "article": _article}


def _alt(held: Mapping[str, Any]) -> str:
    alt = held.get("altText", "")
    check_text(alt, LONGEST_ALT, "altText")
    return str(alt)
