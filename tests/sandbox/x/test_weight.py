"""How X weighs a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from karnay.sandbox.x.weight import never_allowed, weight

CASES = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "oracle.jsonl"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Hello", 5),
        ("Тошкент", 7),
        ("e\u0301", 1),
        ("—“”", 3),
        ("€•…→™", 10),
        ("中文", 4),
        ("👨‍👩‍👧‍👦", 2),
        ("🇺🇿", 2),
        ("👍🏽", 2),
        ("❤️‍🔥", 2),
        ("1️⃣", 2),
        ("©", 1),
        ("https://example.org/" + "a" * 400, 23),
        ("example.org and x.ai", 51),
        ("http://localhost:3000", 21),
        ("press@tict.uz", 13),
        ("see https://a.uz/b.", 28),
    ],
)
def test_a_text_weighs_what_x_says(text: str, units: int) -> None:
    assert weight(text) == units


def test_nearly_all_texts_of_the_reference_program_weigh_the_same() -> None:
    if not CASES.exists():
        pytest.skip("the conformance cases are not beside the project")
    lines = CASES.read_text(encoding="utf-8").split("\n")
    cases = [json.loads(line) for line in lines if line]
    same = [weight(case["text"]) == case["x"]["weightedLength"] for case in cases]
    assert sum(same) >= 0.99 * len(cases)


@pytest.mark.parametrize("text", ["é" * 30_000, "a." * 10_000, "http://" + "a_" * 10_000])
@pytest.mark.timeout(5)
def test_a_long_text_is_weighed_at_once(text: str) -> None:
    assert weight(text) > 0


@pytest.mark.parametrize("text", ["\ufeffHi", "\ufffe", "\uffff"])
def test_some_characters_are_never_allowed(text: str) -> None:
    assert never_allowed(text)
