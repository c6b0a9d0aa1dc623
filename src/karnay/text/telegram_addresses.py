"""Where Telegram finds addresses, with and without a protocol, and e-mail addresses.

Follows `match_urls`, `match_tg_urls`, `fix_url` and `is_email_address` of
https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp (BSL-1.0).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from karnay.text.domains import TELEGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of general punctuation only the joiners and dashes belong to an address.
_NO_ADDRESS = r"\p{Z}\u2000-\u200b\u200e\u200f\u2016-\u206f"
_NO_DOMAIN = rf"\x00-,/:-@\[-\^`{{-}}\x7f-\xbf{_NO_ADDRESS}"
_NO_USER_DATA = rf"\n/\[\]{{}}()'`<>\"@«»{_NO_ADDRESS}"

_DOMAIN = regex.compile(rf"(?:[^{_NO_DOMAIN}]|@)*+")
_DOMAIN_ENDS_AT = regex.compile(rf"(?r)[{_NO_DOMAIN}]")
_USER_DATA_ENDS_AT = regex.compile(rf"(?r)[{_NO_USER_DATA}]")
_PATH = regex.compile(rf"[/?#][^\n<>\"«»{_NO_ADDRESS}]*+")
_PORT = re.compile(r":0*(?P<number>[1-9][0-9]{0,4})(?![0-9])")
_PROTOCOL = regex.compile(r"(?r)(?:[a-zA-Z0-9+\-]|[^\x00-\x7f\p{Z}])*+://")
_WORD_BEFORE = regex.compile(r"[\p{L}\p{N}_/#@]")
_PATH_BEGINS = re.compile(r"[/?#]")
_NO_PATH_END = ".:;,('?!`"
_OPENING, _CLOSING = "([{", ")]}"

_PROTOCOLS: tuple[tuple[str, frozenset[str]], ...] = (
    ("http", frozenset({"shttp"})),
    ("https", frozenset()),
    ("ftp", frozenset({"tftp", "sftp"})),
    ("tonsite", frozenset()),
)
_FULL_PROTOCOLS = (
    "http://",
    "https://",
    "ftp://",
    "tonsite://",
)
_HIGHEST_PORT = 65535
_LONGEST_LABEL = 63  # bytes of UTF-8
_OWN = re.compile(r"(?:tg|ton|tonsite)://[a-zA-Z0-9_-]{1,253}", re.IGNORECASE | re.ASCII)
_IP = re.compile(r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])", re.ASCII)
_EMAIL = re.compile(
    r"(?:[a-zA-Z0-9_-]{0,26}[.+]){0,10}[a-zA-Z0-9_-]{1,35}"
    r"@(?:(?:[a-zA-Z0-9][a-zA-Z0-9_-]{0,28})?[a-zA-Z0-9]\.){1,6}[a-zA-Z]{2,8}"
)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where each address begins and ends, in order; e-mail addresses are among them."""
    for start, end in _candidates(text) if "." in text else ():
        shown = _email_start(text, start, end)
        if shown is not None:
            yield shown, end
        elif (fixed := _fixed_end(text[start:end])) > 0:
            yield start, start + fixed


def own_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Addresses of Telegram's own protocols: `tg://resolve?domain=example`."""
    for match in _OWN.finditer(text) if "://" in text else ():
        yield match.start(), _path_end(text, match.end())


def is_email(address: str) -> bool:
    """Whether it is an e-mail address."""
    return _EMAIL.fullmatch(address) is not None


def _email_start(text: str, start: int, end: int) -> int | None:
    if text.find("@", start, end) < 0:
        return None
    bare = start + len("mailto:") if text.startswith("mailto:", start) else start
    return next((begin for begin in (start, bare) if is_email(text[begin:end])), None)


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Round each dot, what may be an address."""
    begin = 0  # what lies before was looked at
    while 0 <= (dot := text.find(".", begin)) < len(text) - 1:
        if text[dot + 1] == " ":
            begin = dot + 2
            continue
        start, end = _around(text, begin, dot)
        if start is not None and end > dot + 1:
            yield start, end
        begin = max(_next(text, end, good=start is not None), dot + 1)


def _next(text: str, end: int, *, good: bool) -> int:
    """Where to look on: after the address and dots, or after the last dot of what was none."""
    if not good:
        return text.rfind(".", 0, end) + 1
    while text.startswith(".", end):
        end += 1
    return end


def _around(text: str, begin: int, dot: int) -> tuple[int | None, int]:
    """The candidate round the dot; its start is None if it is none."""
    domain = _start(_DOMAIN_ENDS_AT, text, begin, dot)
    after = _DOMAIN.match(text, dot)
    domain_end = after.end() if after else dot
    has_at = text.find("@", dot, domain_end) >= 0
    if has_at:
        domain = _start(_USER_DATA_ENDS_AT, text, begin, domain)
    end = _end(text, domain_end, dot)
    return _with_user_data(text, begin, domain, has_at=has_at), end


def _start(stop: regex.Pattern[str], text: str, begin: int, place: int) -> int:
    """The place after the last character before `place` at which the pattern stops."""
    match = stop.search(text, begin, place)
    return match.end() if match else begin


def _end(text: str, place: int, dot: int) -> int:
    port = _PORT.match(text, place)
    if port and int(port["number"]) <= _HIGHEST_PORT:
        place = port.end()
    place = _path_end(text, place)
    while place > dot + 1 and text[place - 1] == ".":
        place -= 1
    return place


def _path_end(text: str, place: int) -> int:
    path = _PATH.match(text, place)
    if path is None:
        return place
    shown = len(path[0][0] + path[0][1:].rstrip(_NO_PATH_END))
    return place + shown if shown > 1 or path[0][0] == "/" else place


def _with_user_data(text: str, begin: int, start: int, *, has_at: bool) -> int | None:
    """Where the address begins, with `user:password@` and its protocol."""
    if start > begin and text[start - 1] == "@":
        user_data = _start(_USER_DATA_ENDS_AT, text, begin, start - 1)
        if has_at or user_data == start - 1:
            return None
        start = user_data
    return _with_protocol(text, begin, start)


def _with_protocol(text: str, begin: int, start: int) -> int | None:
    if start == begin:
        return start
    match = _PROTOCOL.search(text, begin, start)
    if match is None or match.end() != start or start - begin < len("ftp://"):
        return None if _WORD_BEFORE.match(text, start - 1) else start
    protocol = match[0].removesuffix("://").lower()
    return next(
        (
            start - len(f"{name}://")
            for name, others in _PROTOCOLS
            if protocol.endswith(name) and protocol not in others
        ),
        None,
    )


def _fixed_end(address: str) -> int:
    """The length of what of the candidate is an address; 0 if nothing is."""
    protocol = next((p for p in _FULL_PROTOCOLS if address.lower().startswith(p)), "")
    rest = address[len(protocol) :]
    path = _PATH_BEGINS.search(rest)
    path_start = path.start() if path else len(rest)
    if not _is_domain(_domain(rest[:path_start]), known=bool(protocol)):
        return 0
    return len(protocol) + path_start + len(_balanced(rest[path_start:]))


def _domain(authority: str) -> str:
    """Without what stands up to the first `@`, and from the last colon on."""
    user, at, host = authority.partition("@")
    named = host if at else user
    domain, colon, _ = named.rpartition(":")
    return domain if colon else named


def _balanced(path: str) -> str:
    """The path up to what closes a bracket that it did not open, without final punctuation."""
    open_ones = [0, 0, 0]
    for place, char in enumerate(path):
        if char in _OPENING:
            open_ones[_OPENING.index(char)] += 1
        elif char in _CLOSING:
            open_ones[_CLOSING.index(char)] -= 1
            if min(open_ones) < 0:
                path = path[:place]
                break
    return path.rstrip(_NO_PATH_END)


def _is_domain(domain: str, *, known: bool) -> bool:
    """Whether it is a domain; `known`: a protocol says so, and any top-level domain will do."""
    labels = domain.split(".")
    if len(labels) == 1 or domain.lower() == "teiegram.org" or not all(map(_is_label, labels)):
        return False
    if len(labels) == 4 and all(_IP.fullmatch(label) for label in labels):
        return True
    if not re.search(r"[^0-9.]", domain):
        return False
    return _is_top(labels[-1], known=known) and "_" not in labels[-2]


def _is_label(label: str) -> bool:
    return 0 < len(label.encode("utf-8", "surrogatepass")) <= _LONGEST_LABEL and label[-1] != "-"


def _is_top(label: str, *, known: bool) -> bool:
    if label.startswith("xn--"):
        return len(label) > 5 and re.fullmatch(r"[0-9A-Za-z]+", label[4:]) is not None
    if len(label) <= 1 or "_" in label or "-" in label:
        return False
    return known or _is_known(label)


def _is_known(label: str) -> bool:
    """Whether Telegram knows the domain, which may not begin with its only capital letter."""
    lower = label.lower()
    if lower != label and lower[1:] == label[1:]:
        return False
    return lower in TELEGRAM
