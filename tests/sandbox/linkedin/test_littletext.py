"""Little text as LinkedIn reads it, cut without a word where it is not escaped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from karnay.sandbox.linkedin.littletext import kept, read

CASES = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "linkedin.jsonl"


def cases() -> list[Any]:
    if not CASES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{CASES} is missing"))]
    found = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return [pytest.param(case, id=case["id"]) for case in found if case["op"] == "parse"]


def words(expected: list[dict[str, str]]) -> str:
    return "".join(
        one.get("text") or one.get("mention") or f"#{one['hashtag']}" for one in expected
    )


@pytest.mark.parametrize("case", cases())
def test_it_is_read_as_documented(case: dict[str, Any]) -> None:
    assert read(case["text"])[0] == words(case["expected"])


@pytest.mark.parametrize("char", r"|{}@[]()<>*_~")
def test_it_ends_at_an_unescaped_character(char: str) -> None:
    assert read(f"before {char} after")[0] == "before "
    assert read(f"before \\{char} after")[0] == f"before {char} after"


@pytest.mark.parametrize(
    ("little", "kinds"),
    [
        ("#tag", ["hashtag"]),
        (r"{hashtag|\#|a\_b}", ["hashtag"]),
        ("@[Tashkent](urn:li:organization:1)", ["mention"]),
        ("https://example.org", ["link"]),
        (r"\#tag", []),
    ],
)
def test_entities_are_marked(little: str, kinds: list[str]) -> None:
    assert [mark.kind for mark in read(little)[1]] == kinds


def test_hashtags_come_back_as_templates() -> None:
    assert kept(r"Edited #DataOps \(1\) and (more)") == r"Edited {hashtag|\#|DataOps} \(1\) and "
