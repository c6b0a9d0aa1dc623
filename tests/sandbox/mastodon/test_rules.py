"""Which statuses Mastodon takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from karnay.sandbox.mastodon.rules import language, length, refusals

CASES = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "oracle.jsonl"
LINK = "https://example.org/a/very/long/path?with=a&query=too"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Hello", 5),
        ("a\u0301 \u0435\u0308", 3),
        ("👨‍👩‍👧‍👦🇺🇿", 2),
        (LINK, 23),
        (f"See {LINK}.", 28),
        ("https://example.org/" + "a" * 4096, 4116),
        ("example.org", 11),
        ("http://localhost:3000/path", 26),
        ("@tict@mastodon.example hi", 8),
        ("@tict hi", 8),
    ],
)
def test_a_text_is_counted_as_mastodon_does(text: str, units: int) -> None:
    assert length(text) == units


def test_a_content_warning_counts_with_its_links_whole() -> None:
    assert length("Hi", LINK) == 2 + len(LINK)


def test_nearly_all_texts_of_the_reference_program_count_the_same() -> None:
    if not CASES.exists():
        pytest.skip("the conformance cases are not beside the project")
    lines = CASES.read_text(encoding="utf-8").split("\n")
    cases = [json.loads(line) for line in lines if line]
    same = [length(case["text"]) == case["mastodon"]["length"] for case in cases]
    assert sum(same) >= 0.99 * len(cases)


def test_500_units_are_taken_and_501_refused() -> None:
    assert refusals({"status": "я" * 500}) == []
    assert refusals({"status": "я" * 501}) == ["Text character limit of 500 exceeded"]


@pytest.mark.parametrize("text", ["", " \n\u2028"])
def test_a_blank_text_is_refused(text: str) -> None:
    assert refusals({"status": text}) == ["Text can't be blank"]


def test_a_warning_alone_is_enough() -> None:
    assert refusals({"spoiler_text": "Flashing lights"}) == []


def test_all_reasons_are_told_at_once() -> None:
    assert len(refusals({"status": "", "visibility": "secret"})) == 2


@pytest.mark.parametrize(
    ("given", "kept"),
    [("uz", "uz"), ("zh-TW", "zh-TW"), ("English", None), (None, None), (7, None)],
)
def test_an_invalid_language_is_dropped(given: object, kept: str | None) -> None:
    assert language(given) == kept
