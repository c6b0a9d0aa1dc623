"""Documents (PDF): looked at, and sent as they are or not at all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from karnay.media.asset import Unfit
from karnay.media.limits import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karnay.media.limits import DocumentLimits


def check(file: Path, mime: str, limits: DocumentLimits) -> None:
    """Raises Unfit, with all that keeps the network from taking the document."""
    problems = tuple(_problems(file, mime, limits))
    if problems:
        raise Unfit(*problems)


def pages(file: Path) -> int:
    """How many pages a PDF has. Raises Unfit."""
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415 - pictures need not wait for it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every harmless slip
    try:
        reader = PdfReader(file)
        locked = reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED
        count = 0 if locked else len(reader.pages)
    except Exception as error:  # noqa: BLE001 - what it raises for bad files is not documented
        raise Unfit(f"it cannot be read as a PDF ({error}): save it again") from None
    if not count:
        raise Unfit("it is locked with a password: save it without" if locked else "it has no page")
    return count


def _problems(file: Path, mime: str, limits: DocumentLimits) -> Iterator[str]:
    if mime not in limits.formats:
        yield f"it is {mime}; this network takes {', '.join(limits.formats)}"
    size, count = file.stat().st_size, pages(file)
    if size > limits.max_bytes:
        yield f"it has {in_words(size)}; this network takes {in_words(limits.max_bytes)} at most"
    if limits.max_pages is not None and count > limits.max_pages:
        yield f"it has {count} pages; this network takes {limits.max_pages} at most"
