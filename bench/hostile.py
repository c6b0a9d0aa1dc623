"""Texts of 10,000 characters on which a careless expression or loop takes quadratic time."""

from __future__ import annotations

SIZE = 10_000

_BEGINNINGS = {
    "a chain of labels after a protocol": "http://",
    "a path of parentheses": "https://example.com/",
    "a query of question marks": "https://example.com/?",
}
_REPEATED = {
    "a chain of labels": "а.б",
    "a chain of labels after a protocol": "a.",
    "a path of parentheses": "(a",
    "a query of question marks": "?!",
    "underscored labels": "a_b.com.",
    "top-level domains": "com.",
    "international domains": "рф.",
    "protocols": "http://",
    "half protocols": "://",
    "links": "https://example.com/a?b=c ",
    "bare domains": "example.com ",
    "e-mail addresses": "a@b.com,",
    "mentions": "@tict ",
    "mentions without spaces": "@tict",
    "mentions on servers": "@tict@example.com ",
    "at signs": "@",
    "hashtags": "#tag ",
    "hashtags without spaces": "#tag",
    "number signs": "#",
    "one hashtag": "ж",
    "cashtags": "$TWTR ",
    "slashes": "/a",
    "moments": "19:00 ",
    "combining marks": "\u0301",
    "decomposed letters": "e\u0301",
    "conjuncts": "क्",
    "families": "👨‍👩‍👧‍👦",
    "half flags": "🇺",
    "keycaps": "1️⃣",
    "joiners": "\u200d",
    "ideographs": "東京",
    "East Asian full stops": "東。",
    "right to left": "مؤتمر ",
    "bidi overrides": "\u202ea",
    "zeros": "\x00",
    "spaces": " ",
    "line ends": "\n",
    "full stops": ". ",
    "initials": "А. ",
    "quotation marks": "«",
    "one word": "a",
}


_MARKDOWN = {
    "brackets": "[",
    "brackets after at signs": "@[a",
    "closed brackets": "[]",
    "links that do not end": "[a](",
    "pictures that do not end": "![",
    "addresses in angle brackets that do not end": "[a](<b",
    "emphases within each other": "*_",
    "emphases that do not end": "**a",
    "strikes that do not end": "~~a",
    "code that does not end": "`a``",
    "list items": "- a\n",
    "numbered list items": "1. a\n",
    "lists within each other": "- ",
    "quotations within each other": "> ",
    "paragraphs": "a\n\n",
    "headings": "# a\n",
    "references": "[a]: b\n",
    "entities": "&amp;",
    "backslashes": "\\",
    "hard breaks": "a  \n",
}


def hostile(size: int = SIZE) -> dict[str, str]:
    """The texts by what they are."""
    return {
        name: (_BEGINNINGS.get(name, "") + piece * size)[:size] for name, piece in _REPEATED.items()
    } | {"one hashtag": "#" + "ж" * (size - 1)}


def hostile_markdown(size: int = SIZE) -> dict[str, str]:
    """These and those that are so only as Markdown."""
    opened = {name: (piece * size)[:size] for name, piece in _MARKDOWN.items()}
    nested = {"brackets within each other": "[" * (size // 2) + "]" * (size // 2)}
    return hostile(size) | opened | nested
