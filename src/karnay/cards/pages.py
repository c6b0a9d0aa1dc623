"""What a web page says of itself: its Open Graph data, else its title and description.

https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards/overview/markup
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from karnay.cards.heads import head_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TITLE = 300
LONGEST_DESCRIPTION = 1000
"""Code points that are kept of what a page says of itself."""

_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_IMAGES = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_KNOWN = re.compile(r"utf-?8|utf-?16|iso-8859-|windows-\d|cp125|koi8-|gb|big5|shift|euc-|mac-")
"""Python's decoders that are encodings of web pages; others may take a second for a kilobyte."""

_LATIN = {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"}
"""Pages that say this mean windows-1252: https://encoding.spec.whatwg.org/#names-and-labels"""

_JOINERS = "\u200c\u200d"
_META = re.compile(rb"<meta[^>]+", re.IGNORECASE)
_HEAD = 4096  # bytes in which a page names its encoding; browsers look at 1024


@dataclass(frozen=True, slots=True)
class Described:
    """What a page says of itself, in one line each; `image` is a whole address or empty."""

    title: str = ""
    description: str = ""
    image: str = ""


def described(content: bytes, type_: str, address: str) -> Described:
    """What the page at that address says of itself; never raises for bad HTML.

    `type_` is the Content-Type that came with it, `content` may be cut off anywhere.
    """
    tree = LexborHTMLParser(head_tags(_text(content, type_)))
    said = _metas(tree)
    title = _first(said, _TITLES) or _of(tree, "title", None)
    image = _first(said, _IMAGES) or _of(tree, 'link[rel="image_src"]', "href")
    return Described(
        _line(title, LONGEST_TITLE),
        _line(_first(said, _DESCRIPTIONS), LONGEST_DESCRIPTION),
        _whole(image, address, _of(tree, "base", "href")),
    )


def _metas(tree: LexborHTMLParser) -> Mapping[str, str]:
    """The first content of each name."""
    said: dict[str, str] = {}
    for meta in tree.css("meta[content]"):
        name = meta.attributes.get("property") or meta.attributes.get("name") or ""
        content = (meta.attributes.get("content") or "").strip()
        if content:
            said.setdefault(name.strip().lower(), content)
    return said


def _first(said: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")


def _of(tree: LexborHTMLParser, selector: str, attribute: str | None) -> str:
    node = tree.css_first(selector)
    if node is None:
        return ""
    return (node.attributes.get(attribute) or "").strip() if attribute else node.text()


def one_line(text: str) -> str:
    """The text as one line of printable characters, and what joins them."""
    shown = (one if one.isprintable() or one in _JOINERS else " " for one in text)
    return " ".join("".join(shown).split())


def _line(text: str, longest: int) -> str:
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _whole(image: str, address: str, base: str) -> str:
    try:
        return urljoin(urljoin(address, base), image) if image else ""
    except ValueError:
        return ""


def _text(content: bytes, type_: str) -> str:
    """The page's text, in the encoding that its first bytes, its server or itself names."""
    label = _label(content, type_).lower()
    name = "windows-1252" if label in _LATIN else label if _KNOWN.match(label) else "utf-8"
    try:
        return content.decode(name, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _label(content: bytes, type_: str) -> str:
    for bom, name in _BOMS:
        if content.startswith(bom):
            return name
    served = _CHARSET.search(type_.encode("ascii", "replace"))
    if served:
        return served[1].decode("ascii", "replace")
    metas = (_CHARSET.search(meta) for meta in _META.findall(content[:_HEAD]))
    told = next((found[1].decode("ascii", "replace") for found in metas if found), "utf-8")
    return "utf-8" if told.lower().startswith("utf-16") else told  # or we could not have read it
