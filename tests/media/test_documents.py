"""Documents: pages counted, sent as they are."""

from __future__ import annotations

from typing import Any

import pytest

from karnay.media.asset import Kind
from karnay.media.cabinet import Cabinet
from karnay.media.limits import DocumentLimits, MediaLimits
from media_files import document, photograph

LIMITS = MediaLimits(
    most=1, documents=DocumentLimits(("application/pdf",), max_bytes=10_000, max_pages=3)
)


def test_a_document_is_sent_as_it_is(make: Any, cabinet: Cabinet) -> None:
    made = make(document(3), LIMITS, name="report.pdf")
    assert (made.asset.kind, made.asset.name) == (Kind.DOCUMENT, "report.pdf")
    assert cabinet.path(made.asset.hash).read_bytes() == document(3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (document(4), "it has 4 pages; this network takes 3 at most"),
        (document() + b" " * 10_000, "this network takes 10 kB at most"),
        (document(0), "it has no page"),
        (document(password="secret"), "it is locked with a password: save it without"),
        (b"%PDF-1.7\nnothing else", "it cannot be read as a PDF"),
        (photograph(), "this network takes no pictures: leave it out there"),
    ],
)
def test_a_document_that_does_not_fit_is_said(content: bytes, says: str, make: Any) -> None:
    made = make(content, LIMITS)
    assert made.asset is None
    assert says in made.problems[0]
