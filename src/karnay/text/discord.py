"""How Discord counts and reads the content of a message.

It is Markdown, in which a backslash makes any sign of it plain:
https://support.discord.com/hc/en-us/articles/210298617-Markdown-Text-101
The limit of 2,000 is of what is sent, backslashes included; its unit is not documented, so UTF-16
units are counted, of which a text never has fewer than characters:
https://docs.discord.com/developers/resources/webhook#execute-webhook
"""

from __future__ import annotations

import regex

from karnay.text.measure import Additive
from karnay.text.richtext import Kind, RichText, Span
from karnay.text.sizes import utf16_size

_TRAILING = ".,:;\"')]"
_ADDRESS = r"(?P<address>https?://[^\s<]++<?)"
_TOKEN = regex.compile(
    rf"{_ADDRESS}|(?P<lead>^[^\S\n]*+)(?P<block>[>#+-])|(?P<mark>[\\*_~`|<\[])", regex.MULTILINE
)
_ESCAPED = regex.compile(rf"{_ADDRESS}|\\(?P<char>[\\*_~`|<\[>#+-])")


def detect(text: str) -> tuple[Span, ...]:
    """The links: whole addresses, without the punctuation after them."""
    found = regex.finditer(_ADDRESS, text) if "://" in text else ()
    ends = ((it.start(), it.start() + len(it[0].rstrip("<").rstrip(_TRAILING))) for it in found)
    return tuple(Span(start, end, Kind.LINK, text[start:end]) for start, end in ends)


def escaped(text: str) -> str:
    """Plain text as a message that reads as itself; addresses stay whole."""
    return _TOKEN.sub(_plain, text)


def _plain(token: regex.Match[str]) -> str:
    if token["address"]:
        return token[0]
    return f"{token['lead'] or ''}\\{token['block'] or token['mark']}"


def unescaped(text: str) -> str:
    """What people read of such a message; the inverse of `escaped`."""
    return _ESCAPED.sub(lambda token: token["address"] or token["char"], text)


def _weights(rich: RichText) -> list[int]:
    """What each code point takes, its backslash included."""
    weights = [utf16_size(char) for char in rich.text]
    for token in _TOKEN.finditer(rich.text):
        if not token["address"]:
            weights[token.end() - 1] += 1
    return weights


measure = Additive(lambda rich: utf16_size(escaped(rich.text)), _weights)
"""UTF-16 units of the escaped text, the safe unit of the limit of 2,000."""
