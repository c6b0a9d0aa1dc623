"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

import re

from karnay.media.asset import Kind

HEAD = 4096
"""Bytes from the beginning of a file that are enough to tell."""

HEIC = "image/heic"
GIF = "image/gif"
JPEG = "image/jpeg"
PDF = "application/pdf"
PNG = "image/png"
WEBP = "image/webp"

_SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WEBP),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), "image/tiff"),
    (re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), HEIC),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb".{4}ftypqt  |.{4}(?:moov|mdat|wide)", re.DOTALL), "video/quicktime"),
    (re.compile(rb".{4}ftyp(?!M4A |M4B |crx )", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}webm", re.DOTALL), "video/webm"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video/x-matroska"),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video/x-msvideo"),
    (re.compile(rb"OggS"), "video/ogg"),
    (re.compile(rb"\x47.{187}\x47", re.DOTALL), "video/mp2t"),
    (re.compile(rb".{0,1018}%PDF-", re.DOTALL), PDF),  # ISO 32000-1, annex H.3.4
)

_STRANGERS = (
    (rb"\s*$", "it is empty: save it again"),
    (rb"version https://git-lfs", "it stands for a file that was not fetched: run `git lfs pull`"),
    (rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<svg", "it is an SVG drawing: export it as PNG"),
    (rb"\s*<(?:!doctype html|html)", "it is a web page: download the picture itself"),
)
_STRANGE = "it is no picture, video or PDF that karnay knows: save it as JPEG, PNG, MP4 or PDF"


def sniffed(head: bytes) -> str:
    """The MIME type of a file that begins like this; empty where nobody can tell."""
    return next((mime for begins, mime in _SIGNATURES if begins.match(head)), "")


def kind_of(mime: str) -> Kind:
    """Which kind of file networks take that MIME type for."""
    family = mime.partition("/")[0]
    return Kind(family) if family in (Kind.IMAGE, Kind.VIDEO) else Kind.DOCUMENT


def stranger(head: bytes) -> str:
    """What to say of a file of no known kind, and what to do."""
    flags = re.DOTALL | re.IGNORECASE
    said = (says for begins, says in _STRANGERS if re.match(begins, head, flags))
    return next(said, _STRANGE)
